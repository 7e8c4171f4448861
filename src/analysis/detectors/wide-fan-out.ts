// D6: so many calls at once that they wait for each other, at the peer or before it.
// Evidence: calls of one statement of one request that are under way at the same moment, and that the last of them has its answer much later
// than the first, although all began together.
// Thresholds: ten at once (what a browser, a pool and a small service take without a line); the slowest takes three times as long as the
// fastest of them, in half of those requests; in 5 % of the requests of the endpoint.
// Cannot tell: where they wait, or whether the peer can answer for all of them in one call, which is what the prediction takes away: one way there
// and back, the work of the fastest of them, and a share of that for each other one. A limit alone saves no time of the request; it spares
// others. Left out: one call for each row of an answer (n-plus-one.ts), and calls to several peers.

import { formatDuration } from '../../base/numbers.ts';
import { emptyChange, NO_PHASES, withPhases, type Change } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import { peerOf } from '../sample/peers.ts';
import { endOf, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { isControl, shortStatement } from '../sample/statement-facts.ts';
import { meanOf, medianOf } from '../statistics/chances.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { fanOutFix } from './fixes.ts';

const LEAST_AT_ONCE = 10;
const TIMES_THE_FASTEST = 3;
const SLOW_SHARE = 0.5;
const LEAST_SHARE_OF_REQUESTS = 0.05;
/** Of the work of one call, what each further one costs in the call for all: as of a loop (replay/batch.ts). */
const ITEM_SHARE = { usual: 0.1, worst: 1, best: 0 } as const;

export const wideFanOut: Detector = {
  kind: 'wide-fan-out',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => wideOf(sample, nodes, occurrences) ?? []),
    ),
};

/** All began before the first had its answer. */
function areAtOnce(operations: readonly SampledOperation[]): boolean {
  const firstEndUs = Math.min(...operations.map(endOf));
  return operations.every(({ atUs }) => atUs < firstEndUs);
}

function isUneven({ operations }: Occurrence): boolean {
  const lengths = operations.map(({ durationUs }) => durationUs);
  return Math.max(...lengths) >= TIMES_THE_FASTEST * Math.min(...lengths);
}

function wideOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  occurrences: readonly Occurrence[],
): Suspicion | undefined {
  const at = occurrences[0]?.operations[0];
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined || isControl(at)) return undefined;
  const wide = occurrences.filter(
    ({ operations }) => operations.length >= LEAST_AT_ONCE && areAtOnce(operations),
  );
  if (wide.length === 0 || wide.length < LEAST_SHARE_OF_REQUESTS * nodes.length) return undefined;
  if (wide.filter(isUneven).length < SLOW_SHARE * wide.length) return undefined;
  const operations = wide.flatMap((each) => each.operations);
  const calls = Math.round(meanOf(wide.map((each) => each.operations.length)));
  const [fastest, slowest] = [Math.min, Math.max].map((pick) =>
    formatDuration(
      medianOf(wide.map((each) => pick(...each.operations.map(({ durationUs }) => durationUs)))),
    ),
  );
  return {
    kind: 'wide-fan-out',
    title: `${shortStatement(at)}, ${calls} at once: the first has its answer after ${fastest}, the last after ${slowest}`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(operations)),
    requests: wide.map(({ node }) => node),
    lookedAt: nodes.length,
    change: asOne(sample, wide, ITEM_SHARE.usual),
    least: asOne(sample, wide, ITEM_SHARE.worst),
    most: asOne(sample, wide, ITEM_SHARE.best),
    confidence: 'medium',
    count: {
      name: 'calls at once',
      of: ({ operations: own }) => own.filter((each) => isLike(each, at)).length,
    },
    fix: fanOutFix(at),
  };
}

function isLike(one: SampledOperation, other: SampledOperation): boolean {
  return one.statement === other.statement && one.dependency === other.dependency;
}

function asOne(sample: Sample, wide: readonly Occurrence[], itemShare: number): Change {
  const change = emptyChange();
  for (const { operations } of wide) {
    const [first, ...others] = operations;
    if (first === undefined) continue;
    const { roundTripUs } = peerOf(sample, first);
    const lengths = operations.map(({ durationUs }) => durationUs);
    const workUs = Math.max(0, Math.min(...lengths) - roundTripUs);
    const oneUs = roundTripUs + workUs * (1 + itemShare * others.length);
    const wait = Math.round(Math.min(Math.max(...lengths), oneUs));
    change.phases.set(first.id, withPhases(NO_PHASES, { wait }));
    for (const { id } of others) change.phases.set(id, NO_PHASES);
  }
  return change;
}
