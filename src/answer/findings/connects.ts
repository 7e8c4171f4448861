// How long opening a TCP connection took: what the way to a dependency is. In: a range. Out: for each service and dependency how many were
// opened, by requests or beside them, and the fastest.

import { connectKey, type Connects } from '../../analysis/sample/sample.ts';
import { columns, count, mapRows, min } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range } from '../api.ts';
import { timeCondition } from '../range.ts';

export async function connectsOf(store: AskStore, range: Range): Promise<ReadonlyMap<string, Connects>> {
  const table = await store.ask({
    from: 'operations',
    select: { ...columns('service', 'dependency'), connects: count(), leastUs: min('phases.tcp') },
    where: [timeCondition(range), { column: 'phases.tcp', from: 1 }],
  });
  return new Map(
    mapRows(table, (row) => [
      connectKey(row.text('service'), row.text('dependency')),
      { count: row.number('connects'), leastUs: row.number('leastUs') },
    ]),
  );
}
