// What statements of calls to other services say about themselves: less than SQL does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasNoParameters, isControl, isRead, isServiceCall, targetOf } from './statement-facts.ts';

test('a call of gRPC: what it asks for is in its message, which nobody sees', () => {
  const call = { protocol: 'grpc', statement: '/shop.Cart/Get', dependency: 'cart' } as const;
  assert.equal(isServiceCall(call), true);
  assert.equal(hasNoParameters(call), false);
  assert.equal(isRead(call), false);
  assert.equal(isControl(call), false);
  assert.equal(targetOf(call), '/shop.Cart/Get');
});

test('a query without a place for a value', () => {
  const query = {
    protocol: 'postgres',
    statement: 'SELECT name FROM countries',
    dependency: 'Postgres shop',
  } as const;
  assert.equal(isServiceCall(query), false);
  assert.equal(hasNoParameters(query), true);
});
