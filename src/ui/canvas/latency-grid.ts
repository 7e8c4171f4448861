// Latency over time as a grid, and what the requests of a region have in common. In: request columns. Out: counts, percentiles,
// means. Pure; a region's mean over 50 000 requests takes about 2 ms, so that it can follow a brush.

import { NARROW_SPACE } from '../../base/numbers.ts';
import { CATEGORY_COUNT } from '../../model/category.ts';
import type { RequestColumns } from '../../model/request-columns.ts';

export const GRID_COLUMNS = 100;
export const GRID_ROWS = 38;

/** Both ends inclusive. Times in ms from the columns' origin, durations in µs; Infinity: open at the top. */
export interface Region {
  readonly fromMs: number;
  readonly toMs: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** The log axis of durations. */
export interface LatencyScale {
  readonly lowUs: number;
  readonly highUs: number;
}

export interface LatencyGrid {
  readonly scale: LatencyScale;
  readonly fromMs: number;
  readonly toMs: number;
  /** Requests per cell, row by row, the fastest row first; per row; the largest cell and row. */
  readonly cells: Float32Array;
  readonly rows: Float32Array;
  readonly mostInCell: number;
  readonly mostInRow: number;
}

/** How many requests one kept request stands for. */
export function weightOf(columns: RequestColumns, index: number): number {
  return (columns.durationUs[index] ?? 0) < columns.completeFromUs ? columns.weightBelow : 1;
}

/** From just below the fastest to just above the slowest, but never narrower than a factor of ten. */
export function scaleOf(columns: RequestColumns): LatencyScale {
  let low = Infinity;
  let high = 1;
  for (const us of columns.durationUs) {
    if (us < low) low = us;
    if (us > high) high = us;
  }
  const lowUs = Math.max(1, low === Infinity ? 1 : low) * 0.9;
  return { lowUs, highUs: Math.max(lowUs * 10, high * 1.1) };
}

/** 0 at the bottom of the axis, 1 at its top. */
export function heightOf({ lowUs, highUs }: LatencyScale, us: number): number {
  return (
    (Math.log(Math.max(lowUs, Math.min(highUs, us))) - Math.log(lowUs)) / (Math.log(highUs) - Math.log(lowUs))
  );
}

export function durationAt({ lowUs, highUs }: LatencyScale, height: number): number {
  return Math.exp(Math.log(lowUs) + height * (Math.log(highUs) - Math.log(lowUs)));
}

export function gridOf(columns: RequestColumns, fromMs: number, toMs: number): LatencyGrid {
  const scale = scaleOf(columns);
  const cells = new Float32Array(GRID_COLUMNS * GRID_ROWS);
  const rows = new Float32Array(GRID_ROWS);
  const perColumn = GRID_COLUMNS / Math.max(1, toMs - fromMs);
  for (let index = 0; index < columns.at.length; index++) {
    const x = slotOf(((columns.at[index] ?? 0) - fromMs) * perColumn, GRID_COLUMNS);
    const y = slotOf(heightOf(scale, columns.durationUs[index] ?? 0) * GRID_ROWS, GRID_ROWS);
    const weight = weightOf(columns, index);
    cells[y * GRID_COLUMNS + x] = (cells[y * GRID_COLUMNS + x] ?? 0) + weight;
    rows[y] = (rows[y] ?? 0) + weight;
  }
  return { scale, fromMs, toMs, cells, rows, mostInCell: largest(cells), mostInRow: largest(rows) };
}

function slotOf(value: number, count: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor(value)));
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** The smallest durations with at least each share of the requests at or below. */
export function quantilesOf(columns: RequestColumns, shares: readonly number[]): number[] {
  const order = Uint32Array.from(columns.durationUs, (_, index) => index).sort(
    (a, b) => (columns.durationUs[a] ?? 0) - (columns.durationUs[b] ?? 0),
  );
  let total = 0;
  for (let index = 0; index < order.length; index++) total += weightOf(columns, index);
  let seen = 0;
  let at = 0;
  return shares.map((share) => {
    while (at < order.length - 1 && seen + weightOf(columns, order[at] ?? 0) < share * total - 1e-6)
      seen += weightOf(columns, order[at++] ?? 0);
    return columns.durationUs[order[at] ?? 0] ?? 0;
  });
}

/** What the requests of a region have in common. */
export interface RegionMean {
  /** Requests, as many as the kept ones stand for. */
  readonly requests: number;
  readonly durationUs: number;
  /** Add up to durationUs. */
  readonly categories: readonly number[];
  readonly operations: number;
}

export function meanIn(columns: RequestColumns, region: Region): RegionMean {
  const sums = new Float64Array(CATEGORY_COUNT);
  let requests = 0;
  let durationUs = 0;
  let operations = 0;
  for (let index = 0; index < columns.at.length; index++) {
    if (!isIn(columns, region, index)) continue;
    const weight = weightOf(columns, index);
    requests += weight;
    durationUs += weight * (columns.durationUs[index] ?? 0);
    operations += weight * (columns.operations[index] ?? 0);
    for (let category = 0; category < CATEGORY_COUNT; category++)
      sums[category] = (sums[category] ?? 0) + weight * (columns.categories[category]?.[index] ?? 0);
  }
  const each = requests || 1;
  return {
    requests: Math.round(requests),
    durationUs: durationUs / each,
    categories: Array.from(sums, (us) => us / each),
    operations: operations / each,
  };
}

function isIn({ at, durationUs }: RequestColumns, region: Region, index: number): boolean {
  const ms = at[index] ?? 0;
  const us = durationUs[index] ?? 0;
  return ms >= region.fromMs && ms <= region.toMs && us >= region.fromUs && us <= region.toUs;
}

/** Latency in equal slots of time: the heatmap as a table. Percentiles of the kept requests. */
export interface LatencySlot {
  readonly fromMs: number;
  readonly requests: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly maxUs: number;
  /** Of its requests, those slower than `overUs`. */
  readonly shareOver: number;
}

export function slotsOf(
  columns: RequestColumns,
  { fromMs, toMs }: Pick<LatencyGrid, 'fromMs' | 'toMs'>,
  count: number,
  overUs: number,
): LatencySlot[] {
  const width = Math.max(1, (toMs - fromMs) / count);
  return Array.from({ length: count }, (_, slot) => {
    const from = fromMs + slot * width;
    const inside = Array.from(columns.at, (ms, index) =>
      ms >= from && (ms < from + width || (slot === count - 1 && ms <= toMs)) ? index : -1,
    ).filter((index) => index >= 0);
    const some = subset(columns, inside);
    const [p50Us = 0, p95Us = 0, maxUs = 0] = quantilesOf(some, [0.5, 0.95, 1]);
    const all = meanIn(some, EVERYTHING).requests;
    const over = meanIn(some, { ...EVERYTHING, fromUs: overUs }).requests;
    return { fromMs: from, requests: all, p50Us, p95Us, maxUs, shareOver: all === 0 ? 0 : over / all };
  });
}

export const EVERYTHING: Region = { fromMs: 0, toMs: Infinity, fromUs: 0, toUs: Infinity };

function subset(columns: RequestColumns, indexes: readonly number[]): RequestColumns {
  const take = (values: Uint32Array) => Uint32Array.from(indexes, (index) => values[index] ?? 0);
  return {
    ...columns,
    at: take(columns.at),
    durationUs: take(columns.durationUs),
    operations: take(columns.operations),
    categories: columns.categories.map(take),
  };
}

/** Round durations for the axis: 1, 2, 5 × 10ⁿ µs within the scale. */
export function latencyTicks({ lowUs, highUs }: LatencyScale): number[] {
  const ticks: number[] = [];
  for (let power = 1; power <= 1e10; power *= 10)
    for (const lead of [1, 2, 5]) {
      const us = lead * power;
      if (us >= lowUs && us <= highUs) ticks.push(us);
    }
  return ticks.length > 7 ? ticks.filter((us) => String(us).startsWith('1')) : ticks;
}

/** Whole units: an axis is not a measurement. */
export function latencyTick(us: number): string {
  const [size, unit] = us >= 1e6 ? [1e6, 's'] : us >= 1e3 ? [1e3, 'ms'] : [1, 'µs'];
  return `${us / size}${NARROW_SPACE}${unit}`;
}
