// Which operation asked for which request, when addresses and headers agree, when they do not, and when one of them is missing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nanos } from '../base/time.ts';
import { Operation } from '../model/operation.ts';
import type { ParentLink } from '../model/request.ts';
import { Joins } from './join.ts';
import { LiveRequest } from './live-request.ts';

const SPAN: ParentLink = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

function request(service: string, start: number, parent?: ParentLink): LiveRequest {
  const live = new LiveRequest(1, service, service);
  live.request.start = nanos(start);
  live.request.parent = parent;
  return live;
}

function operation(sent: number, nth = 1): Operation {
  const made = new Operation();
  made.sent = nanos(sent);
  made.nthOnConnection = nth;
  return made;
}

test('by span, when one end does not know the addresses of the other', () => {
  for (const isCalleeFirst of [true, false]) {
    const joins = new Joins();
    const [caller, callee, call] = [request('a', 1), request('b', 20, SPAN), operation(10)];
    const steps = [
      () => joins.requestStarted('proxy>b', 1, callee),
      () => joins.operationEnded('a>proxy', call, caller, SPAN),
    ];
    for (const step of isCalleeFirst ? steps : steps.toReversed()) step();
    assert.equal(callee.callerOperation, call);
    assert.equal(callee.caller, caller);
    assert.equal(caller.callees.get(call), callee);
  }
});

test('a span that several operations carried names none of them', () => {
  const joins = new Joins();
  const callee = request('b', 20, SPAN);
  joins.operationEnded('a>x', operation(10), request('a', 1), SPAN);
  joins.operationEnded('a>y', operation(11), request('a', 1), SPAN);
  joins.requestStarted('z>b', 1, callee);
  assert.equal(callee.callerOperation, undefined);
});

test('a callee that was there before the call is another one', () => {
  const joins = new Joins();
  const callee = request('b', 5, SPAN);
  joins.requestStarted('', 0, callee);
  joins.operationEnded('', operation(10), request('a', 1), SPAN);
  assert.equal(callee.callerOperation, undefined);
});

test('a header that was passed on unchanged: addresses say who asked, and overrule what it said', () => {
  const joins = new Joins();
  const [caller, middle, last] = [request('a', 1), request('proxy', 20, SPAN), request('b', 30, SPAN)];
  const [call, passedOn] = [operation(10), operation(25)];
  joins.clientConnected('proxy>b');
  joins.requestStarted('proxy>b', 1, last);
  joins.operationEnded('a>unknown', call, caller, SPAN);
  // Its addresses may still say better.
  assert.equal(last.callerOperation, undefined);
  joins.requestStarted('unknown>proxy', 1, middle);
  joins.operationEnded('proxy>b', passedOn, middle);
  assert.equal(last.callerOperation, passedOn);
  assert.equal(last.caller, middle);
  assert.equal(middle.callerOperation, call);
});

test('of two that name the same span the first was asked, whatever arrives first', () => {
  const joins = new Joins();
  const [caller, middle, last, call] = [
    request('a', 1),
    request('proxy', 20, SPAN),
    request('b', 30, SPAN),
    operation(10),
  ];
  joins.operationEnded('', call, caller, SPAN);
  joins.requestStarted('', 0, last);
  joins.requestStarted('', 0, middle);
  assert.equal(caller.callees.get(call), middle);
  assert.equal(middle.caller, caller);
  assert.equal(last.caller, undefined);
});

test('addresses that come later overrule a span', () => {
  const joins = new Joins();
  const [wrong, right, callee] = [request('a', 1), request('c', 2), request('b', 20, SPAN)];
  const [first, second] = [operation(10), operation(12)];
  joins.requestStarted('c>b', 1, callee);
  joins.operationEnded('', first, wrong, SPAN);
  assert.equal(callee.caller, wrong);
  joins.operationEnded('c>b', second, right);
  assert.equal(callee.caller, right);
  assert.equal(wrong.callees.size, 0);
  assert.equal(right.callees.get(second), callee);
});

test('on one connection the span counts when the numbers do not: records of it were lost', () => {
  const joins = new Joins();
  const [caller, callee, call] = [request('a', 1), request('b', 20, SPAN), operation(10, 2)];
  joins.clientConnected('a>b');
  joins.requestStarted('a>b', 3, callee);
  joins.operationEnded('a>b', call, caller, SPAN);
  assert.equal(callee.callerOperation, call);
});

test('nothing is kept of what was forgotten', () => {
  const joins = new Joins();
  const callee = request('b', 20, SPAN);
  joins.requestStarted('', 0, callee);
  joins.forget(callee);
  joins.operationEnded('', operation(10), request('a', 1), SPAN);
  assert.equal(callee.callerOperation, undefined);
});
