// Which requests there were. In: a filter. Out: entry requests, slowest or newest first.

import type { Condition, Expression, RowReader } from '../store/query.ts';
import { CATEGORY_COLUMNS, columns, count, mapRows, numbersOf } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { Range, TraceListRow, TracesAnswer } from './api.ts';
import { timeCondition, windowOf } from './range.ts';

/** Absent fields do not filter. */
export interface TracesFilter extends Range {
  readonly service?: string;
  readonly method?: string;
  readonly route?: string;
  /** The slowest first, which is the default, or the newest. */
  readonly sort?: '-duration' | '-at';
  /** At most so many; 100 by default. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 100;

const LIST_COLUMNS: Record<string, Expression> = columns(
  'traceId',
  'atUs',
  'service',
  'method',
  'route',
  'status',
  'isError',
  'durationUs',
  'treeOperationCount',
  ...CATEGORY_COLUMNS,
);

export async function traces(store: AskStore, filter: TracesFilter): Promise<TracesAnswer> {
  const where = conditionsOf(filter);
  const [window, total, table] = await Promise.all([
    windowOf(store, filter),
    store.ask({ from: 'requests', select: { total: count() }, where }),
    store.ask({
      from: 'requests',
      select: LIST_COLUMNS,
      where,
      orderBy: [{ by: filter.sort === '-at' ? 'atUs' : 'durationUs', descending: true }],
      limit: filter.limit ?? DEFAULT_LIMIT,
    }),
  ]);
  return { window, total: numbersOf(total, 'total')[0] ?? 0, traces: mapRows(table, listRow) };
}

function conditionsOf(filter: TracesFilter): Condition[] {
  const texts = (['service', 'method', 'route'] as const).flatMap((column): Condition[] => {
    const wanted = filter[column];
    return wanted === undefined ? [] : [{ column, is: wanted }];
  });
  return [timeCondition(filter), { column: 'isEntry', is: 1 }, ...texts];
}

function listRow(row: RowReader): TraceListRow {
  return {
    traceId: row.text('traceId'),
    at: Math.floor(row.number('atUs') / 1000),
    service: row.text('service'),
    method: row.text('method'),
    route: row.text('route'),
    status: row.number('status'),
    isError: row.number('isError') === 1,
    durationUs: row.number('durationUs'),
    categories: CATEGORY_COLUMNS.map(row.number),
    operations: row.number('treeOperationCount'),
  };
}
