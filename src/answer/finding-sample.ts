// The requests that findings are looked for in. In: a range. Out: a sample of at most 6000 requests with their operations.
// Blocks of consecutive requests, spread evenly over the range: within a block everything is there, so that lines before pools and
// busy event loops can be replayed, and blocks of time are what statistics rest on. A small recording is looked at completely.
// The same rows give the same sample, whether they are still arriving or were saved long ago.

import type { EndpointTotals } from '../analysis/sample.ts';
import { makeSample, type Sample } from '../analysis/sample.ts';
import type { SampledBlock, SampledOperation, SampledRequest } from '../analysis/request-tree.ts';
import { protocolNamed } from '../model/protocol.ts';
import type { Condition, RowReader } from '../store/query.ts';
import {
  OWN_CATEGORY_COLUMNS,
  PHASE_COLUMNS,
  columns,
  count,
  mapRows,
  max,
  min,
  numbersOf,
  sum,
} from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { Range } from './api.ts';
import { categoryNamed } from './dependencies.ts';
import { timeCondition } from './range.ts';

/** Blocks of time: a 90 % interval needs about a dozen, and findings must be seen in three. */
const BLOCKS = 12;
/** 500 requests a block are 20 of an endpoint with 4 % of them; at 10 operations a request 60 000 rows of 400 bytes: 24 MB. */
const REQUESTS_PER_BLOCK = 500;
/** A block of export jobs may have millions of operations: it is cut, and its last requests look shorter. */
const OPERATIONS_PER_BLOCK = 20_000;

/** Blocks are fetched one after the other, so that neither the store nor this thread is busy for long. */
export async function findingSample(store: AskStore, range: Range): Promise<Sample> {
  const [totals, spans] = await Promise.all([entryTotals(store, range), spansOf(store, range)]);
  const blocks: SampledBlock[] = [];
  for (const span of spans) blocks.push(await blockOf(store, range, span));
  return makeSample(blocks, totals);
}

async function entryTotals(store: AskStore, range: Range): Promise<EndpointTotals[]> {
  const table = await store.ask({
    from: 'requests',
    select: { ...columns('service', 'method', 'route'), requests: count(), totalUs: sum('durationUs') },
    where: [timeCondition(range), { column: 'isEntry', is: 1 }],
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
async function spansOf(store: AskStore, range: Range): Promise<Span[]> {
  const table = await store.ask({
    from: 'requests',
    select: { first: min('id'), last: max('id') },
    where: [timeCondition(range)],
  });
  const first = numbersOf(table, 'first')[0] ?? Number.NaN;
  const last = numbersOf(table, 'last')[0] ?? Number.NaN;
  return Number.isNaN(first) ? [] : spans(first, last);
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

async function blockOf(store: AskStore, range: Range, { from, to }: Span): Promise<SampledBlock> {
  const [requests, operations] = await Promise.all([
    store.ask({ ...REQUESTS, where: [timeCondition(range), { column: 'id', from, to }] }),
    store.ask({ ...OPERATIONS, where: operationsOf({ from, to }), limit: OPERATIONS_PER_BLOCK }),
  ]);
  return { requests: mapRows(requests, sampledRequest), operations: mapRows(operations, sampledOperation) };
}

function operationsOf({ from, to }: Span): Condition[] {
  return [{ column: 'request', from, to }];
}

const REQUESTS = {
  from: 'requests',
  select: columns(
    'id',
    'traceId',
    'parentOperation',
    'service',
    'process',
    'method',
    'route',
    'isError',
    'atUs',
    'durationUs',
    ...OWN_CATEGORY_COLUMNS,
  ),
} as const;

const OPERATIONS = {
  from: 'operations',
  select: columns(
    'id',
    'request',
    'process',
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
    'bytesOut',
    'bytesIn',
    'rows',
    'outcome',
    ...PHASE_COLUMNS,
  ),
} as const;

function sampledRequest(row: RowReader): SampledRequest {
  return {
    id: row.number('id'),
    traceId: row.text('traceId'),
    parentOperation: row.number('parentOperation'),
    service: row.text('service'),
    process: row.number('process'),
    method: row.text('method'),
    route: row.text('route'),
    isError: row.number('isError') === 1,
    atUs: row.number('atUs'),
    durationUs: row.number('durationUs'),
    ownCategories: OWN_CATEGORY_COLUMNS.map(row.number),
  };
}

function sampledOperation(row: RowReader): SampledOperation {
  const outcome = row.text('outcome');
  return {
    id: row.number('id'),
    request: row.number('request'),
    process: row.number('process'),
    protocol: protocolNamed(row.text('protocol')),
    role: row.text('role') === 'setup' ? 'setup' : 'work',
    category: categoryNamed(row.text('category')),
    statement: row.text('statement'),
    dependency: row.text('dependency'),
    callSite: row.text('callSite'),
    connection: row.number('connection'),
    nthOnConnection: row.number('nthOnConnection'),
    atUs: row.number('atUs'),
    durationUs: row.number('durationUs'),
    exclusiveUs: row.number('exclusiveUs'),
    phases: PHASE_COLUMNS.map(row.number),
    bytesOut: row.number('bytesOut'),
    bytesIn: row.number('bytesIn'),
    rows: row.number('rows'),
    outcome: outcome === 'ok' || outcome === 'error' ? outcome : 'unfinished',
  };
}
