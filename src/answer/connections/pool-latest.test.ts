import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MINUTE_MS } from '../range.ts';
import { firstMinute } from './pool-latest.ts';

const MINUTES = [
  { minute: 12, operations: 40 },
  { minute: 11, operations: 60 },
  { minute: 9, operations: 500 },
];

test('the newest minutes that hold enough; the last silent and the first loud number', () => {
  assert.equal(firstMinute(MINUTES, 40, undefined), 12);
  assert.equal(firstMinute(MINUTES, 41, undefined), 11);
  assert.equal(firstMinute(MINUTES, 100, undefined), 11);
  assert.equal(firstMinute(MINUTES, 101, undefined), 9);
  assert.equal(firstMinute(MINUTES, 600, undefined), 9);
  assert.equal(firstMinute(MINUTES, 601, undefined), undefined);
});

test('a minute of which only a part is asked for promises nothing', () => {
  const whole = 13 * MINUTE_MS - 1;
  assert.equal(firstMinute(MINUTES, 40, whole), 12);
  assert.equal(firstMinute(MINUTES, 40, whole - 1), 11);
});
