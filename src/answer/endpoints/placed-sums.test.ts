import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withUnplaced, type PlacedSums } from './placed-sums.ts';

function sums(key: string, callSite: string, us: number): PlacedSums {
  return { key, callSite, count: 1, errors: 1, us, phases: [us, 0], histogram: new Map([[us, 1]]) };
}

test('calls without a line are those of the only line', () => {
  assert.deepEqual(withUnplaced([sums('a', '', 30), sums('b', '', 25), sums('a', 'x.js:1', 10)]), [
    {
      key: 'a',
      callSite: 'x.js:1',
      count: 2,
      errors: 2,
      us: 40,
      phases: [40, 0],
      histogram: new Map([
        [10, 1],
        [30, 1],
      ]),
    },
    sums('b', '', 25),
  ]);
});

test('with two lines nobody knows which: nothing is added, and nothing is lost', () => {
  const rows = [sums('a', 'x.js:1', 30), sums('a', 'y.js:2', 20), sums('a', '', 10)];
  assert.deepEqual(withUnplaced(rows), rows);
});
