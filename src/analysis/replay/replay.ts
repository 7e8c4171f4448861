// How long a recorded request would have taken after a change. In: a request with its operations and callees, a change.
// Out: µs. Without a change it gives the recorded duration exactly, and shortening anything never makes a request longer.
//
// Each stretch of an operation begins a fixed time after everything that had finished before it did. The cause of a start is not recorded,
// so all earlier finishers count as possible causes, but those of branches that run beside it (causes.ts): predictions err on the small side.
// Not here: what waits for shared things (pool-queue.ts), what a change is good for (savings.ts).

import { PhaseIndex, type PhaseVector } from '../../model/row.ts';
import type { Change } from './change.ts';
import { PHASE_ORDER } from '../time/phases.ts';
import { isOwn, PHASE_COUNT, planOf, type ReplayPlan } from './replay-plan.ts';
import type { RequestNode } from '../sample/request-tree.ts';

/** µs from the start of the request to its end, after the change. `touched`: requests in whose trees it changes anything. */
export function replayUs(node: RequestNode, change: Change, touched?: ReadonlySet<RequestNode>): number {
  const { request } = node;
  if (touched !== undefined && !touched.has(node)) return request.durationUs;
  const plan = planOf(node, change.together);
  measure(node, plan, change, touched);
  const runUs = fastest(node, plan, change);
  const gapsUs = change.gapsUs.get(request.id) ?? 0;
  return gapsUs === 0 ? runUs : Math.max(0, runUs - Math.min(gapsUs, gapsOf(node)));
}

/** Starting operations together moves own code before them; where that code had run beside something else nothing is gained. */
function fastest(node: RequestNode, plan: ReplayPlan, { together }: Change): number {
  if (together.size === 0) return run(node, plan, NOTHING);
  const leaders = leadersOf(node, together);
  const runUs = run(node, plan, leaders);
  return leaders.size === 0 ? runUs : Math.min(runUs, run(node, plan, NOTHING));
}

const NOTHING: ReadonlyMap<number, number> = new Map();

/** Index of an operation → index of the one that it begins with. */
function leadersOf({ operations }: RequestNode, together: Change['together']): ReadonlyMap<number, number> {
  const leaders = new Map<number, number>();
  for (const [index, { id }] of operations.entries()) {
    const leader = together.get(id);
    if (leader !== undefined)
      leaders.set(
        index,
        operations.findIndex((other) => other.id === leader),
      );
  }
  return leaders;
}

function run({ request }: RequestNode, plan: ReplayPlan, leaders: ReadonlyMap<number, number>): number {
  const { count, starts, ends, causes, startUs, endUs, operation, leftUs, lessUs, lessAfterUs } = plan;
  const { begunUs, firstUs } = plan;
  const from = request.atUs;
  const to = from + request.durationUs;
  firstUs.fill(Number.NaN);
  let lastUs = from;
  let finishUs = from;
  let debtUs = 0;
  let ended = 0;
  let lastLessUs = 0;
  for (let nth = 0; nth <= count; nth++) {
    const step = nth < count ? (starts[nth] ?? 0) : -1;
    const untilUs = step < 0 ? to : (startUs[step] ?? 0);
    for (; ended < count; ended++) {
      const before = ends[ended] ?? 0;
      const beforeEndUs = endUs[before] ?? 0;
      if (beforeEndUs > untilUs) break;
      lastUs = beforeEndUs;
      lastLessUs = lessAfterUs[before] ?? 0;
      finishUs = Math.max(finishUs, (begunUs[before] ?? 0) + (leftUs[before] ?? 0));
    }
    if (step < 0) break;
    const owner = operation[step] ?? 0;
    const own = leaders.size === 0 ? causes[step] : undefined;
    if (own !== undefined) {
      begin(plan, step, Math.min(beganAfter(plan, step, own, from), afterLineUs(plan, step)));
      continue;
    }
    const delayUs = Math.max(0, Math.max(untilUs, from) - lastUs - lastLessUs - (lessUs[step] ?? 0));
    const leaderBegan = leaders.size === 0 ? Number.NaN : (firstUs[leaders.get(owner) ?? -1] ?? Number.NaN);
    const isFollower = leaderBegan === leaderBegan;
    // Own code is not parallel in one process: what ran before it runs anyway, before everything that comes after.
    if (isFollower) debtUs += delayUs;
    else {
      finishUs += debtUs;
      debtUs = 0;
    }
    begin(plan, step, isFollower ? leaderBegan : Math.min(finishUs + delayUs, afterLineUs(plan, step)));
  }
  return finishUs + debtUs + Math.max(0, to - lastUs - lastLessUs) - from;
}

function begin({ begunUs, firstUs, operation }: ReplayPlan, step: number, us: number): void {
  const owner = operation[step] ?? 0;
  begunUs[step] = us;
  if (Number.isNaN(firstUs[owner])) firstUs[owner] = us;
}

/** When it begins, because of some of the steps that had ended. */
function beganAfter(
  { startUs, endUs, leftUs, lessUs, lessAfterUs, begunUs }: ReplayPlan,
  step: number,
  causes: Int32Array,
  fromUs: number,
): number {
  let lastUs = fromUs;
  let lastLessUs = 0;
  let finishUs = fromUs;
  for (const cause of causes) {
    const causeEndUs = endUs[cause] ?? 0;
    finishUs = Math.max(finishUs, (begunUs[cause] ?? 0) + (leftUs[cause] ?? 0));
    if (causeEndUs < lastUs) continue;
    lastUs = causeEndUs;
    lastLessUs = lessAfterUs[cause] ?? 0;
  }
  return (
    finishUs + Math.max(0, Math.max(startUs[step] ?? 0, fromUs) - lastUs - lastLessUs - (lessUs[step] ?? 0))
  );
}

/**
 * When it begins at the latest, because its operation waits less in line: who held the connection till then is no cause any more.
 * Infinity where it waits as long as it did.
 */
function afterLineUs(
  { lineStep, startUs, endUs, leftUs, lessUs, begunUs }: ReplayPlan,
  step: number,
): number {
  const line = lineStep[step] ?? -1;
  const lineEndUs = endUs[line] ?? 0;
  const leftOfLineUs = leftUs[line] ?? 0;
  if (line < 0 || leftOfLineUs >= lineEndUs - (startUs[line] ?? 0)) return Number.POSITIVE_INFINITY;
  const ownUs = Math.max(0, (startUs[step] ?? 0) - lineEndUs - (lessUs[step] ?? 0));
  return (begunUs[line] ?? 0) + leftOfLineUs + ownUs;
}

/** What is left of each step, and what goes from the own code before it, and from the busy loop after it. */
function measure(
  node: RequestNode,
  plan: ReplayPlan,
  change: Change,
  touched: ReadonlySet<RequestNode> | undefined,
): void {
  const { count, operation, lengths, fromPhase, toPhase, gapPhase, leftUs, lessUs, lessAfterUs } = plan;
  let owner = -1;
  let left: PhaseVector = [];
  for (let step = 0; step < count; step++) {
    const next = operation[step] ?? 0;
    if (next !== owner) left = phasesLeft(node, next, change, touched);
    owner = next;
    const from = fromPhase[step] ?? 0;
    const to = toPhase[step] ?? 0;
    let us = 0;
    for (let place = from; place < to; place++) us += keptOf(lengths, owner, place, left);
    leftUs[step] = us;
    lessUs[step] = lessIn(lengths, owner, gapPhase[step] ?? 0, from, left);
    const isItsLast = step + 1 >= count || operation[step + 1] !== owner;
    lessAfterUs[step] = isItsLast ? lessIn(lengths, owner, to, PHASE_ORDER.length, left) : 0;
  }
}

/** Own code and busy loop between two places of an operation, as far as they go. */
function lessIn(
  lengths: Float64Array,
  owner: number,
  fromPlace: number,
  toPlace: number,
  left: PhaseVector,
): number {
  let us = 0;
  for (let place = fromPlace; place < toPlace; place++)
    if (isOwn(PHASE_ORDER[place] ?? 0))
      us += lengthAt(lengths, owner, place) - keptOf(lengths, owner, place, left);
  return us;
}

function lengthAt(lengths: Float64Array, operation: number, place: number): number {
  return lengths[operation * PHASE_COUNT + (PHASE_ORDER[place] ?? 0)] ?? 0;
}

function keptOf(lengths: Float64Array, operation: number, place: number, left: PhaseVector): number {
  return Math.min(lengthAt(lengths, operation, place), left[PHASE_ORDER[place] ?? 0] ?? 0);
}

const NO_VECTOR: PhaseVector = [];

/** A callee that got faster shortens the call: first the wait for its first byte, then the rest of the answer. */
function phasesLeft(
  node: RequestNode,
  index: number,
  change: Change,
  touched: ReadonlySet<RequestNode> | undefined,
): PhaseVector {
  const operation = node.operations[index];
  if (operation === undefined) return NO_VECTOR;
  const phases = change.phases.get(operation.id) ?? operation.phases;
  const callee = node.callees.get(operation.id);
  if (callee === undefined) return phases;
  let saved = callee.request.durationUs - replayUs(callee, change, touched);
  if (saved <= 0) return phases;
  const left = [...phases];
  for (const phase of [PhaseIndex.wait, PhaseIndex.receive]) {
    const less = Math.min(saved, left[phase] ?? 0);
    left[phase] = (left[phase] ?? 0) - less;
    saved -= less;
  }
  return left;
}

/** Own code, loop wait and unseen work of the request, in µs. */
function gapsOf({ request }: RequestNode): number {
  const [own = 0, loop = 0] = request.ownCategories;
  return own + loop + (request.ownCategories.at(-1) ?? 0);
}
