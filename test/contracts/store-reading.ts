// Everything that is in a store, as the rows that went in. In: an open store. Out: rows to compare.

import type { OperationRow, RequestRow } from '../../src/model/row.ts';
import type { Query } from '../../src/store/query.ts';
import {
  CATEGORY_COLUMNS,
  OWN_CATEGORY_COLUMNS,
  PHASE_COLUMNS,
  columns,
  count,
  mapRows,
  numbersOf,
  sums,
} from '../../src/store/query.ts';
import type { Store } from '../../src/store/store.ts';
import { request } from './store-rows.ts';

/** Rows of a source. */
export async function countOf(store: Store, from: Query['from']): Promise<number> {
  return numbersOf(await store.ask({ from, select: { n: count() } }), 'n')[0] ?? 0;
}

/** Statement, count and time of all rollups. */
export async function sumsByStatement(store: Store): Promise<unknown[]> {
  const table = await store.ask({
    from: 'rollups',
    select: { ...columns('statement'), ...sums('count', 'totalUs') },
    orderBy: [{ by: 'statement' }],
  });
  return mapRows(table, (row) => [row.text('statement'), row.number('count'), row.number('totalUs')]);
}

/** By id. */
export async function allRequests(store: Store): Promise<RequestRow[]> {
  const numbers = ['id', 'parentOperation', 'process', 'status', 'atUs', 'durationUs', 'firstByteUs'];
  const more = ['operationCount', 'treeOperationCount', 'isError', 'isAborted'];
  const texts = ['traceId', 'service', 'method', 'route'];
  const table = await store.ask({
    from: 'requests',
    select: columns(...numbers, ...more, ...texts, ...CATEGORY_COLUMNS, ...OWN_CATEGORY_COLUMNS),
    orderBy: [{ by: 'id' }],
  });
  return mapRows(table, ({ number, text }) =>
    request({
      id: number('id'),
      traceId: text('traceId'),
      parentOperation: number('parentOperation'),
      service: text('service'),
      process: number('process'),
      method: text('method'),
      route: text('route'),
      status: number('status'),
      isError: number('isError') === 1,
      isAborted: number('isAborted') === 1,
      atUs: number('atUs'),
      durationUs: number('durationUs'),
      firstByteUs: number('firstByteUs'),
      categories: CATEGORY_COLUMNS.map(number),
      ownCategories: OWN_CATEGORY_COLUMNS.map(number),
      operationCount: number('operationCount'),
      treeOperationCount: number('treeOperationCount'),
    }),
  );
}

/** By id, from one on. */
export async function allOperations(store: Store, fromId = 0): Promise<OperationRow[]> {
  const numbers = ['id', 'request', 'process', 'connection', 'nthOnConnection', 'atUs', 'durationUs'];
  const more = ['exclusiveUs', 'isBlocking', 'bytesOut', 'bytesIn', 'rows'];
  const texts = [
    'service',
    'attribution',
    'protocol',
    'role',
    'category',
    'statement',
    'dependency',
    'callSite',
  ];
  const table = await store.ask({
    from: 'operations',
    select: columns(...numbers, ...more, ...texts, 'outcome', 'errorType', ...PHASE_COLUMNS),
    where: [{ column: 'id', from: fromId }],
    orderBy: [{ by: 'id' }],
  });
  return mapRows(table, ({ number, text }) => ({
    id: number('id'),
    request: number('request'),
    process: number('process'),
    service: text('service'),
    // As stored: the comparison with the row is the check.
    attribution: text('attribution') as OperationRow['attribution'],
    protocol: text('protocol') as OperationRow['protocol'],
    role: text('role') as OperationRow['role'],
    category: text('category') as OperationRow['category'],
    statement: text('statement'),
    dependency: text('dependency'),
    callSite: text('callSite'),
    connection: number('connection'),
    nthOnConnection: number('nthOnConnection'),
    atUs: number('atUs'),
    durationUs: number('durationUs'),
    phases: PHASE_COLUMNS.map(number),
    exclusiveUs: number('exclusiveUs'),
    isBlocking: number('isBlocking') === 1,
    bytesOut: number('bytesOut'),
    bytesIn: number('bytesIn'),
    rows: number('rows'),
    outcome: text('outcome') as OperationRow['outcome'],
    errorType: text('errorType'),
  }));
}
