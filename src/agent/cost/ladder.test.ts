import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LAST_STEP, Ladder } from './ladder.ts';

const SECOND = 1e9;

/** Seconds at one share of a busy process; answers the step after each. */
function seconds(ladder: Ladder, count: number, share: number): number[] {
  return Array.from({ length: count }, () => ladder.observe(share * SECOND, SECOND, SECOND));
}

test('a burst is served in full; what lasts is answered step by step, and no further than allowed', () => {
  const ladder = new Ladder(0.05, LAST_STEP);
  assert.deepEqual(seconds(ladder, 2, 0.5), [0, 0]);
  assert.deepEqual(seconds(ladder, 1, 0.04), [0]);
  assert.deepEqual(seconds(ladder, 7, 0.5), [0, 0, 1, 1, 1, 2, 2]);
  assert.equal(seconds(ladder, 100, 0.5).at(-1), LAST_STEP);
  assert.equal(ladder.recordedShare, 1 / 16);
  assert.equal(seconds(new Ladder(0.05, 1), 100, 0.5).at(-1), 1);
});

test('it goes back when the step below would be within the budget, too', () => {
  const ladder = new Ladder(0.05, LAST_STEP);
  seconds(ladder, 6, 0.08);
  assert.equal(ladder.step, 2);
  assert.equal(seconds(ladder, 100, 0.04).at(-1), 2);
  assert.equal(seconds(ladder, 10, 0.01).at(-1), 1);
  assert.equal(seconds(ladder, 10, 0.01).at(-1), 0);
  assert.equal(ladder.recordedShare, 1);
});

test('an idle process is no reason', () => {
  const ladder = new Ladder(0.05, LAST_STEP);
  for (let second = 0; second < 100; second++) ladder.observe(0.01 * SECOND, 0.02 * SECOND, SECOND);
  assert.equal(ladder.step, 0);
});

test('with costs that follow the share of recorded time it settles: no step is taken back and forth', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 0.6, noNaN: true }), (full) => {
      const ladder = new Ladder(0.05, LAST_STEP);
      for (let second = 0; second < 60; second++)
        ladder.observe(full * ladder.recordedShare * SECOND, SECOND, SECOND);
      const settled = ladder.step;
      for (let second = 0; second < 200; second++)
        assert.equal(ladder.observe(full * ladder.recordedShare * SECOND, SECOND, SECOND), settled);
    }),
  );
});
