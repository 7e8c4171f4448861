// For which of the operations that had ended before it a step of a request may have waited. In: a request, its steps. Out: for each step
// the steps that may be its cause; or that nothing is known, and each of them may. Which one it was is not recorded: it is learnt from other
// requests of the endpoint (sample/overlaps.ts), in which branches that run beside each other come in another order.

import { overlapsOf } from '../sample/overlaps.ts';
import type { RequestNode } from '../sample/request-tree.ts';

/** A time in which an operation is outstanding, in µs. */
export interface Stretch {
  readonly startUs: number;
  readonly endUs: number;
  /** Index of its operation. */
  readonly operation: number;
}

/** Code between an answer and the next question. What begins longer after all that it may have waited for had another cause: then all count. */
const CODE_US = 2000;
/** Pairs of steps are compared. */
const STEPS = 400;

export function causesOf(node: RequestNode, steps: readonly Stretch[]): (Int32Array | undefined)[] {
  const overlaps = overlapsOf(node);
  if (overlaps.isEmpty || steps.length > STEPS) return [];
  const names = overlaps.namesOf(node);
  const areApart = (one: Stretch, other: Stretch): boolean =>
    one.operation !== other.operation &&
    overlaps.areApart(names[one.operation] ?? -1, names[other.operation] ?? -1);
  return steps.map((step) => {
    const ended = Array.from(steps.keys()).filter((index) => (steps[index] ?? step).endUs <= step.startUs);
    const causes = ended.filter((index) => !areApart(steps[index] ?? step, step));
    if (causes.length === ended.length) return undefined;
    const lastUs = causes.reduce(
      (last, index) => Math.max(last, steps[index]?.endUs ?? 0),
      node.request.atUs,
    );
    return step.startUs - lastUs > CODE_US ? undefined : Int32Array.from(causes);
  });
}
