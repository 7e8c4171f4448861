// Sides as people type them.

import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';

import { parseSide, rangeOf, timeAt } from './side.ts';

const part = (from: string, to: string) => ({ from, to, isMark: false });

test('folders, ranges, marks, both', () => {
  deepEqual(parseSide('before'), { folder: 'before', ...part('', '') });
  deepEqual(parseSide('before@14:00..14:15'), { folder: 'before', ...part('14:00', '14:15') });
  deepEqual(parseSide('@-30m..-15m'), { folder: undefined, ...part('-30m', '-15m') });
  deepEqual(parseSide('@..-15m'), { folder: undefined, ...part('', '-15m') });
  deepEqual(parseSide('@v2'), { folder: undefined, from: 'v2', to: '', isMark: true });
  deepEqual(parseSide('data@v2'), { folder: 'data@v2', ...part('', '') });
  deepEqual(parseSide('data@v2..'), { folder: 'data', ...part('v2', '') });
});

test('times count from the end of the recording', () => {
  const last = new Date(2026, 2, 4, 14, 30).getTime();
  equal(timeAt('-15m', last), last - 15 * 60_000);
  equal(timeAt('14:05', last), new Date(2026, 2, 4, 14, 5).getTime());
  equal(timeAt('23:00', last), new Date(2026, 2, 3, 23, 0).getTime());
  equal(timeAt('2026-03-04T14:05:00Z', last), Date.UTC(2026, 2, 4, 14, 5));
  throws(() => timeAt('noon', last), /"noon" is no time/);
});

test('a mark stands for the time up to the next one; the last one of a name counts', () => {
  const marks = [
    { name: 'v1', at: 1000 },
    { name: 'v2', at: 2000 },
    { name: 'v1', at: 3000 },
  ];
  const rangeFrom = (text: string) => rangeOf(parseSide(text), 9000, marks);
  deepEqual(rangeFrom('@v2'), { from: 2000, to: 2999 });
  deepEqual(rangeFrom('@v1'), { from: 3000 });
  deepEqual(rangeFrom('@..v2'), { to: 1999 });
  deepEqual(rangeFrom('@v2..v1'), { from: 2000, to: 2999 });
  throws(() => rangeFrom('@v3'), /no mark "v3": there are v1, v2, v1/);
  throws(() => rangeFrom('@v3..'), /"v3" is no time.*or a mark: v1, v2, v1/);
});
