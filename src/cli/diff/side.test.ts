// Sides as people type them.

import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';

import { parseSide, timeAt } from './side.ts';

test('folders, ranges, both', () => {
  deepEqual(parseSide('before'), { folder: 'before', from: '', to: '' });
  deepEqual(parseSide('before@14:00..14:15'), { folder: 'before', from: '14:00', to: '14:15' });
  deepEqual(parseSide('@-30m..-15m'), { folder: undefined, from: '-30m', to: '-15m' });
  deepEqual(parseSide('@..-15m'), { folder: undefined, from: '', to: '-15m' });
  deepEqual(parseSide('data@v2'), { folder: 'data@v2', from: '', to: '' });
});

test('times count from the end of the recording', () => {
  const last = new Date(2026, 2, 4, 14, 30).getTime();
  equal(timeAt('-15m', last), last - 15 * 60_000);
  equal(timeAt('14:05', last), new Date(2026, 2, 4, 14, 5).getTime());
  equal(timeAt('23:00', last), new Date(2026, 2, 3, 23, 0).getTime());
  equal(timeAt('2026-03-04T14:05:00Z', last), Date.UTC(2026, 2, 4, 14, 5));
  throws(() => parseSide('a@noon..14:00'), /"noon" is no time/);
});
