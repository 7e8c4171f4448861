// D26: a database, a cache or a service of one's own so far away that the way there and back is much of each call, asked several times a request.
// Evidence: opening a TCP connection is one way there and back and nothing else. Where fewer than three were seen to be opened nothing is said:
// the fastest answers may have their work in them, too. But no answer is faster than the way.
// Thresholds: 5 ms (within a data centre it is below 1, between zones of a region below 2); two calls a request; together a fifth of the request.
// Cannot tell: whether it can be moved nearer. The prediction is half a millisecond for each way; hosts outside are left out, nobody moves them.

import { formatDuration, formatRate } from '../../base/numbers.ts';
import { PhaseIndex } from '../../model/row.ts';
import { emptyChange, wireUs, withPhases, type Change } from '../replay/change.ts';
import { lineOf, usualCallSite } from '../sample/occurrences.ts';
import { groupBy, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import { connectKey, type Sample } from '../sample/sample.ts';
import { quantileOf } from '../statistics/chances.ts';
import type { Detector, Steps, Suspicion } from './detector.ts';
import { farFix } from './fixes.ts';

const LEAST_US = 5000;
const LEAST_TRIPS = 2;
const LEAST_SHARE = 0.2;
/** What is left of a way within a zone. */
const NEAR_US = 500;
/** One connection may have been opened at a bad moment. */
const LEAST_CONNECTS = 3;
/** One answer may have been noted late on both sides. */
const FASTEST_SHARE = 0.05;

export const farDependency: Detector = { kind: 'far-dependency', detect: farOf };

function* farOf(sample: Sample): Steps {
  for (const [service, nodes] of groupBy(sample.nodes, ({ request }) => request.service)) {
    const operations = nodes.flatMap((node) => node.operations.filter(isOurs));
    for (const asked of groupBy(operations, ({ dependency }) => dependency).values())
      yield* suspicionOf(sample, service, asked);
    yield undefined;
  }
}

function isOurs({ category }: SampledOperation): boolean {
  return category !== 'ext';
}

/** `asked`: what one service asks of one dependency. */
function suspicionOf(sample: Sample, service: string, asked: readonly SampledOperation[]): Suspicion[] {
  const [at] = asked;
  const connects = sample.connects.get(connectKey(service, at?.dependency ?? ''));
  if (at === undefined || connects === undefined) return [];
  const wayUs = Math.min(connects.leastUs, fastestUs(asked));
  if (connects.count < LEAST_CONNECTS || wayUs < LEAST_US) return [];
  const requests = new Set(asked.flatMap(({ id }) => sample.byOperation.get(id) ?? []));
  const endpoints = [...groupBy(requests, ({ request }) => `${request.method}\n${request.route}`).values()];
  const far = endpoints.filter((nodes) => isMostly(nodes, at.dependency, wayUs)).flat();
  const [first] = far;
  if (first === undefined) return [];
  const operations = far.flatMap((node) => tripsIn(node, at.dependency));
  const trips = formatRate(operations.length / far.length);
  return [
    {
      kind: 'far-dependency',
      title: `${at.dependency} is ${formatDuration(wayUs)} away: a request goes there and back ${trips} times`,
      endpoint: first.request,
      at,
      callSite: lineOf(usualCallSite(operations)),
      requests: far,
      lookedAt: far.length,
      change: nearer(operations, wayUs - NEAR_US),
      least: nearer(operations, wayUs / 2),
      confidence: 'medium',
      fix: farFix(at.dependency, wayUs),
    },
  ];
}

/** No answer is faster than the way: connections that are opened while a machine is busy with starting all take long. */
function fastestUs(asked: readonly SampledOperation[]): number {
  const seen = asked.filter((each) => isTrip(each) && (each.phases[PhaseIndex.deliver] ?? 0) < waitOf(each));
  return quantileOf(
    seen.map(({ phases }) => wireUs(phases)),
    FASTEST_SHARE,
  );
}

function isMostly(nodes: readonly RequestNode[], dependency: string, wayUs: number): boolean {
  const trips = nodes.reduce((sum, node) => sum + tripsIn(node, dependency).length, 0);
  const totalUs = nodes.reduce((us, { request }) => us + request.durationUs, 0);
  return trips >= LEAST_TRIPS * nodes.length && trips * wayUs >= LEAST_SHARE * totalUs;
}

/** Those that the request waited for. */
function tripsIn({ operations }: RequestNode, dependency: string): readonly SampledOperation[] {
  return operations.filter((each) => each.dependency === dependency && isTrip(each) && each.exclusiveUs > 0);
}

function isTrip({ role }: SampledOperation): boolean {
  return role === 'work';
}

function waitOf({ phases }: SampledOperation): number {
  return phases[PhaseIndex.wait] ?? 0;
}

function nearer(operations: readonly SampledOperation[], lessUs: number): Change {
  const change = emptyChange();
  for (const operation of operations) {
    const wait = Math.max(0, Math.round(waitOf(operation) - lessUs));
    change.phases.set(operation.id, withPhases(operation.phases, { wait }));
  }
  return change;
}
