// Connections that are held with nothing under way: between the statements of an open transaction. In: operations of a pool, which of them
// open and end a transaction. Out: stretches of time. Pure but for asking which statements do so.

import { endsTransaction, opensTransaction } from '../../analysis/sample/statement-facts.ts';
import { protocolNamed } from '../../model/protocol.ts';
import type { Condition } from '../../store/query.ts';
import { columns, mapRows } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';

/** Of an operation, as an index into columns of equal length. Times in one clock, µs. */
export interface HeldOperations {
  readonly id: ArrayLike<number>;
  readonly request: ArrayLike<number>;
  readonly connection: ArrayLike<number>;
  /** When it could send, and when it was done. */
  readonly ready: ArrayLike<number>;
  readonly done: ArrayLike<number>;
}

export interface IdleStretch {
  readonly connection: number;
  readonly request: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Operation id → it opens or ends a transaction. */
export type Marks = ReadonlyMap<number, 'opens' | 'ends'>;

/** Shorter is the driver's own work between two statements. */
const SHORTEST_US = 200;

export function idleStretches(held: HeldOperations, marks: Marks): IdleStretch[] {
  const order = Array.from({ length: held.id.length }, (_, index) => index).sort(
    (a, b) => (held.ready[a] ?? 0) - (held.ready[b] ?? 0),
  );
  /** Connection → index of the last operation of its open transaction. */
  const open = new Map<number, number>();
  const found: IdleStretch[] = [];
  for (const index of order) {
    const connection = held.connection[index] ?? 0;
    const before = open.get(connection);
    const mark = marks.get(held.id[index] ?? 0);
    // Its end was not seen: whoever comes next has another request.
    const isSame = before !== undefined && held.request[before] === held.request[index];
    if (isSame) addStretch(found, held, before, index);
    if (mark === 'opens' || (isSame && mark !== 'ends')) open.set(connection, index);
    else open.delete(connection);
  }
  return found;
}

function addStretch(found: IdleStretch[], held: HeldOperations, before: number, index: number): void {
  const [fromUs, toUs] = [held.done[before] ?? 0, held.ready[index] ?? 0];
  if (toUs - fromUs < SHORTEST_US) return;
  found.push({
    connection: held.connection[index] ?? 0,
    request: held.request[index] ?? 0,
    fromUs,
    toUs,
  });
}

/** As statements are kept: without values, in the spelling of the driver. */
const TRANSACTION_WORDS = [
  'BEGIN',
  'START TRANSACTION',
  'BEGIN READ ONLY',
  'BEGIN READ WRITE',
  'BEGIN ISOLATION LEVEL SERIALIZABLE',
  'BEGIN ISOLATION LEVEL REPEATABLE READ',
  'COMMIT',
  'ROLLBACK',
  'END',
].flatMap((words) => [words, words.toLowerCase(), `${words};`]);
/** More transactions than these are not looked into. */
const MOST_MARKS = 20_000;

/** The latest of those that `where` is about. */
export async function transactionMarks(store: AskStore, where: readonly Condition[]): Promise<Marks> {
  const table = await store.ask({
    from: 'operations',
    select: columns('id', 'protocol', 'statement', 'atUs'),
    where: [...where, { column: 'statement', isIn: TRANSACTION_WORDS }],
    orderBy: [{ by: 'atUs', descending: true }],
    limit: MOST_MARKS,
  });
  return new Map(
    mapRows(table, (row): [number, 'opens' | 'ends'][] => {
      const spoken = {
        protocol: protocolNamed(row.text('protocol')),
        statement: row.text('statement'),
        dependency: '',
      };
      const id = row.number('id');
      return opensTransaction(spoken) ? [[id, 'opens']] : endsTransaction(spoken) ? [[id, 'ends']] : [];
    }).flat(),
  );
}
