// The requests of one endpoint as columns. In: its name, a range. Out: every request, or, when there are too many, all of the slow
// ones and a sample of the others that says how many each of them stands for.

import { CATEGORY_COUNT } from '../../model/category.ts';
import type { RequestColumns } from '../../model/request-columns.ts';
import type { Condition, ResultTable } from '../../store/query.ts';
import { CATEGORY_COLUMNS, columns, count, min, numbersOf, quantile } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { EndpointName, Range } from '../api.ts';
import { endpointConditions } from './endpoint.ts';
import { SHARES } from '../percentiles.ts';

/** A brush over so many takes a browser 2 ms; at 36 bytes each they are 1.8 MB, from the same machine. */
export const MOST_REQUESTS = 50_000;

export async function endpointRequests(
  store: AskStore,
  name: EndpointName,
  range: Range,
  most = MOST_REQUESTS,
): Promise<RequestColumns> {
  const where = endpointConditions(name, range);
  const table = await store.ask({
    from: 'requests',
    select: { total: count(), first: min('atUs'), p95: quantile('durationUs', SHARES.p95) },
    where,
  });
  const [total = 0] = numbersOf(table, 'total');
  const originMs = total === 0 ? 0 : Math.floor((numbersOf(table, 'first')[0] ?? 0) / 1000);
  if (total <= most) {
    const rows = await rowsOf(store, where, most);
    return { originMs, total, completeFromUs: 0, weightBelow: 1, ...columnsOf(rows, originMs) };
  }
  return sampled(store, where, { originMs, total, p95Us: numbersOf(table, 'p95')[0] ?? 0, most });
}

interface Size {
  readonly originMs: number;
  readonly total: number;
  readonly p95Us: number;
  readonly most: number;
}

/** Everything from p95 up, as long as that is not too many by itself, and one of `oneIn` below. */
async function sampled(
  store: AskStore,
  where: readonly Condition[],
  { originMs, total, p95Us, most }: Size,
): Promise<RequestColumns> {
  const slow: Condition = { column: 'durationUs', from: p95Us };
  const fast: Condition = { column: 'durationUs', to: p95Us - 1 };
  const slowTotal = await countOf(store, [...where, slow]);
  const isComplete = slowTotal <= most / 2;
  const room = isComplete ? most - slowTotal : most;
  const oneIn = Math.ceil((isComplete ? total - slowTotal : total) / room);
  const sample: Condition = { column: 'id', oneIn };
  const [kept, rest] = await Promise.all([
    isComplete ? rowsOf(store, [...where, slow], most) : undefined,
    rowsOf(store, [...where, ...(isComplete ? [fast] : []), sample], most),
  ]);
  const sampledTotal = isComplete ? total - slowTotal : total;
  return {
    originMs,
    total,
    completeFromUs: isComplete ? p95Us : Number.MAX_SAFE_INTEGER,
    weightBelow: rest.rowCount === 0 ? 1 : sampledTotal / rest.rowCount,
    ...merged(columnsOf(rest, originMs), kept && columnsOf(kept, originMs)),
  };
}

async function countOf(store: AskStore, where: readonly Condition[]): Promise<number> {
  return numbersOf(await store.ask({ from: 'requests', select: { n: count() }, where }), 'n')[0] ?? 0;
}

function rowsOf(store: AskStore, where: readonly Condition[], limit: number): Promise<ResultTable> {
  return store.ask({
    from: 'requests',
    select: columns('atUs', 'durationUs', 'treeOperationCount', ...CATEGORY_COLUMNS),
    where,
    orderBy: [{ by: 'atUs' }],
    limit,
  });
}

type Values = Pick<RequestColumns, 'at' | 'durationUs' | 'operations' | 'categories'>;

/** 71 minutes: a request that takes longer is shown as this long. */
const LONGEST_US = 0xffff_ffff;

function columnsOf(table: ResultTable, originMs: number): Values {
  const whole = (name: string) =>
    Uint32Array.from(numbersOf(table, name), (value) => Math.min(LONGEST_US, Math.max(0, value)));
  return {
    at: Uint32Array.from(numbersOf(table, 'atUs'), (us) => Math.max(0, Math.floor(us / 1000) - originMs)),
    durationUs: whole('durationUs'),
    operations: whole('treeOperationCount'),
    categories: CATEGORY_COLUMNS.map(whole),
  };
}

/** Both, in order of time. */
function merged(a: Values, b: Values | undefined): Values {
  if (b === undefined) return a;
  const joined = (x: Uint32Array, y: Uint32Array) => {
    const all = new Uint32Array(x.length + y.length);
    all.set(x);
    all.set(y, x.length);
    return all;
  };
  const at = joined(a.at, b.at);
  const order = Uint32Array.from(at, (_, index) => index).sort((i, j) => (at[i] ?? 0) - (at[j] ?? 0));
  const ordered = (x: Uint32Array, y: Uint32Array) => {
    const all = joined(x, y);
    return order.map((index) => all[index] ?? 0);
  };
  return {
    at: ordered(a.at, b.at),
    durationUs: ordered(a.durationUs, b.durationUs),
    operations: ordered(a.operations, b.operations),
    categories: Array.from({ length: CATEGORY_COUNT }, (_, index) =>
      ordered(a.categories[index] ?? EMPTY, b.categories[index] ?? EMPTY),
    ),
  };
}

const EMPTY = new Uint32Array(0);
