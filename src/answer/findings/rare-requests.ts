// More requests of endpoints that blocks of time show too seldom. In: the blocks, how many requests there are of each endpoint. Out: traces
// of rare endpoints, evenly over the range, in the blocks of their time. What happens beside them was not fetched.

import { endpointKey, type SampledBlock } from '../../analysis/sample/request-tree.ts';
import type { EndpointTotals } from '../../analysis/sample/sample.ts';
import { column, textsOf } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range } from '../api.ts';
import { timeCondition } from '../range.ts';
import { OPERATIONS, REQUESTS, storedOperations, storedRequests } from '../stored-rows.ts';

/** Fewer say little about an endpoint. */
const WANTED = 40;
/** By time; 16 × 40 traces of some 10 requests are as many as the blocks have. */
const MOST_ENDPOINTS = 16;
/** No finding comes from fewer (analysis/gates.ts). */
const LEAST = 20;
const TRACES_AT_ONCE = 40;
const OPERATIONS_AT_ONCE = 4000;

export async function rareRequests(
  store: AskStore,
  range: Range,
  blocks: readonly SampledBlock[],
  totals: readonly EndpointTotals[],
): Promise<SampledBlock[]> {
  const known = new Set(blocks.flatMap(({ requests }) => requests.map(({ id }) => id)));
  const found: SampledBlock[] = [];
  for (const endpoint of rareOnes(blocks, totals)) {
    const traces = await tracesOf(store, range, endpoint);
    if (traces.length > 0) found.push(...byBlock(await fetch(store, range, traces), blocks, known));
  }
  return found;
}

function rareOnes(blocks: readonly SampledBlock[], totals: readonly EndpointTotals[]): EndpointTotals[] {
  const seen = new Map<string, number>();
  for (const { requests } of blocks)
    for (const request of requests) {
      if (request.parentOperation !== 0) continue;
      const key = endpointKey(request);
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  return totals
    .filter((total) => {
      const count = seen.get(endpointKey(total)) ?? 0;
      return total.requests >= LEAST && count < WANTED && count < total.requests;
    })
    .toSorted((a, b) => b.totalUs - a.totalUs)
    .slice(0, MOST_ENDPOINTS);
}

async function tracesOf(store: AskStore, range: Range, endpoint: EndpointTotals): Promise<readonly string[]> {
  const { service, method, route, requests } = endpoint;
  const table = await store.ask({
    from: 'requests',
    select: { traceId: column('traceId') },
    where: [
      timeCondition(range),
      { column: 'isEntry', is: 1 },
      { column: 'service', is: service },
      { column: 'method', is: method },
      { column: 'route', is: route },
      { column: 'id', oneIn: Math.max(1, Math.floor(requests / (WANTED * 2))) },
    ],
    limit: WANTED,
  });
  return textsOf(table, 'traceId');
}

/** Whole traces: what customers asked for and what that asked for in other services. */
async function fetch(store: AskStore, range: Range, traces: readonly string[]): Promise<SampledBlock> {
  const traceIds = traces.slice(0, TRACES_AT_ONCE);
  const found = await store.ask({
    ...REQUESTS,
    where: [timeCondition(range), { column: 'traceId', isIn: traceIds }],
  });
  const requests = storedRequests(found);
  const inside = await store.ask({
    ...OPERATIONS,
    where: [{ column: 'request', isIn: requests.map(({ id }) => id) }],
    limit: OPERATIONS_AT_ONCE,
  });
  // Some are missing, and nobody knows of which request.
  if (inside.rowCount >= OPERATIONS_AT_ONCE) return { requests: [], operations: [] };
  return { requests, operations: storedOperations(inside) };
}

/** Each request goes to the last block that began before it. */
function byBlock(
  { requests, operations }: SampledBlock,
  blocks: readonly SampledBlock[],
  known: Set<number>,
): SampledBlock[] {
  const starts = blocks.map((block) => block.requests[0]?.id ?? Number.POSITIVE_INFINITY);
  const fresh = requests.filter(({ id }) => !known.has(id));
  for (const { id } of fresh) known.add(id);
  return blocks.flatMap((_, block): SampledBlock[] => {
    const inside = fresh.filter(({ id }) => blockOf(starts, id) === block);
    if (inside.length === 0) return [];
    const ids = new Set(inside.map(({ id }) => id));
    const theirs = operations.filter(({ request }) => ids.has(request));
    return [{ requests: inside, operations: theirs, block, isAlone: true }];
  });
}

function blockOf(starts: readonly number[], id: number): number {
  return Math.max(
    0,
    starts.findLastIndex((start) => start <= id),
  );
}
