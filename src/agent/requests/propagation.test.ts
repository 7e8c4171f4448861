// Who is told of a trace, and what.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Context, HIDDEN_CONTEXT, NO_CONTEXT } from './context.ts';
import { forbids, headForbids, mayTell, Policy, targetForbids } from './propagation.ts';
import { Trace, traceOf } from './trace.ts';

test('hosts of our own are told, others are not', () => {
  const policy = new Policy('');
  const own =
    'localhost localhost:80 cart cart:8080 127.0.0.1:3000 10.1.2.3 192.168.0.7:80 172.16.0.1 [::1]:443 ::1 fd00::1 a.svc cart.shop.svc.cluster.local';
  for (const host of own.split(' ')) assert.equal(policy.allows(host), true, host);
  for (const host of 'api.stripe.com example.com:80 8.8.8.8 172.32.0.1 [2001:db8::1]:443 169.254.169.254 169.254.170.2:80'.split(
    ' ',
  ))
    assert.equal(policy.allows(host), false, host);
  assert.equal(policy.allows(''), false);
});

test('hosts that are listed are told, whatever their case', () => {
  const policy = new Policy('API.example.com, .corp.example *.net.example,');
  for (const host of [
    'api.example.com',
    'Api.Example.Com:8443',
    'a.corp.example',
    'a.b.corp.example',
    'x.net.example',
    'localhost',
  ])
    assert.equal(policy.allows(host), true, host);
  for (const host of [
    'example.com',
    'xapi.example.com',
    'corp.example',
    'evilcorp.example',
    'api.example.com.evil.org',
  ])
    assert.equal(policy.allows(host), false, host);
  assert.equal(new Policy('*').allows('example.com'), true);
});

test('off is off, also for our own', () => {
  for (const setting of ['off', 'OFF', 'off,api.example.com'])
    for (const host of ['localhost', 'api.example.com'])
      assert.equal(new Policy(setting).allows(host), false);
});

test('all hosts that a request names must be allowed', () => {
  const context = new Context(1, 0);
  assert.equal(mayTell(context, 'localhost'), true);
  assert.equal(mayTell(context, '127.0.0.1', 'api.stripe.com'), false);
  assert.equal(mayTell(context, 'api.stripe.com', 'localhost'), false);
  assert.equal(mayTell(NO_CONTEXT, 'localhost'), false);
  assert.equal(mayTell(HIDDEN_CONTEXT, 'localhost'), false);
});

test('what is traced or signed is left alone', () => {
  for (const name of [
    'traceparent',
    'TraceParent',
    'b3',
    'X-B3-TraceId',
    'X-Amz-Date',
    'x-amzn-trace-id',
    'uber-trace-id',
    'sentry-trace',
  ])
    assert.equal(forbids(name, 'x'), true, name);
  assert.equal(forbids('Authorization', 'AWS4-HMAC-SHA256 Credential=…'), true);
  assert.equal(forbids('Authorization', ['AWS4-ECDSA-P256-SHA256 …']), true);
  assert.equal(forbids('Authorization', 'Bearer AWS4-'), false);
  for (const name of ['host', 'b3x', 'tracestate', 'x-api-key', 'content-type'])
    assert.equal(forbids(name, 'x'), false, name);
});

test('the same in a head, and signatures in a query', () => {
  const head = (line: string, target = '/a?b=1'): string =>
    `GET ${target} HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n`;
  for (const line of [
    'traceparent: 1',
    'TraceParent:1',
    'B3: 0',
    'X-B3-TraceId: a',
    'x-amz-date: 1',
    'authorization: AWS4-HMAC-SHA256 x',
    'X-Amzn-Trace-Id: 1',
  ])
    assert.equal(headForbids(head(line)), true, line);
  for (const line of ['tracestate: traceparent', 'x-b: b3: 1', 'authorization: Basic AWS4-', 'a: x-amz-b'])
    assert.equal(headForbids(head(line)), false, line);
  for (const target of ['/a?X-Amz-Signature=1', '/a?b&x-amz-date=1']) {
    assert.equal(targetForbids(target), true);
  }
  for (const target of ['http://other/', '*', 'other:443', ''])
    assert.equal(targetForbids(target), true, target);
  assert.equal(targetForbids('/a?b=x-amz-c'), false);
});

test('a request has one trace, and each of its operations a span', () => {
  const context = new Context(1, 0);
  const first = traceOf(context).headers().traceparent;
  const second = traceOf(new Context(1, 7, context)).headers().traceparent;
  for (const header of [first, second]) assert.match(header, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.equal(first.slice(0, 35), second.slice(0, 35));
  assert.notEqual(first, second);
});

test('a trace that came in goes on, and so does what was decided about it', () => {
  const id = '0af7651916cd43dd8448eb211c80319c';
  const went = (traceparent: string, b3 = ''): string => {
    const headers = new Trace(traceparent, b3).headers();
    return `${headers.traceparent} ${headers.b3}`.replaceAll(/-[0-9a-f]{16}-/g, '-SPAN-').trim();
  };
  assert.equal(went(`00-${id}-b7ad6b7169203331-01`), `00-${id}-SPAN-01`);
  assert.equal(went(`00-${id}-b7ad6b7169203331-00`), `00-${id}-SPAN-00`);
  assert.equal(went(`cc-${id}-b7ad6b7169203331-03-more`), `00-${id}-SPAN-01`);
  assert.equal(went('', `${id}-b7ad6b7169203331-1`), `00-${id}-SPAN-01 ${id}-SPAN-1`);
  assert.equal(went('', `${id}-b7ad6b7169203331-0`), `00-${id}-SPAN-00 ${id}-SPAN-0`);
  assert.equal(
    went('', 'A448EB211C80319C-b7ad6b7169203331'),
    '00-0000000000000000a448eb211c80319c-SPAN-01 a448eb211c80319c-SPAN-1',
  );
  assert.equal(
    went(`00-${id}-b7ad6b7169203331-01`, 'a448eb211c80319c-b7ad6b7169203331-1'),
    `00-${id}-SPAN-01`,
  );
});

test('nonsense that came in begins a new trace', () => {
  for (const header of [
    '',
    'x',
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
  ]) {
    const { traceparent, b3 } = new Trace(header, 'nonsense').headers();
    assert.match(traceparent, /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/);
    assert.equal(b3, '');
  }
});
