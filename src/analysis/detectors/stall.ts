// D17: answers that come 40 ms late, some of the time: Nagle's algorithm on one side, delayed acknowledgement on the other.
// Evidence: the waits of one statement have a spike 38 to 50 ms above their usual value (Linux delays an acknowledgement by 40 ms at least,
// and a busy loop adds some), and the late ones are those that left in more than one write: between their first and last byte is time.
// Or the answers arrive in two pieces with 40 ms between: then the peer is the one who writes twice.
// Thresholds: chance does it once in 10 000 times: that so many of the late ones are in the middle of three equal stretches, and that they
// are those which left in more than one write; 3 % of the calls.
// Calls in one piece that are late as often, and a peer that always takes 40 ms, are none: that is how long the peer takes.

import { PhaseIndex, type PhaseVector } from '../../model/row.ts';
import { formatWholeShare } from '../../base/numbers.ts';
import { emptyChange, withPhases } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import { shortStatement } from '../sample/statement-facts.ts';
import { medianOf, tailChance } from '../statistics/chances.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { stallFix } from './fixes.ts';

const STALL_US = { from: 38_000, to: 50_000 } as const;
const WIDTH_US = STALL_US.to - STALL_US.from;
/** That so many of the late answers fall into the stretch, when the two beside it are as likely, and just those that were split. */
const CHANCE = 1e-4;
const LEAST_SHARE = 0.03;
/** Times the mean of the two stretches of the same width beside it. */
const LEAST_EXCESS = 5;
/** Calls that do not pause: a peer that always takes 40 ms has hardly any. */
const LEAST_USUAL = 0.1;
/** Of the late ones left in more than one write; of those in one write a tenth of that share may be late. */
const SPLIT_SHARE = 0.9;
const WHOLE_SHARE = 0.1;
/** An answer of one segment or a few: of a large one the window of TCP may be what is waited for. */
const SMALL_ANSWER_BYTES = 16_384;

export const stall: Detector = {
  kind: 'stall-40-ms',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => stalled(nodes, occurrences) ?? []),
    ),
};

/** Where the 40 ms are: before the first byte, because our message leaves in two pieces; or after it, because the answer does. */
type Side = 'wait' | 'receive';

interface Pause {
  readonly node: RequestNode;
  readonly operation: SampledOperation;
  readonly us: number;
}

function stalled(nodes: readonly RequestNode[], occurrences: readonly Occurrence[]): Suspicion | undefined {
  return stalledAt('wait', nodes, occurrences) ?? stalledAt('receive', nodes, occurrences);
}

function stalledAt(
  side: Side,
  nodes: readonly RequestNode[],
  occurrences: readonly Occurrence[],
): Suspicion | undefined {
  const pauses = occurrences.flatMap(({ node, operations }) =>
    operations.map((operation): Pause => ({ node, operation, us: pauseOf(side, node, operation) })),
  );
  const usual = pauses.map(({ us }) => us).filter((us) => us < STALL_US.from);
  if (usual.length < LEAST_USUAL * pauses.length) return undefined;
  const usualUs = medianOf(usual);
  const within = (fromUs: number): Pause[] =>
    pauses.filter(({ us }) => us - usualUs >= fromUs && us - usualUs < fromUs + WIDTH_US);
  const stalls = within(STALL_US.from);
  const beside = within(STALL_US.from - WIDTH_US).length + within(STALL_US.to).length;
  if (stalls.length < LEAST_EXCESS * Math.max(1, beside / 2)) return undefined;
  const chance = tailChance(stalls.length, stalls.length + beside, 1 / 3);
  const [first] = stalls;
  const endpoint = nodes[0]?.request;
  if (first === undefined || endpoint === undefined || stalls.length < LEAST_SHARE * pauses.length)
    return undefined;
  if (chance * (side === 'wait' ? splitChance(pauses, stalls) : 1) > CHANCE) return undefined;
  if (!(side === 'wait' ? areSplit(pauses, stalls) : stalls.every(isSmall))) return undefined;
  const change = emptyChange();
  for (const { operation, us } of stalls)
    change.phases.set(operation.id, withoutPause(side, operation.phases, Math.round(us - usualUs)));
  return {
    kind: 'stall-40-ms',
    title: `${shortStatement(first.operation)} pauses 40 ms on ${formatWholeShare(stalls.length / pauses.length)} of calls`,
    endpoint,
    at: first.operation,
    callSite: lineOf(usualCallSite(stalls.map(({ operation }) => operation))),
    requests: [...new Set(stalls.map(({ node }) => node))],
    lookedAt: nodes.length,
    change,
    confidence: 'medium',
    fix: stallFix(side === 'receive'),
  };
}

/** Without what a traced callee needed. A busy loop that took a late answer for one of its own delays is part of the wait. */
function pauseOf(side: Side, node: RequestNode, { id, phases }: SampledOperation): number {
  if (side === 'receive') return phases[PhaseIndex.receive] ?? 0;
  const callee = node.callees.get(id)?.request.durationUs ?? 0;
  return Math.max(0, (phases[PhaseIndex.wait] ?? 0) + (phases[PhaseIndex.deliver] ?? 0) - callee);
}

/** What is left of the phases when the pause is `lessUs` shorter. */
function withoutPause(side: Side, phases: PhaseVector, lessUs: number): PhaseVector {
  const us = phases[PhaseIndex[side]] ?? 0;
  const left = Math.max(0, us - lessUs);
  const deliver = Math.max(
    0,
    (phases[PhaseIndex.deliver] ?? 0) - (side === 'wait' ? lessUs - (us - left) : 0),
  );
  return withPhases(phases, { [side]: left, deliver });
}

/** That the late ones are all split when any of the calls could be late. */
function splitChance(pauses: readonly Pause[], stalls: readonly Pause[]): number {
  const split = pauses.filter(isSplit).length;
  return stalls
    .filter(isSplit)
    .reduce((chance, _, index) => chance * Math.min(1, (split - index) / (pauses.length - index)), 1);
}

/** The late ones are those in more than one write. */
function areSplit(pauses: readonly Pause[], stalls: readonly Pause[]): boolean {
  const late = new Set(stalls);
  const split = pauses.filter(isSplit);
  const whole = pauses.filter((pause) => !isSplit(pause));
  const lateShare = (some: readonly Pause[]): number =>
    some.filter((pause) => late.has(pause)).length / Math.max(1, some.length);
  return (
    stalls.filter(isSplit).length >= SPLIT_SHARE * stalls.length &&
    lateShare(whole) <= WHOLE_SHARE * lateShare(split)
  );
}

function isSplit({ operation }: Pause): boolean {
  return (operation.phases[PhaseIndex.send] ?? 0) > 0;
}

function isSmall({ operation }: Pause): boolean {
  return operation.bytesIn <= SMALL_ANSWER_BYTES;
}
