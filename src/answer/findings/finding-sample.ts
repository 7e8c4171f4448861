// The requests that findings are looked for in. In: a range. Out: a sample of at most 5000 requests with their operations.
// Blocks of consecutive requests, spread evenly over the range: within a block everything is there, so that lines before pools and
// busy event loops can be replayed, and blocks of time are what statistics rest on. Endpoints that are too rare for that get requests of
// their own (rare-requests.ts). A small recording is looked at completely.
// The same rows give the same sample, whether they are still arriving or were saved long ago.

import type { EndpointTotals } from '../../analysis/sample/sample.ts';
import { makeSample, type Sample } from '../../analysis/sample/sample.ts';
import { inLanguages } from '../../analysis/sample/request-tree.ts';
import type { SampledBlock, SampledOperation, SampledRequest } from '../../analysis/sample/request-tree.ts';
import type { Condition } from '../../store/query.ts';
import { columns, count, mapRows, max, min, numbersOf, sum } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range } from '../api.ts';
import { poolPlaces, processLanguages, processStarts } from '../connections/pool-places.ts';
import { coreSharesOf } from '../core-waits.ts';
import { timeCondition } from '../range.ts';
import { blockingLines } from '../code-lines.ts';
import { connectsOf } from './connects.ts';
import { rareRequests } from './rare-requests.ts';
import { OPERATIONS, REQUESTS, storedOperations, storedRequests } from '../stored-rows.ts';

/** Blocks of time: a 90 % interval needs about a dozen, and findings must be seen in three. */
const BLOCKS = 12;
/** 300 requests a block are 36 in all of an endpoint with 1 % of them; at 10 operations a request 36 000 rows of 400 bytes: 14 MB. */
const REQUESTS_PER_BLOCK = 300;
/** The last 600 requests in blocks of 25: what is new must be seen in three blocks, and is with its hundredth request. */
const LATEST = 600;
const LATEST_PER_BLOCK = 25;
/** A range with fewer times as many requests shows by itself what is new in it. */
const LATEST_LEAST_TIMES = 4;

/** All of the range, or the last of its requests. */
export type SamplePart = 'all' | 'latest';

/** Asked for at once: texts are copied from thread to thread, 1000 operations in some 3 ms. */
const REQUESTS_AT_ONCE = 100;
/** More, as of export jobs, are asked for in smaller parts. */
const OPERATIONS_AT_ONCE = 4000;
/** Of export jobs: a block ends earlier then. */
const OPERATIONS_PER_BLOCK = 20_000;

/** Blocks are fetched one after the other, so that neither the store nor this thread is busy for long. */
export async function findingSample(
  store: AskStore,
  range: Range,
  part: SamplePart = 'all',
): Promise<Sample> {
  const spans = await spansOf(store, range, part);
  const ids =
    part === 'latest' ? { column: 'id', from: spans[0]?.from ?? Number.MAX_SAFE_INTEGER } : undefined;
  const totals = await entryTotals(store, range, ids);
  const blocks: SampledBlock[] = [];
  for (const span of spans) {
    const block = await blockOf(store, range, span);
    blocks.push(...(part === 'latest' ? smallBlocks(block, span.from) : [block]));
  }
  const rare = part === 'all' ? await rareRequests(store, range, blocks, totals) : [];
  const starts = part === 'all' && range.from === undefined ? await processStarts(store) : undefined;
  const languages = await processLanguages(store);
  const spoken = [...blocks, ...rare].map((block) => inLanguages(block, languages));
  return makeSample(spoken, totals, {
    pools: await poolPlaces(store),
    ...(starts && { starts }),
    codeLines: await blockingLines(store, range),
    connects: await connectsOf(store, range),
    coreShares: await coreSharesOf(store),
  });
}

async function entryTotals(store: AskStore, range: Range, also?: Condition): Promise<EndpointTotals[]> {
  const table = await store.ask({
    from: 'requests',
    select: { ...columns('service', 'method', 'route'), requests: count(), totalUs: sum('durationUs') },
    where: [timeCondition(range), { column: 'isEntry', is: 1 }, ...(also ? [also] : [])],
  });
  return mapRows(table, (row) => ({
    service: row.text('service'),
    method: row.text('method'),
    route: row.text('route'),
    requests: row.number('requests'),
    totalUs: row.number('totalUs'),
  }));
}

/** Both ends inclusive. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Ids rise with time: a block is a span of ids. */
async function spansOf(store: AskStore, range: Range, part: SamplePart): Promise<Span[]> {
  const table = await store.ask({
    from: 'requests',
    select: { first: min('id'), last: max('id') },
    where: [timeCondition(range)],
  });
  const first = numbersOf(table, 'first')[0] ?? Number.NaN;
  const last = numbersOf(table, 'last')[0] ?? Number.NaN;
  if (Number.isNaN(first)) return [];
  return part === 'all' ? spans(first, last) : latestSpans(first, last);
}

function latestSpans(first: number, last: number): Span[] {
  return last - first + 1 < LATEST_LEAST_TIMES * LATEST ? [] : [{ from: last - LATEST + 1, to: last }];
}

/** By id, which rises with time. */
function smallBlocks({ requests, operations }: SampledBlock, from: number): SampledBlock[] {
  const blockOf = (id: number): number => Math.floor((id - from) / LATEST_PER_BLOCK);
  return Array.from({ length: LATEST / LATEST_PER_BLOCK }, (_, block) => ({
    requests: requests.filter(({ id }) => blockOf(id) === block),
    operations: operations.filter(({ request }) => blockOf(request) === block),
  }));
}

function spans(first: number, last: number): Span[] {
  const width = (last - first + 1) / BLOCKS;
  const found = Array.from({ length: BLOCKS }, (_, index) => {
    const from = first + Math.floor(index * width);
    const next = first + Math.floor((index + 1) * width);
    return { from, to: Math.min(next, from + REQUESTS_PER_BLOCK) - 1 };
  });
  return found.filter(({ from, to }) => from <= to);
}

async function blockOf(store: AskStore, range: Range, span: Span): Promise<SampledBlock> {
  const requests: SampledRequest[] = [];
  const operations: SampledOperation[] = [];
  for (let { from } = span; from <= span.to && operations.length < OPERATIONS_PER_BLOCK;) {
    const part = { from, to: Math.min(span.to, from + REQUESTS_AT_ONCE - 1) };
    const found = await wholeRequests(store, range, part);
    requests.push(...found.requests);
    operations.push(...found.operations);
    from = part.to + 1;
  }
  return { requests, operations };
}

/** Requests with all of their operations. One that has too many is left out: without some of them it would look like own code. */
async function wholeRequests(store: AskStore, range: Range, part: Span): Promise<SampledBlock> {
  const [found, inside] = await Promise.all([
    store.ask({ ...REQUESTS, where: [timeCondition(range), { column: 'id', ...part }] }),
    store.ask({ ...OPERATIONS, where: operationsOf(part), limit: OPERATIONS_AT_ONCE }),
  ]);
  if (inside.rowCount < OPERATIONS_AT_ONCE)
    return { requests: storedRequests(found), operations: storedOperations(inside) };
  if (part.from === part.to) return { requests: [], operations: [] };
  const middle = Math.floor((part.from + part.to) / 2);
  const first = await wholeRequests(store, range, { from: part.from, to: middle });
  const second = await wholeRequests(store, range, { from: middle + 1, to: part.to });
  return {
    requests: [...first.requests, ...second.requests],
    operations: [...first.operations, ...second.operations],
  };
}

function operationsOf({ from, to }: Span): Condition[] {
  return [{ column: 'request', from, to }];
}
