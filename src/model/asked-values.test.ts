import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedValues } from './asked-values.ts';

test('all the same, all different, some the same', () => {
  assert.equal(askedValues([3, 3, 3]), 'the same values 3 times');
  assert.equal(askedValues([1, 2, 3, 4]), '4 different values');
  assert.equal(askedValues([1, 2, 1, 1]), '2 different values, one of them 3 times');
});

test('what was not seen is said, or nothing at all', () => {
  assert.equal(askedValues([0, 0]), '');
  assert.equal(askedValues([]), '');
  assert.equal(askedValues([7, 0, 7]), 'the same values 2 times; of 1 not seen');
  assert.equal(askedValues([7, 0]), 'one value; of 1 not seen');
});
