// Calls that were given up and made again, end when the next attempt begins. In: the operations of a request. Out: the same, shortened.
// The wire shows their end when the connection is closed, and a busy loop closes it after the code has gone on: without this the second
// attempt would not have waited for the first, and a time limit would cost nothing.

import { PhaseIndex, type OperationRow } from '../../model/row.ts';
import { withPhases } from '../replay/change.ts';

type Call = Pick<
  OperationRow,
  'statement' | 'dependency' | 'outcome' | 'atUs' | 'durationUs' | 'exclusiveUs' | 'phases'
>;

/** Of its time, what is left of a call when it is given up: who asks again earlier asks a second one beside it (a hedge). */
const LEFT_SHARE = 0.1;

/** `operations` by start. */
export function endedWhenGivenUp<T extends Call>(operations: readonly T[]): readonly T[] {
  if (!operations.some(isUnfinished)) return operations;
  return operations.map((operation, index) => {
    if (!isUnfinished(operation)) return operation;
    const from = endOf(operation) - LEFT_SHARE * operation.durationUs;
    const next = operations.slice(index + 1).find((each) => each.atUs >= from && isSame(each, operation));
    return next === undefined || next.atUs >= endOf(operation) ? operation : endedAt(operation, next.atUs);
  });
}

function isUnfinished({ outcome }: Call): boolean {
  return outcome === 'unfinished';
}

function isSame(one: Call, other: Call): boolean {
  return one.statement === other.statement && one.dependency === other.dependency;
}

function endOf({ atUs, durationUs }: Call): number {
  return atUs + durationUs;
}

/** What goes is time of waiting: the longest phase of a call that had no answer. */
function endedAt<T extends Call>(operation: T, endUs: number): T {
  const { phases, durationUs, exclusiveUs } = operation;
  const lessUs = Math.min(endOf(operation) - endUs, phases[PhaseIndex.wait] ?? 0);
  return {
    ...operation,
    durationUs: durationUs - lessUs,
    exclusiveUs: Math.min(exclusiveUs, durationUs - lessUs),
    phases: withPhases(phases, { wait: (phases[PhaseIndex.wait] ?? 0) - lessUs }),
  };
}
