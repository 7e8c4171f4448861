// D15: an answer so large that receiving it takes much of the call.
// Evidence: bytes that came in, and the measured time from the first to the last of them.
// Thresholds: half of the answers have 100 KB and more, and receiving takes a fifth of the time on the wire and 2 ms (on one host, where
// bytes cost next to nothing, nothing is said).
// Cannot tell: how much of it is needed. What is shown is the ceiling: an answer of 16 KB. A download that is meant to be large looks the same.

import { formatBytes, formatDuration } from '../../base/numbers.ts';
import { PhaseIndex } from '../../model/row.ts';
import { emptyChange, wireUs, withPhases, type Change } from '../change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../occurrences.ts';
import type { RequestNode, SampledOperation } from '../request-tree.ts';
import { isControl, shortStatement } from '../statement-facts.ts';
import { medianOf } from '../statistics.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { largeAnswerFix } from './fixes.ts';

const LEAST_BYTES = 100_000;
const LEAST_SHARE = 0.2;
const LEAST_US = 2000;
/** About one round trip's worth: the initial window of TCP. */
const SMALL_BYTES = 16_384;

export const largeAnswer: Detector = {
  kind: 'large-answer',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => largeOf(nodes, occurrences) ?? []),
    ),
};

function receiveUs({ phases }: SampledOperation): number {
  return phases[PhaseIndex.receive] ?? 0;
}

function largeOf(nodes: readonly RequestNode[], occurrences: readonly Occurrence[]): Suspicion | undefined {
  const operations = occurrences.flatMap((each) => each.operations);
  const [at] = operations;
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined || isControl(at)) return undefined;
  const bytes = medianOf(operations.map(({ bytesIn }) => bytesIn));
  const receivesUs = medianOf(operations.map(receiveUs));
  const wiresUs = medianOf(operations.map(({ phases }) => wireUs(phases)));
  if (bytes < LEAST_BYTES || receivesUs < LEAST_US || receivesUs < LEAST_SHARE * wiresUs) return undefined;
  return {
    kind: 'large-answer',
    title: `${shortStatement(at)} returns ${formatBytes(bytes)} each time: receiving it takes ${formatDuration(receivesUs)}`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(operations)),
    requests: occurrences.map(({ node }) => node),
    lookedAt: nodes.length,
    change: smaller(operations, ({ bytesIn }) => SMALL_BYTES / bytesIn),
    least: smaller(operations, () => 0.5),
    confidence: 'medium',
    isCeiling: true,
    fix: largeAnswerFix(at),
  };
}

function smaller(
  operations: readonly SampledOperation[],
  shareLeft: (operation: SampledOperation) => number,
): Change {
  const change = emptyChange();
  for (const operation of operations) {
    const receive = Math.round(receiveUs(operation) * Math.min(1, shareLeft(operation)));
    change.phases.set(operation.id, withPhases(operation.phases, { receive }));
  }
  return change;
}
