// Questions that are sent while others are under way on the same connection of a database: it answers them in order, one at a time (postgres.js does so
// when all of its connections are busy). In: the operations of a stretch of the recording. Out: the same, in which the time behind the earlier ones is
// waiting for a connection, and not the time of the statement.

import { PhaseIndex } from '../../model/row.ts';
import { setUpUs, withPhases } from '../replay/change.ts';
import { endOf, groupBy, type SampledOperation } from './request-tree.ts';

export function servedInOrder(operations: readonly SampledOperation[]): readonly SampledOperation[] {
  const behind = new Map<number, number>();
  const mayBePipelined = operations.filter(
    ({ protocol, role }) => protocol === 'postgres' && role === 'work',
  );
  for (const same of groupBy(mayBePipelined, ({ connection }) => String(connection)).values())
    noteBehind(same, behind);
  return behind.size === 0
    ? operations
    : operations.map((operation) => {
        const us = behind.get(operation.id);
        return us === undefined ? operation : later(operation, us);
      });
}

/** Of one connection: operation → µs between its question and the answer to the one before. */
function noteBehind(operations: readonly SampledOperation[], behind: Map<number, number>): void {
  let freeUs = 0;
  const inOrder = operations
    .map((operation) => ({ operation, us: sentUs(operation) }))
    .toSorted((a, b) => a.us - b.us || a.operation.id - b.operation.id);
  for (const { operation, us } of inOrder) {
    const answeredUs = endOf(operation) - (operation.phases[PhaseIndex.deliver] ?? 0);
    const waitedUs = Math.min(operation.phases[PhaseIndex.wait] ?? 0, freeUs - us);
    // Of answers that came in one packet the first has all of the time: nobody knows when each was ready.
    if (waitedUs > 0) behind.set(operation.id, waitedUs);
    freeUs = Math.max(freeUs, answeredUs);
  }
}

/** When its first byte left. */
function sentUs({ atUs, phases }: SampledOperation): number {
  return atUs + (phases[PhaseIndex.pool] ?? 0) + setUpUs(phases) + (phases[PhaseIndex.own] ?? 0);
}

function later(operation: SampledOperation, us: number): SampledOperation {
  const { phases } = operation;
  const pool = (phases[PhaseIndex.pool] ?? 0) + us;
  return { ...operation, phases: withPhases(phases, { pool, wait: (phases[PhaseIndex.wait] ?? 0) - us }) };
}
