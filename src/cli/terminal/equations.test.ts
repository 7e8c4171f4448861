import assert from 'node:assert/strict';
import { test } from 'node:test';

import { equationsOf } from './equations.ts';

function holds(counters: Record<string, number>): Record<string, boolean> {
  return Object.fromEntries(equationsOf(counters).map(({ left, holds }) => [left.name, holds]));
}

test('parts that are all must be the whole', () => {
  assert.equal(
    holds({ 'operations.seen': 5, 'operations.request': 3, 'operations.none': 2 })['operations.seen'],
    true,
  );
  assert.equal(
    holds({ 'operations.seen': 6, 'operations.request': 3, 'operations.none': 2 })['operations.seen'],
    false,
  );
});

test('what goes on is the rest, and never negative', () => {
  const [started] = equationsOf({ 'requests.started': 5, 'requests.finished': 3 });
  assert.deepEqual(started?.right.at(-1), { name: 'still running', value: 2 });
  assert.equal(started?.holds, true);
  assert.equal(holds({ 'requests.started': 5, 'requests.finished': 6 })['requests.started'], false);
});

test('each protocol that was decoded has its equations', () => {
  const result = holds({ 'decode.redis.operations': 2, 'decode.redis.answered': 1, 'decode.redis.begun': 2 });
  assert.equal(result['decode.redis.operations'], false);
  assert.equal(result['decode.redis.begun'], true);
  assert.equal(result['decode.mysql.begun'], undefined);
});
