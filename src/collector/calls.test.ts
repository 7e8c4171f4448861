// A pool does not know for what it is asked: the call site of such a call comes later than the call.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Nanos } from '../base/time.ts';
import { Operation } from '../model/operation.ts';
import { Calls } from './calls.ts';

test('a second record of a call tells its call site and leaves its times', () => {
  const calls = new Calls();
  calls.called(1, 7, 0, 100 as Nanos);
  calls.granted(1, 150 as Nanos);
  calls.callSite(3, '/app/shop.js:10:5 load', '/app');
  calls.called(1, 7, 3, 160 as Nanos);
  const operation = new Operation();
  operation.call = 1;
  operation.sent = 170 as Nanos;
  calls.complete(operation);
  const { called, granted, callSite } = operation;
  assert.deepEqual({ called, granted, callSite }, { called: 100, granted: 150, callSite: 'shop.js:10:5' });
});

test('a line that makes all calls stands for those who call it; one that makes two does not', () => {
  const calls = new Calls();
  const placeOf = (id: number, caller: string, statement: string): string => {
    calls.callSite(id, `/app/client.js:3:1 get\n/app/${caller}.js:9:1 handler`, '/app');
    calls.called(id, 7, id, 100 as Nanos);
    const operation = new Operation();
    operation.call = id;
    operation.statement = statement;
    calls.complete(operation);
    return operation.callSite;
  };
  assert.equal(placeOf(1, 'cart', 'GET /carts/:id'), 'client.js:3:1');
  assert.equal(placeOf(2, 'list', 'GET /lists'), 'client.js:3:1');
  assert.equal(placeOf(3, 'cart', 'GET /carts/:id'), 'client.js:3:1');
  assert.equal(placeOf(4, 'user', 'GET /users/:id'), 'user.js:9:1');
  assert.equal(placeOf(5, 'cart', 'GET /carts/:id'), 'cart.js:9:1');
});

test('a comprehension that asks for everything is called by who called the function around it', () => {
  const calls = new Calls();
  const placeOf = (id: number, statement: string): string => {
    const stack = '/app/points.py:68:1 <dictcomp>\n/app/points.py:68:12 points\n/app/views.py:40:5 get';
    calls.callSite(id, stack, '/app');
    calls.called(id, 7, id, 100 as Nanos);
    const operation = new Operation();
    operation.call = id;
    operation.statement = statement;
    calls.complete(operation);
    return operation.callSite;
  };
  for (const [at, statement] of ['HELLO', 'CLIENT SETINFO', 'SELECT', 'GET points:?'].entries())
    assert.equal(placeOf(at + 1, statement), 'points.py:68:1');
});

test('a call that is noted together with its bytes began with the connection that was opened for it', () => {
  const calledOf = (called: number, connectStart: number): number => {
    const calls = new Calls();
    calls.called(1, 7, 0, called as Nanos);
    const operation = new Operation();
    operation.call = 1;
    operation.connectStart = connectStart as Nanos;
    operation.sent = 900 as Nanos;
    calls.complete(operation);
    return operation.called;
  };
  assert.equal(calledOf(900, 100), 100);
  // Another one of its calls had opened the connection, and was served by one that had become free.
  assert.equal(calledOf(800, 100), 800);
  assert.equal(calledOf(900, -1), 900);
});
