// A recording and a clock that was set back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { futureSentence } from './future.ts';

test('what ends within the minute is not from the future', () => {
  assert.equal(futureSentence(1_000_000, 2_000_000), '');
  assert.equal(futureSentence(2_060_000, 2_000_000), '');
  assert.match(futureSentence(2_060_001, 2_000_000), /ends 60\.0\ss from now: a clock was set back/);
  assert.match(futureSentence(3 * 3_600_000, 0), /ends 3\.0\sh from now/);
});
