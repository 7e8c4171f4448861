// D13: a query that stands out among those to the same database, and takes much of its endpoint.
// Evidence: the time between sending it and its last byte, against the usual statement of the same service to the same database in
// the same minutes. A busy machine or a long way makes all of them slow alike, and none stands out.
// Thresholds: its fastest quarter takes three times what that of the usual statement does, and more than 3 ms more (a join of several tables may take twice as
// long as a look-up by key), or its median five times the usual one; and it is more than half of the endpoint's time, alone or with others that stand out as well (a page and the count of its pages),
// of which each takes a fifth: a ceiling does not say how fast a query could be, so it is said only where these queries are the answer to why
// the endpoint is slow. What the endpoint waits for the event loop is the doing of other requests, and not counted.
// Cannot tell: how fast it could be. What is shown is the ceiling: everything beyond one round trip gone. Ranked at half of it.
// Only databases and caches: how long another company's API takes is theirs, and a traced service has findings of its own.

import { CategoryIndex } from '../../model/category.ts';
import { emptyChange, wireUs, withPhases } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import { FAST_SHARE, peerOf } from '../sample/peers.ts';
import type { RequestNode, SampledOperation, SampledRequest } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { isControl, isRead, shortStatement } from '../sample/statement-facts.ts';
import { medianOf, quantileOf } from '../statistics/chances.ts';
import { formatDuration } from '../../base/numbers.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { slowFix } from './fixes.ts';

const TIMES_THE_USUAL = 3;
/** Medians also say how busy the machine was, of both alike but not quite. */
const TIMES_THE_USUAL_MEDIAN = 5;
const LEAST_MORE_US = 3000;
const LEAST_SHARE_OF_ENDPOINT = 0.5;
const LEAST_SHARE_OF_ONE = 0.2;

export const slowOperation: Detector = {
  kind: 'slow-operation',
  detect: (sample) => byEndpoint(sample, (nodes) => slowIn(sample, nodes)),
};

/** One statement of an endpoint that stands out. */
interface Slow {
  readonly occurrences: readonly Occurrence[];
  readonly operations: readonly SampledOperation[];
  readonly at: SampledOperation;
  readonly medianUs: number;
  /** What the requests took for it, µs in all. */
  readonly takesUs: number;
}

function slowIn(sample: Sample, nodes: readonly RequestNode[]): Suspicion[] {
  const allUs = nodes.reduce((sum, { request }) => sum + withoutLoopUs(request), 0);
  const slow = [...occurrencesOf(nodes).values()]
    .flatMap((occurrences) => slowOf(sample, occurrences) ?? [])
    .filter(({ takesUs }) => takesUs >= LEAST_SHARE_OF_ONE * allUs);
  const togetherUs = slow.reduce((sum, { takesUs }) => sum + takesUs, 0);
  if (togetherUs < LEAST_SHARE_OF_ENDPOINT * allUs) return [];
  return slow.flatMap((each) => suspicionOf(sample, nodes, each) ?? []);
}

function withoutLoopUs({ durationUs, ownCategories }: SampledRequest): number {
  return Math.max(0, durationUs - (ownCategories[CategoryIndex.loop] ?? 0));
}

function isQuery(operation: SampledOperation): boolean {
  const isOurs = operation.category === 'db' || operation.category === 'cache';
  return operation.role === 'work' && isOurs && !isControl(operation);
}

function wireOf({ phases }: SampledOperation): number {
  return wireUs(phases);
}

function slowOf(sample: Sample, occurrences: readonly Occurrence[]): Slow | undefined {
  const operations = occurrences.flatMap((each) => each.operations);
  const [at] = operations;
  if (at === undefined || !isQuery(at) || !isRead(at)) return undefined;
  const wires = operations.map(wireOf);
  const { usualFastUs, usualUs } = peerOf(sample, at);
  const medianUs = medianOf(wires);
  const isSlow = standsOut(quantileOf(wires, FAST_SHARE), usualFastUs, TIMES_THE_USUAL);
  // A search that ends with the first ten rows is fast for some words.
  if (!isSlow && !standsOut(medianUs, usualUs, TIMES_THE_USUAL_MEDIAN)) return undefined;
  const takesUs = operations.reduce((sum, { exclusiveUs }) => sum + exclusiveUs, 0);
  return { occurrences, operations, at, medianUs, takesUs };
}

function standsOut(us: number, usualUs: number, times: number): boolean {
  return us >= times * usualUs && us > usualUs + LEAST_MORE_US;
}

function suspicionOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  { occurrences, operations, at, medianUs }: Slow,
): Suspicion | undefined {
  const endpoint = nodes[0]?.request;
  if (endpoint === undefined) return undefined;
  const { roundTripUs } = peerOf(sample, at);
  const change = emptyChange();
  for (const { id, phases } of operations) {
    const leftUs = Math.min(roundTripUs, wireUs(phases));
    change.phases.set(id, withPhases(phases, { send: 0, wait: leftUs, receive: 0 }));
  }
  return {
    kind: 'slow-operation',
    title: `${shortStatement(at)} takes ${formatDuration(medianUs)} each time`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(operations)),
    requests: occurrences.map(({ node }) => node),
    lookedAt: nodes.length,
    change,
    confidence: 'medium',
    isCeiling: true,
    fix: slowFix(at),
  };
}
