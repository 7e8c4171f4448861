// D17: answers that come 40 ms late, some of the time: Nagle's algorithm on one side, delayed acknowledgement on the other.
// Evidence: the waits of one statement have a spike 38 to 44 ms above their usual value, five times what lies beside it. Linux delays an
// acknowledgement by 40 ms at least; work of any kind spreads over all values.
// Thresholds: 20 such answers and 3 % of the calls, so that a few slow answers that happen to take 40 ms are none.
// Cannot tell: which side sends in two pieces (the writes of one message are not kept apart), or a timer of 40 ms in the peer:
// confidence is medium, and where nearly every call takes 40 ms nothing is said: that is how long the peer takes, as far as can be seen.

import { PhaseIndex } from '../../model/row.ts';
import { formatWholeShare } from '../../base/numbers.ts';
import { emptyChange, withPhases } from '../change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../occurrences.ts';
import type { RequestNode, SampledOperation } from '../request-tree.ts';
import { shortStatement } from '../statement-facts.ts';
import { medianOf } from '../statistics.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { stallFix } from './fixes.ts';

const STALL_US = { from: 38_000, to: 44_000 } as const;
const WIDTH_US = STALL_US.to - STALL_US.from;
const LEAST_STALLS = 20;
const LEAST_SHARE = 0.03;
/** Calls that do not pause: a peer that always takes 40 ms has hardly any. */
const LEAST_USUAL = 0.1;
/** Times the mean of the two stretches of the same width beside it. */
const LEAST_EXCESS = 5;

export const stall: Detector = {
  kind: 'stall-40-ms',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => stalled(nodes, occurrences) ?? []),
    ),
};

interface Wait {
  readonly node: RequestNode;
  readonly operation: SampledOperation;
  /** For the first byte, without what a traced callee needed. */
  readonly us: number;
}

function stalled(nodes: readonly RequestNode[], occurrences: readonly Occurrence[]): Suspicion | undefined {
  const waits = occurrences.flatMap(({ node, operations }) =>
    operations.map((operation): Wait => ({ node, operation, us: waitOf(node, operation) })),
  );
  const usual = waits.map(({ us }) => us).filter((us) => us < STALL_US.from);
  if (usual.length < LEAST_USUAL * waits.length) return undefined;
  const usualUs = medianOf(usual);
  const countIn = (fromUs: number): Wait[] =>
    waits.filter(({ us }) => us - usualUs >= fromUs && us - usualUs < fromUs + WIDTH_US);
  const stalls = countIn(STALL_US.from);
  const beside = (countIn(STALL_US.from - WIDTH_US).length + countIn(STALL_US.to).length) / 2;
  const [first] = stalls;
  const endpoint = nodes[0]?.request;
  if (first === undefined || endpoint === undefined) return undefined;
  if (stalls.length < Math.max(LEAST_STALLS, LEAST_SHARE * waits.length)) return undefined;
  if (stalls.length < LEAST_EXCESS * Math.max(1, beside)) return undefined;
  const change = emptyChange();
  for (const { operation, us } of stalls) {
    const wait = Math.max(0, (operation.phases[PhaseIndex.wait] ?? 0) - Math.round(us - usualUs));
    change.phases.set(operation.id, withPhases(operation.phases, { wait }));
  }
  return {
    kind: 'stall-40-ms',
    title: `${shortStatement(first.operation)} pauses 40 ms on ${formatWholeShare(stalls.length / waits.length)} of calls`,
    endpoint,
    at: first.operation,
    callSite: lineOf(usualCallSite(stalls.map(({ operation }) => operation))),
    requests: [...new Set(stalls.map(({ node }) => node))],
    lookedAt: nodes.length,
    change,
    confidence: 'medium',
    fix: stallFix(),
  };
}

function waitOf(node: RequestNode, operation: SampledOperation): number {
  const callee = node.callees.get(operation.id)?.request.durationUs ?? 0;
  return Math.max(0, (operation.phases[PhaseIndex.wait] ?? 0) - callee);
}
