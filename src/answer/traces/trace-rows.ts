// One trace out of the store. In: a trace id. Out: its root and the requests below it, with their operations, as one tree.
// Messages that were consumed in it are trees of their own: nobody waited for them. Other requests with the same id that the root did not
// cause (a browser that keeps its id over several) are left out.

import { isConsumed } from '../../model/request.ts';
import type { AskStore } from '../../store/store.ts';
import type { StoredOperation, StoredRequest } from '../stored-rows.ts';
import { PLACED_OPERATIONS, PLACES, REQUESTS, storedOperations, storedRequests } from '../stored-rows.ts';

/** Beyond it a trace is cut: a page cannot show more, and one export job may be millions. */
export const REQUEST_LIMIT = 5_000;
/** 250 000 operations are 8 MB on their way to the page and 60 MB in it; one with 100 000 opens in some 1.5 s. */
export const OPERATION_LIMIT = 250_000;
/** Of many requests together, of which means are made. */
const TOGETHER_LIMIT = 50_000;

/** A request in its trace. */
export interface TraceNode {
  readonly request: StoredRequest;
  /** By start. */
  readonly operations: readonly StoredOperation[];
  /** Operation id → what it caused in another traced process. */
  readonly callees: ReadonlyMap<number, TraceNode>;
}

/** Every request with this id, its root first. Empty: there is no such trace, or not any more. */
export async function traceRequests(store: AskStore, traceId: string): Promise<StoredRequest[]> {
  const requests = await requestsOf(store, [traceId]);
  const root = requests.find(({ parentOperation }) => parentOperation === 0);
  return root === undefined ? [] : [root, ...requests.filter((request) => request !== root)];
}

/** The tree of the root first, then those of what was consumed in its trace. In: what `traceRequests` gave. */
export async function traceTrees(store: AskStore, requests: readonly StoredRequest[]): Promise<TraceNode[]> {
  const [root, ...others] = requests.filter(({ parentOperation }) => parentOperation === 0);
  if (root === undefined) return [];
  const roots = [root, ...others.filter(({ method }) => isConsumed(method))];
  return treesOf(store, requests, roots, OPERATION_LIMIT);
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
    TOGETHER_LIMIT,
  );
}

async function treesOf(
  store: AskStore,
  requests: readonly StoredRequest[],
  roots: readonly StoredRequest[],
  limit: number,
): Promise<TraceNode[]> {
  const operations = await operationsOf(store, requests, limit);
  const byRequest = new Map<number, StoredOperation[]>(requests.map(({ id }) => [id, []]));
  for (const operation of operations) byRequest.get(operation.request)?.push(operation);
  const byParent = new Map(requests.map((request) => [request.parentOperation, request]));
  return roots.map((root) => nodeOf(root, byRequest, byParent));
}

function nodeOf(
  request: StoredRequest,
  byRequest: ReadonlyMap<number, readonly StoredOperation[]>,
  byParent: ReadonlyMap<number, StoredRequest>,
): TraceNode {
  const operations = byRequest.get(request.id) ?? [];
  const callees = operations.flatMap(({ id }): [number, TraceNode][] => {
    const callee = byParent.get(id);
    return callee === undefined ? [] : [[id, nodeOf(callee, byRequest, byParent)]];
  });
  return { request, operations, callees: new Map(callees) };
}

async function requestsOf(store: AskStore, traceIds: readonly string[]): Promise<StoredRequest[]> {
  const table = await store.ask({
    ...REQUESTS,
    where: [{ column: 'traceId', isIn: traceIds }],
    orderBy: [{ by: 'atUs' }, { by: 'id' }],
    limit: REQUEST_LIMIT,
  });
  return storedRequests(table);
}

/** By start. The store's own order is nearly that: sorting there would copy the texts of each row. */
async function operationsOf(
  store: AskStore,
  requests: readonly StoredRequest[],
  limit: number,
): Promise<StoredOperation[]> {
  const where = [{ column: 'request', isIn: requests.map(({ id }) => id) }];
  const table = await store.ask({ ...PLACED_OPERATIONS, where, limit });
  // After it, so that no place is missing of what a running program has just added.
  const places = await store.ask({ ...PLACES, where });
  return storedOperations(table, places).sort((a, b) => a.atUs - b.atUs || a.id - b.id);
}
