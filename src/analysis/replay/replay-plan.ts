// The stretches in which the operations of a request were outstanding, as columns: what replay needs of a request, whatever the
// change. In: a request, and which of its operations begin together with others. Out: a plan; made once for each request and kept.

import { PHASES, PhaseIndex } from '../../model/row.ts';
import { PHASE_ORDER } from '../time/phases.ts';
import { causesOf, type Stretch } from './causes.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';

/** Lengths of one operation in columns that have all operations. */
export const PHASE_COUNT = PHASES.length;

/** Everything by step; a step is a stretch of one operation without own code in it. Times are recorded ones, in µs. */
export interface ReplayPlan {
  readonly count: number;
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  /** Index of its operation. */
  readonly operation: Int32Array;
  /** Its phases: from, and up to but without, in PHASE_ORDER. What lies between two steps of an operation is own code. */
  readonly fromPhase: Int32Array;
  readonly toPhase: Int32Array;
  /** Where the own code before it begins, in PHASE_ORDER; `fromPhase` when there is none. */
  readonly gapPhase: Int32Array;
  /** The step in which its operation waited for a connection and did nothing else, when that is the one before; else -1. */
  readonly lineStep: Int32Array;
  /** Steps by their start, and by their end. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Of each step those of the steps that had ended for which it may have waited; undefined where that is all of them. */
  readonly causes: readonly (Int32Array | undefined)[];
  /** Operation × phase: its length, without what lies before the request began. */
  readonly lengths: Float64Array;
  /** Scratch of replay.ts: what is left of each step, what goes before it and after it, when it begins; when each operation begins. */
  readonly leftUs: Float64Array;
  readonly lessUs: Float64Array;
  readonly lessAfterUs: Float64Array;
  readonly begunUs: Float64Array;
  readonly firstUs: Float64Array;
}

interface Step extends Stretch {
  readonly gapPhase: number;
  readonly fromPhase: number;
  readonly toPhase: number;
}

/** PHASE_ORDER begins with the wait in line; what follows it is empty where the step ends at the own code that uses the connection. */
const AFTER_LINE = PHASE_ORDER.indexOf(PhaseIndex.own);

type Together = ReadonlyMap<number, number>;

const known = new WeakMap<RequestNode, ReplayPlan>();

export function planOf(node: RequestNode, together: Together): ReplayPlan {
  if (together.size > 0 && node.operations.some(({ id }) => together.has(id)))
    return makePlan(node, together);
  const plan = known.get(node) ?? makePlan(node, together);
  known.set(node, plan);
  return plan;
}

function makePlan(node: RequestNode, together: Together): ReplayPlan {
  const { request, operations } = node;
  const endUs = request.atUs + request.durationUs;
  const steps = operations
    .flatMap((operation, index) => stepsOf(operation, index, together.has(operation.id)))
    .filter((step) => step.endUs <= endUs && step.endUs > request.atUs);
  const order = Array.from(steps, (_, index) => index);
  const at = (index: number): Step => steps[index] ?? NO_STEP;
  const byStart = (a: number, b: number): number =>
    at(a).startUs - at(b).startUs || at(a).endUs - at(b).endUs || a - b;
  const byEnd = (a: number, b: number): number =>
    at(a).endUs - at(b).endUs || at(a).startUs - at(b).startUs || a - b;
  return {
    count: steps.length,
    startUs: Float64Array.from(steps, (step) => step.startUs),
    endUs: Float64Array.from(steps, (step) => step.endUs),
    operation: Int32Array.from(steps, (step) => step.operation),
    fromPhase: Int32Array.from(steps, (step) => step.fromPhase),
    toPhase: Int32Array.from(steps, (step) => step.toPhase),
    gapPhase: Int32Array.from(steps, (step) => step.gapPhase),
    lineStep: Int32Array.from(steps, (step, index) => (isLine(at(index - 1), step) ? index - 1 : -1)),
    starts: Int32Array.from(order.toSorted(byStart)),
    ends: Int32Array.from(order.toSorted(byEnd)),
    causes: together.size > 0 ? [] : causesOf(node, steps),
    lengths: lengthsOf(node),
    leftUs: new Float64Array(steps.length),
    lessUs: new Float64Array(steps.length),
    lessAfterUs: new Float64Array(steps.length),
    begunUs: new Float64Array(steps.length),
    firstUs: new Float64Array(operations.length),
  };
}

const NO_STEP: Step = { startUs: 0, endUs: 0, operation: -1, gapPhase: 0, fromPhase: 0, toPhase: 0 };

function isLine(before: Step, { operation }: Step): boolean {
  return before.operation === operation && before.toPhase <= AFTER_LINE;
}

/**
 * Own code between getting a connection and using it, and an answer that lies before a busy loop, are time of the request itself:
 * they part steps. Not those of an operation that begins together with another one: there they move with it.
 */
function stepsOf(operation: SampledOperation, index: number, isWhole: boolean): Step[] {
  const steps: Step[] = [];
  let open: { startUs: number; fromPhase: number; gapPhase: number } | undefined;
  let gapPhase = 0;
  let at = operation.atUs;
  const close = (toPhase: number): void => {
    if (open !== undefined) steps.push({ ...open, endUs: at, operation: index, toPhase });
    open = undefined;
    gapPhase = toPhase;
  };
  for (const [place, phase] of PHASE_ORDER.entries()) {
    const length = operation.phases[phase] ?? 0;
    if (length === 0) continue;
    if (!isWhole && isOwn(phase)) {
      if (open !== undefined) close(place);
    } else open ??= { startUs: at, fromPhase: place, gapPhase };
    at += length;
  }
  close(PHASE_ORDER.length);
  return steps;
}

export function isOwn(phase: number): boolean {
  return phase === PhaseIndex.own || phase === PhaseIndex.deliver;
}

function lengthsOf({ request, operations }: RequestNode): Float64Array {
  const lengths = new Float64Array(operations.length * PHASE_COUNT);
  for (const [index, { atUs, phases }] of operations.entries()) {
    let at = atUs;
    for (const phase of PHASE_ORDER) {
      const length = phases[phase] ?? 0;
      // What lies before the request began is not its time.
      const outsideUs = isOwn(phase) ? 0 : Math.min(length, Math.max(0, request.atUs - at));
      lengths[index * PHASE_COUNT + phase] = length - outsideUs;
      at += length;
    }
  }
  return lengths;
}
