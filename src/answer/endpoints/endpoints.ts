// What each endpoint takes. In: a range. Out: one row per endpoint, exact: sums, percentiles, and p95 over time.
// Requests from outside and requests from other traced services are different rows, so that the entry rows add up to the whole.

import { CATEGORY_COUNT } from '../../model/category.ts';
import type { Query, RowReader } from '../../store/query.ts';
import {
  CATEGORY_COLUMNS,
  columns,
  count,
  mapRows,
  max,
  quantile,
  slot,
  sum,
  sums,
} from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { EndpointRow, Percentiles, Range, Window } from '../api.ts';
import { SHARES, percentile } from '../percentiles.ts';
import { timeCondition } from '../range.ts';

/** Points of the little curve of p95 over the window. */
const SPARK_SLOTS = 30;

const KEYS = ['service', 'method', 'route', 'isEntry'] as const;

/** By total time, largest first. Without a window the curves of p95 are not made: they are half of the work. */
export async function endpointRows(store: AskStore, range: Range, window?: Window): Promise<EndpointRow[]> {
  const [table, sparks] = await Promise.all([
    store.ask(totalsQuery(range)),
    window === undefined ? new Map<string, number[]>() : sparksOf(store, range, window),
  ]);
  const empty = Array.from({ length: SPARK_SLOTS }, () => -1);
  return mapRows(table, (row) => endpointRow(row, sparks.get(keyOf(row)) ?? empty));
}

/** Of all entry requests together; undefined when there is none. */
export async function entryDuration(store: AskStore, range: Range): Promise<Percentiles | undefined> {
  const where = [timeCondition(range), { column: 'isEntry', is: 1 }];
  const [duration] = mapRows(await store.ask({ from: 'requests', select: DURATION, where }), percentilesOf);
  return Number.isNaN(duration?.meanUs ?? Number.NaN) ? undefined : duration;
}

/** What `percentilesOf` reads. */
const DURATION = {
  requests: count(),
  totalUs: sum('durationUs'),
  maxUs: max('durationUs'),
  p50: quantile('durationUs', SHARES.p50),
  p95: quantile('durationUs', SHARES.p95),
  p99: quantile('durationUs', SHARES.p99),
};

function totalsQuery(range: Range): Query {
  return {
    from: 'requests',
    select: {
      ...columns(...KEYS),
      ...DURATION,
      errors: sum('isError'),
      ...sums(...CATEGORY_COLUMNS),
    },
    where: [timeCondition(range)],
    orderBy: [{ by: 'totalUs', descending: true }, { by: 'route' }],
  };
}

function endpointRow(row: RowReader, spark: readonly number[]): EndpointRow {
  return {
    service: row.text('service'),
    method: row.text('method'),
    route: row.text('route'),
    isEntry: row.number('isEntry') === 1,
    requests: row.number('requests'),
    errors: row.number('errors'),
    duration: percentilesOf(row),
    totalUs: row.number('totalUs'),
    categories: CATEGORY_COLUMNS.map(row.number),
    spark,
  };
}

function percentilesOf(row: RowReader): Percentiles {
  const requests = row.number('requests');
  return {
    meanUs: row.number('totalUs') / requests,
    p50Us: percentile('p50', row.number('p50'), requests),
    p95Us: percentile('p95', row.number('p95'), requests),
    p99Us: percentile('p99', row.number('p99'), requests),
    maxUs: row.number('maxUs'),
  };
}

async function sparksOf(store: AskStore, range: Range, window: Window): Promise<Map<string, number[]>> {
  const originUs = window.from * 1000;
  const widthUs = Math.max(1, ((window.to - window.from + 1) * 1000) / SPARK_SLOTS);
  const table = await store.ask({
    from: 'requests',
    select: {
      ...columns(...KEYS),
      slot: slot('atUs', originUs, widthUs),
      p95: quantile('durationUs', SHARES.p95),
    },
    where: [timeCondition(range)],
  });
  const sparks = new Map<string, number[]>();
  mapRows(table, (row) => {
    const key = keyOf(row);
    const spark = sparks.get(key) ?? Array.from({ length: SPARK_SLOTS }, () => -1);
    spark[Math.min(SPARK_SLOTS - 1, row.number('slot'))] = row.number('p95');
    sparks.set(key, spark);
  });
  return sparks;
}

function keyOf(row: RowReader): string {
  return `${row.text('service')}\n${row.text('method')}\n${row.text('route')}\n${row.number('isEntry')}`;
}

/** Sums of several rows, category by category. */
export function addVectors(vectors: readonly (readonly number[])[]): number[] {
  const total = Array.from({ length: CATEGORY_COUNT }, () => 0);
  for (const vector of vectors)
    for (let index = 0; index < CATEGORY_COUNT; index++)
      total[index] = (total[index] ?? 0) + (vector[index] ?? 0);
  return total;
}
