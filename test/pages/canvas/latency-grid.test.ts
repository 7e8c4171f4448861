import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CATEGORY_COUNT } from '../../../src/model/category.ts';
import type { RequestColumns } from '../../../src/model/request-columns.ts';
import {
  durationAt,
  EVERYTHING,
  gridOf,
  heightOf,
  latencyTicks,
  meanIn,
  quantilesOf,
  scaleOf,
  slotsOf,
} from '../../../src/ui/canvas/latency-grid.ts';

/** A request a second; half of its time own code, half database. */
function columnsOf(durations: readonly number[], more: Partial<RequestColumns> = {}): RequestColumns {
  const half = Uint32Array.from(durations, (us) => Math.floor(us / 2));
  const rest = Uint32Array.from(durations, (us) => Math.ceil(us / 2));
  const none = new Uint32Array(durations.length);
  return {
    originMs: 0,
    total: durations.length,
    completeFromUs: 0,
    weightBelow: 1,
    at: Uint32Array.from(durations, (_, index) => index * 1000),
    durationUs: Uint32Array.from(durations),
    operations: Uint32Array.from(durations, (_, index) => index % 5),
    categories: Array.from({ length: CATEGORY_COUNT }, (_, index) =>
      index === 0 ? half : index === 4 ? rest : none,
    ),
    ...more,
  };
}

const durations = fc.array(fc.integer({ min: 0, max: 1e8 }), { minLength: 1, maxLength: 200 });

test('every request is in exactly one cell, and rows are sums of cells', () => {
  fc.assert(
    fc.property(durations, (all) => {
      const grid = gridOf(columnsOf(all), 0, all.length * 1000);
      equal(
        grid.cells.reduce((sum, count) => sum + count, 0),
        all.length,
      );
      equal(
        grid.rows.reduce((sum, count) => sum + count, 0),
        all.length,
      );
      ok(grid.mostInCell >= 1 && grid.mostInCell <= grid.mostInRow);
    }),
  );
});

test('the mean of a region adds up by category, and regions that share nothing add up to all', () => {
  fc.assert(
    fc.property(durations, fc.integer({ min: 0, max: 1e8 }), (all, limit) => {
      const columns = columnsOf(all);
      const below = meanIn(columns, { ...EVERYTHING, toUs: limit });
      const above = meanIn(columns, { ...EVERYTHING, fromUs: limit + 1 });
      equal(below.requests + above.requests, all.length);
      for (const { durationUs, categories } of [below, above])
        ok(Math.abs(categories.reduce((sum, us) => sum + us, 0) - durationUs) < 1e-3);
      const total = below.requests * below.durationUs + above.requests * above.durationUs;
      ok(Math.abs(total - all.reduce((sum, us) => sum + us, 0)) < 1);
    }),
  );
});

test('a region holds its edges', () => {
  const columns = columnsOf([100, 200, 300, 400]);
  equal(meanIn(columns, { fromMs: 1000, toMs: 2000, fromUs: 200, toUs: 300 }).requests, 2);
  equal(meanIn(columns, { fromMs: 1001, toMs: 2000, fromUs: 200, toUs: 300 }).requests, 1);
  equal(meanIn(columns, { fromMs: 0, toMs: 3000, fromUs: 201, toUs: 299 }).requests, 0);
});

test('percentiles are the smallest value with at least that share at or below, as the store says it', () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
      const [found = -1] = quantilesOf(columnsOf(all), [share]);
      const atOrBelow = all.filter((us) => us <= found).length;
      const below = all.filter((us) => us < found).length;
      ok(atOrBelow >= share * all.length - 1e-6 && below < share * all.length);
    }),
  );
});

test('a sampled request counts for those it stands for', () => {
  const columns = columnsOf([100, 100, 1000, 2000], { total: 22, completeFromUs: 500, weightBelow: 10 });
  equal(meanIn(columns, EVERYTHING).requests, 22);
  deepEqual(quantilesOf(columns, [0.5, 0.9, 0.95, 1]), [100, 100, 1000, 2000]);
  equal(
    gridOf(columns, 0, 4000).cells.reduce((sum, count) => sum + count, 0),
    22,
  );
});

test('the axis goes both ways', () => {
  const scale = scaleOf(columnsOf([1000, 100_000]));
  for (const us of [1000, 5000, 100_000]) ok(Math.abs(durationAt(scale, heightOf(scale, us)) - us) < 1);
  deepEqual(latencyTicks({ lowUs: 900, highUs: 60_000 }), [1000, 2000, 5000, 10_000, 20_000, 50_000]);
});

test('slots of time hold every request once', () => {
  const columns = columnsOf(Array.from({ length: 57 }, (_, index) => 100 + index));
  const slots = slotsOf(columns, { fromMs: 0, toMs: 56_000 }, 10, 150);
  equal(
    slots.reduce((sum, { requests }) => sum + requests, 0),
    57,
  );
  equal(slots.at(-1)?.maxUs, 156);
  equal(slots.at(-1)?.shareOver, 1);
  equal(slots[0]?.shareOver, 0);
});
