// One trace out of the store. In: a trace id. Out: its root and the requests below it, with their operations, as one tree.
// Messages that were consumed in it are trees of their own: nobody waited for them. Other requests with the same id that the root did not
// cause (a browser that keeps its id over several) are left out.

import { roleNamed } from '../model/operation.ts';
import { protocolNamed } from '../model/protocol.ts';
import { isConsumed } from '../model/request.ts';
import type { RequestRow, OperationRow } from '../model/row.ts';
import type { RowReader } from '../store/query.ts';
import { CATEGORY_COLUMNS, OWN_CATEGORY_COLUMNS, PHASE_COLUMNS, columns, mapRows } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import { categoryNamed } from './dependencies.ts';

/** Beyond it a trace is cut: a page cannot show more, and one export job may be millions. */
export const REQUEST_LIMIT = 5_000;
export const OPERATION_LIMIT = 50_000;

export type TraceRequestRow = Omit<
  RequestRow,
  'process' | 'isAborted' | 'operationCount' | 'treeOperationCount'
>;
export type TraceOperationRow = Omit<OperationRow, 'process' | 'service' | 'attribution'>;

/** A request in its trace. */
export interface TraceNode {
  readonly request: TraceRequestRow;
  /** By start. */
  readonly operations: readonly TraceOperationRow[];
  /** Operation id → what it caused in another traced process. */
  readonly callees: ReadonlyMap<number, TraceNode>;
}

/** The root first, then what was consumed in its trace. Empty: there is no such trace, or not any more. */
export async function traceTrees(store: AskStore, traceId: string): Promise<TraceNode[]> {
  const requests = await requestsOf(store, [traceId]);
  const [root, ...others] = requests.filter(({ parentOperation }) => parentOperation === 0);
  if (root === undefined) return [];
  return treesOf(store, requests, [root, ...others.filter(({ method }) => isConsumed(method))]);
}

/** Requests of one endpoint, each with everything below it. In: their ids, and the traces they are in. */
export async function treesIn(
  store: AskStore,
  traceIds: readonly string[],
  ids: ReadonlySet<number>,
): Promise<TraceNode[]> {
  const requests = await requestsOf(store, traceIds);
  return treesOf(
    store,
    requests,
    requests.filter(({ id }) => ids.has(id)),
  );
}

async function treesOf(
  store: AskStore,
  requests: readonly TraceRequestRow[],
  roots: readonly TraceRequestRow[],
): Promise<TraceNode[]> {
  const operations = await operationsOf(store, requests);
  const byRequest = new Map<number, TraceOperationRow[]>(requests.map(({ id }) => [id, []]));
  for (const operation of operations) byRequest.get(operation.request)?.push(operation);
  const byParent = new Map(requests.map((request) => [request.parentOperation, request]));
  return roots.map((root) => nodeOf(root, byRequest, byParent));
}

function nodeOf(
  request: TraceRequestRow,
  byRequest: ReadonlyMap<number, readonly TraceOperationRow[]>,
  byParent: ReadonlyMap<number, TraceRequestRow>,
): TraceNode {
  const operations = byRequest.get(request.id) ?? [];
  const callees = operations.flatMap(({ id }): [number, TraceNode][] => {
    const callee = byParent.get(id);
    return callee === undefined ? [] : [[id, nodeOf(callee, byRequest, byParent)]];
  });
  return { request, operations, callees: new Map(callees) };
}

async function requestsOf(store: AskStore, traceIds: readonly string[]): Promise<TraceRequestRow[]> {
  const table = await store.ask({
    from: 'requests',
    select: columns(
      'id',
      'traceId',
      'parentOperation',
      'service',
      'method',
      'route',
      'status',
      'isError',
      'atUs',
      'durationUs',
      'firstByteUs',
      ...CATEGORY_COLUMNS,
      ...OWN_CATEGORY_COLUMNS,
    ),
    where: [{ column: 'traceId', isIn: traceIds }],
    orderBy: [{ by: 'atUs' }, { by: 'id' }],
    limit: REQUEST_LIMIT,
  });
  return mapRows(table, requestRow);
}

function requestRow(row: RowReader): TraceRequestRow {
  return {
    id: row.number('id'),
    traceId: row.text('traceId'),
    parentOperation: row.number('parentOperation'),
    service: row.text('service'),
    method: row.text('method'),
    route: row.text('route'),
    status: row.number('status'),
    isError: row.number('isError') === 1,
    atUs: row.number('atUs'),
    durationUs: row.number('durationUs'),
    firstByteUs: row.number('firstByteUs'),
    categories: CATEGORY_COLUMNS.map(row.number),
    ownCategories: OWN_CATEGORY_COLUMNS.map(row.number),
  };
}

async function operationsOf(
  store: AskStore,
  requests: readonly TraceRequestRow[],
): Promise<TraceOperationRow[]> {
  const table = await store.ask({
    from: 'operations',
    select: columns(
      'id',
      'request',
      'protocol',
      'role',
      'category',
      'statement',
      'dependency',
      'callSite',
      'connection',
      'nthOnConnection',
      'atUs',
      'durationUs',
      'exclusiveUs',
      'isBlocking',
      'bytesOut',
      'bytesIn',
      'rows',
      'outcome',
      'errorType',
      ...PHASE_COLUMNS,
    ),
    where: [{ column: 'request', isIn: requests.map(({ id }) => id) }],
    orderBy: [{ by: 'atUs' }, { by: 'id' }],
    limit: OPERATION_LIMIT,
  });
  return mapRows(table, operationRow);
}

function operationRow(row: RowReader): TraceOperationRow {
  return {
    id: row.number('id'),
    request: row.number('request'),
    protocol: protocolNamed(row.text('protocol')),
    role: roleNamed(row.text('role')),
    category: categoryNamed(row.text('category')),
    statement: row.text('statement'),
    dependency: row.text('dependency'),
    callSite: row.text('callSite'),
    connection: row.number('connection'),
    nthOnConnection: row.number('nthOnConnection'),
    atUs: row.number('atUs'),
    durationUs: row.number('durationUs'),
    phases: PHASE_COLUMNS.map(row.number),
    exclusiveUs: row.number('exclusiveUs'),
    isBlocking: row.number('isBlocking') === 1,
    bytesOut: row.number('bytesOut'),
    bytesIn: row.number('bytesIn'),
    rows: row.number('rows'),
    outcome: outcomeNamed(row.text('outcome')),
    errorType: row.text('errorType'),
  };
}

function outcomeNamed(name: string): OperationRow['outcome'] {
  return name === 'ok' || name === 'error' ? name : 'unfinished';
}
