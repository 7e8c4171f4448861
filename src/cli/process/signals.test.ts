import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isForegroundByStat } from './signals.ts';

test('in the foreground of a terminal: the group is the one that the keyboard signals', () => {
  assert.equal(isForegroundByStat('42 (node) S 1 42 42 34816 42 4194304 0'), true);
});

test('in the background, or without a terminal', () => {
  assert.equal(isForegroundByStat('42 (node) S 1 42 42 34816 77 4194304 0'), false);
  assert.equal(isForegroundByStat('42 (node) S 1 42 42 0 -1 4194304 0'), false);
});

test('a name with brackets and spaces does not shift the fields', () => {
  assert.equal(isForegroundByStat('42 (a) S 9 9 (b c) S 1 42 42 34816 42 4194304 0'), true);
});
