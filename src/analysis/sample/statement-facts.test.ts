// What statements of calls to other services say about themselves: less than SQL does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hasNoParameters,
  isControl,
  isRead,
  isServiceCall,
  shortStatement,
  targetOf,
} from './statement-facts.ts';

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

for (const [statement, reads, short] of [
  ['WITH a AS (SELECT x FROM y) SELECT x FROM a', true, 'SELECT … FROM y'],
  ['with "a" as (select x from "y") select x from "a" for update', false, 'SELECT … FROM y'],
  ['WITH a AS (DELETE FROM y RETURNING id) SELECT id FROM a', false, 'SELECT … FROM y'],
  ['WITH a AS (SELECT x FROM y) INSERT INTO z SELECT x FROM a', false, 'INSERT y'],
  ['WITH a AS (SELECT x FROM y WHERE …', false, 'WITH y'],
] as const)
  test(`common table expressions: ${statement}`, () => {
    const query = { protocol: 'postgres', statement, dependency: 'Postgres shop' } as const;
    assert.equal(isRead(query), reads);
    assert.equal(shortStatement(query), short);
  });
