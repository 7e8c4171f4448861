// Statistics of comparisons: properties, known values, and false alarms of data in which nothing changed (seeded).

import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { seededRandom } from './chances.ts';
import { alikeness, errorFactor } from './alike.ts';
import { blocksOf, type Block, type TimedValues } from './blocks.ts';
import { adjusted } from './false-discovery.ts';
import { rankTest } from './rank-test.ts';
import { shiftTest } from './shift-test.ts';
import { ratioOf } from './shift.ts';

const group = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 20 });
const p = fc.double({ min: 0, max: 1, noNaN: true });

test('rank test: known value', () => {
  // scipy.stats.mannwhitneyu([1..8], [9..16], method='asymptotic'): 0.00094
  const low = [1, 2, 3, 4, 5, 6, 7, 8];
  const high = low.map((value) => value + 8);
  ok(Math.abs(rankTest(low, high) - 0.00094) < 0.00002);
});

test('shift test: known value; fewer independent values, larger p', () => {
  // 2 * scipy.stats.t.sf(3, 10) = 0.01334
  const ratio = { ratio: Math.exp(0.3), error: 0.1, low: 1, high: 2 };
  ok(Math.abs(shiftTest(ratio, 12) - 0.01334) < 0.0002, String(shiftTest(ratio, 12)));
  ok(shiftTest(ratio, 6) > 2 * shiftTest(ratio, 12));
  equal(shiftTest(ratio, 2.5), 1);
  equal(shiftTest({ ...ratio, ratio: 1, error: 0 }, 20), 1);
  equal(shiftTest({ ...ratio, error: 0 }, 20), 0);
});

test('rank test: symmetric, the same under any rising function, 1 for the same numbers', () => {
  fc.assert(
    fc.property(group, group, (a, b) => {
      const value = rankTest(a, b);
      ok(value >= 0 && value <= 1);
      ok(Math.abs(rankTest(b, a) - value) < 1e-9);
      equal(
        rankTest(
          a.map((x) => x ** 3),
          b.map((x) => x ** 3),
        ),
        value,
      );
      ok(rankTest(a, a) > 1 - 1e-6);
    }),
  );
});

test('ratio: a factor is found, whatever the unit', () => {
  fc.assert(
    fc.property(group, fc.integer({ min: 2, max: 9 }), (a, factor) => {
      const { ratio, low, high } = ratioOf(
        a,
        a.map((value) => value * factor),
      );
      ok(low <= ratio * 1.000001 && high >= ratio * 0.999999);
      const back = ratioOf(
        a.map((value) => value * factor),
        a,
      );
      if (a.length === 1) ok(Math.abs(ratio - factor) < 1e-9 && Math.abs(back.ratio - 1 / factor) < 1e-9);
    }),
    { numRuns: 50 },
  );
});

test('adjusted: Benjamini and Hochberg', () => {
  deepEqual(
    adjusted([0.01, 0.04, 0.03, 0.5]).map((value) => value.toFixed(4)),
    ['0.0400', '0.0533', '0.0533', '0.5000'],
  );
  fc.assert(
    fc.property(fc.array(p, { maxLength: 30 }), (values) => {
      const result = adjusted(values);
      for (const [index, value] of values.entries()) {
        ok((result[index] ?? 0) >= value && (result[index] ?? 2) <= 1);
        for (const [other, second] of values.entries())
          if (value < second) ok((result[index] ?? 0) <= (result[other] ?? 0));
      }
    }),
  );
});

/** Log-normal durations (σ 0.6) on a level that swings: 30 % of the variance is an AR(1) by the second. */
function swinging(random: () => number, seconds: number, perSecond: number, alike: number): TimedValues {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const at: number[] = [];
  const values: number[] = [];
  let level = normal();
  for (let second = 0; second < seconds; second++) {
    level = alike * level + Math.sqrt(1 - alike ** 2) * normal();
    for (let nth = 0; nth < perSecond; nth++) {
      at.push((second + nth / perSecond) * 1e6);
      values.push(10_000 * Math.exp(0.6 * (Math.sqrt(0.3) * level + Math.sqrt(0.7) * normal())));
    }
  }
  return { at, values };
}

/** Of pairs in which nothing changed: those with p < 0.05, and those that are refused. */
function alarms(alike: number, seconds: number, perSecond: number, of: (block: Block) => number) {
  const random = seededRandom(7);
  let [compared, alarmed] = [0, 0];
  for (let trial = 0; trial < TRIALS; trial++) {
    const a = blocksOf(swinging(random, seconds, perSecond, alike));
    const b = blocksOf(swinging(random, seconds, perSecond, alike));
    if (a.kind === 'too-few' || b.kind === 'too-few') continue;
    const known = alikeness([a, b].map(({ blocks }) => blocks.map(({ median }) => median)));
    if (known > 0.7) continue;
    compared++;
    const [x, y] = [a.blocks.map(of), b.blocks.map(of)];
    const factor = errorFactor(known);
    const shifted = shiftTest(ratioOf(x, y, factor), (x.length + y.length) / factor ** 2);
    if (Math.max(rankTest(x, y), shifted) < 0.05) alarmed++;
  }
  return { compared, share: alarmed / compared };
}

const TRIALS = 200;

for (const [alike, seconds] of [
  [0, 45],
  [0.5, 60],
  [0.9, 300],
] as const)
  test(`nothing changed, level alike ${alike} from second to second: false alarms stay near 5 %`, (context) => {
    const median = alarms(alike, seconds, 10, (block) => block.median);
    const tail = alarms(alike, seconds, 10, (block) => block.p95);
    context.diagnostic(
      `median ${median.share.toFixed(3)}, p95 ${tail.share.toFixed(3)} of ${median.compared}`,
    );
    ok(median.compared > TRIALS / 2, `compared ${median.compared}`);
    // 5 % ± 3.5 standard errors of 200 trials.
    ok(median.share < 0.104, `median ${median.share}`);
    ok(tail.share < 0.104, `p95 ${tail.share}`);
  });

test('too few requests, too short, and bursts are refused with what is missing', () => {
  const even = (count: number, seconds: number): TimedValues => ({
    at: Array.from({ length: count }, (_, index) => (index / count) * seconds * 1e6),
    values: Array.from({ length: count }, (_, index) => 100 + ((index * 7919) % 101)),
  });
  const reasonOf = (timed: TimedValues) => {
    const blocks = blocksOf(timed);
    return blocks.kind === 'too-few' ? blocks.reason : `${blocks.blocks.length} blocks`;
  };
  equal(reasonOf(even(47, 60)), '47 requests, 48 are needed');
  equal(reasonOf(even(48, 60)), '8 blocks');
  equal(reasonOf(even(1000, 15)), '15 s, 16 s are needed');
  equal(reasonOf({ at: [], values: [] }), '0 requests, 48 are needed');
});

test('values that follow each other closely are alike, independent ones hardly', () => {
  const random = seededRandom(3);
  const walk = Array.from({ length: 200 }, () => 0);
  for (const index of walk.keys()) walk[index] = 0.9 * (walk[index - 1] ?? 0) + random() - 0.5;
  const closely = alikeness([walk.map(Math.exp)]);
  ok(closely > 0.8 && closely <= 1, `a walk: ${closely}`);
  // 1/√200 is its error.
  const hardly = alikeness([walk.map(() => 1 + random())]);
  ok(hardly < 0.2, `independent: ${hardly}`);
  equal(alikeness([[5, 5, 5, 5, 5, 5]]), 0);
  equal(alikeness([]), 0);
  fc.assert(
    fc.property(fc.array(group, { maxLength: 3 }), (groups) => {
      const alike = alikeness(groups);
      ok(alike >= 0 && alike <= 1);
    }),
  );
});
