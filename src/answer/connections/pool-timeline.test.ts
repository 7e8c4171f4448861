import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { poolTimeline } from './pool-timeline.ts';

const calls = (all: readonly (readonly [number, number, number])[]) => ({
  joined: Float64Array.from(all, ([joined]) => joined),
  granted: Float64Array.from(all, ([, granted]) => granted),
  done: Float64Array.from(all, ([, , done]) => done),
});

test('two in line at once, then one; who leaves makes room before the next joins', () => {
  const all = calls([
    [0, 10_000, 20_000],
    [5_000, 20_000, 30_000],
    [20_000, 30_000, 40_000],
  ]);
  const { maxLine, maxLineAtUs, longestLine, meanBusy } = poolTimeline(all, 0, 40_000, 4);
  deepEqual([maxLine, maxLineAtUs], [2, 5_000]);
  deepEqual(longestLine, [2, 2, 1, 1]);
  deepEqual(meanBusy, [0, 1, 1, 1]);
});

test('the last silent and the first loud wait', () => {
  equal(poolTimeline(calls([[0, 499, 1000]]), 0, 1000, 1).maxLine, 0);
  equal(poolTimeline(calls([[0, 500, 1000]]), 0, 1000, 1).maxLine, 1);
});

test('busy time is neither lost nor made up', () => {
  const call = fc
    .tuple(fc.nat(1000), fc.nat(2000), fc.nat(2000))
    .map(([joined, wait, hold]) => [joined, joined + wait, joined + wait + hold] as const);
  fc.assert(
    fc.property(fc.array(call, { maxLength: 30 }), fc.integer({ min: 1, max: 50 }), (all, slots) => {
      const { meanBusy, longestLine, maxLine } = poolTimeline(calls(all), 0, 5000, slots);
      const busy = meanBusy.reduce((sum, mean) => sum + mean * (5000 / slots), 0);
      const held = all.reduce((sum, [, granted, done]) => sum + done - granted, 0);
      ok(Math.abs(busy - held) < 1e-6, `${busy} of ${held}`);
      equal(Math.max(0, ...longestLine), maxLine);
    }),
  );
});

test('no calls, no line', () => {
  const { maxLine, maxLineAtUs, longestLine } = poolTimeline(calls([]), 0, 1000, 3);
  deepEqual([maxLine, longestLine], [0, [0, 0, 0]]);
  ok(Number.isNaN(maxLineAtUs));
});
