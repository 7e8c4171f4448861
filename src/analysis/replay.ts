// How long a recorded request would have taken after a change. In: a request with its operations and callees, a change.
// Out: µs. Without a change it gives the recorded duration exactly, and shortening anything never makes a request longer.
//
// Each stretch of an operation begins a fixed time after everything that had finished before it did (the cause of a start is
// not recorded, so all earlier finishers count as possible causes: predictions err on the small side).
// Not here: what waits for shared things (pool-queue.ts), what a change is good for (savings.ts).

import { PhaseIndex, type PhaseVector } from '../model/row.ts';
import type { Change } from './change.ts';
import { PHASE_ORDER } from './phases.ts';
import type { RequestNode, SampledOperation } from './request-tree.ts';

/** A stretch in which an operation is outstanding. */
interface Step {
  readonly startUs: number;
  readonly endUs: number;
  /** What is left of its length. */
  readonly leftUs: number;
  /** Goes from the time before it, which the operation itself had spent on its own code. */
  readonly lessBeforeUs: number;
  /** Begins with the step of that operation: 0 after what came before. */
  readonly leader: number;
  readonly operation: number;
}

/** µs from the start of the request to its end, after the change. */
export function replayUs(node: RequestNode, change: Change): number {
  const { request } = node;
  const steps = node.operations.flatMap((operation) => stepsOf(node, operation, change));
  const endUs = request.atUs + request.durationUs;
  const waitedFor = steps.filter((step) => step.endUs <= endUs && step.endUs > request.atUs);
  const runUs = fastest(waitedFor, request.atUs, endUs);
  const gapsUs = change.gapsUs.get(request.id) ?? 0;
  return gapsUs === 0 ? runUs : Math.max(0, runUs - Math.min(gapsUs, gapsOf(node)));
}

/** Starting operations together moves own code before them; where that code had run beside something else nothing is gained. */
function fastest(steps: readonly Step[], startUs: number, endUs: number): number {
  const runUs = run(steps, startUs, endUs);
  if (steps.every(({ leader }) => leader === 0)) return runUs;
  const inOrder = steps.map((step) => ({ ...step, leader: 0 }));
  return Math.min(runUs, run(inOrder, startUs, endUs));
}

function run(steps: readonly Step[], startUs: number, endUs: number): number {
  const starts = steps.toSorted((a, b) => a.startUs - b.startUs || a.endUs - b.endUs);
  const ends = steps.toSorted((a, b) => a.endUs - b.endUs || a.startUs - b.startUs);
  const begun = new Map<Step, number>();
  const firsts = new Map<number, number>();
  const state = { lastUs: startUs, finishUs: startUs, debtUs: 0, ended: 0 };
  const endBefore = (untilUs: number): void => {
    for (let step = ends[state.ended]; step !== undefined && step.endUs <= untilUs;) {
      state.lastUs = step.endUs;
      const finish = (begun.get(step) ?? startUs) + step.leftUs;
      state.finishUs = Math.max(state.finishUs, finish);
      step = ends[++state.ended];
    }
  };
  for (const step of starts) {
    endBefore(step.startUs);
    const delayUs = Math.max(0, Math.max(step.startUs, startUs) - state.lastUs - step.lessBeforeUs);
    const leaderBegan = firsts.get(step.leader);
    // Own code is not parallel in one process: what ran before it runs anyway, before everything that comes after.
    if (leaderBegan !== undefined) state.debtUs += delayUs;
    else if (state.debtUs > 0) state.finishUs += settled(state);
    const began = leaderBegan ?? state.finishUs + delayUs;
    begun.set(step, began);
    if (!firsts.has(step.operation)) firsts.set(step.operation, began);
  }
  endBefore(endUs);
  return state.finishUs + settled(state) + (endUs - state.lastUs) - startUs;
}

function settled(state: { debtUs: number }): number {
  const { debtUs } = state;
  state.debtUs = 0;
  return debtUs;
}

/** Own code between getting a connection and using it, and an answer that lies before a busy loop, are time of the request itself. */
function stepsOf(node: RequestNode, operation: SampledOperation, change: Change): Step[] {
  const left = phasesLeft(node, operation, change);
  const leader = change.together.get(operation.id) ?? 0;
  const startUs = node.request.atUs;
  const steps: Step[] = [];
  let open: { startUs: number; leftUs: number } | undefined;
  let lessBeforeUs = 0;
  let at = operation.atUs;
  const close = (): void => {
    if (open === undefined) return;
    steps.push({ ...open, endUs: at, lessBeforeUs, leader, operation: operation.id });
    open = undefined;
    lessBeforeUs = 0;
  };
  for (const phase of PHASE_ORDER) {
    const length = operation.phases[phase] ?? 0;
    const isGap = leader === 0 && (phase === PhaseIndex.own || phase === PhaseIndex.deliver);
    if (isGap && length > 0) {
      close();
      lessBeforeUs += length - Math.min(length, left[phase] ?? 0);
    } else if (length > 0) {
      open ??= { startUs: at, leftUs: 0 };
      // What lies before the request began is not its time.
      const outside = Math.min(length, Math.max(0, startUs - at));
      open.leftUs += Math.min(length - outside, left[phase] ?? 0);
    }
    at += length;
  }
  close();
  return steps;
}

/** A callee that got faster shortens the call: first the wait for its first byte, then the rest of the answer. */
function phasesLeft(node: RequestNode, operation: SampledOperation, change: Change): PhaseVector {
  const phases = change.phases.get(operation.id) ?? operation.phases;
  const callee = node.callees.get(operation.id);
  if (callee === undefined) return phases;
  let saved = callee.request.durationUs - replayUs(callee, change);
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
