// Both sides of each limit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Budget } from './budget.ts';

const SECOND = 1e9;

/** How many it gives at this time. */
function drain(budget: Budget, time: number, reserve?: number): number {
  let taken = 0;
  while (budget.take(time, reserve)) taken++;
  return taken;
}

test('as many at once as the limit, then as many as time brings', () => {
  const budget = new Budget(8, 2);
  assert.equal(drain(budget, 5 * SECOND), 8);
  assert.equal(drain(budget, 5.4 * SECOND), 0);
  assert.equal(drain(budget, 5.5 * SECOND), 1);
  assert.equal(drain(budget, 7.5 * SECOND), 4);
  assert.equal(drain(budget, 1000 * SECOND), 8);
});

test('a reserve is left for others', () => {
  const budget = new Budget(8, 2);
  assert.equal(drain(budget, 0, 3), 5);
  assert.equal(drain(budget, 0), 3);
});
