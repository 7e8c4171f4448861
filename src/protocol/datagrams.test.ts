import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Nanos } from '../base/time.ts';
import type { Operation } from '../model/operation.ts';
import { DatagramDecoding } from './datagrams.ts';
import { DecodeCounters } from './driver.ts';

type Datagram = readonly [from: 'client' | 'server', bytes: Uint8Array];

/** Of request 7. One datagram each µs. */
const CONTEXTS = { isOrdered: false, count: 1, offset: () => 0, request: () => 7, call: () => 0 };

function decode(datagrams: readonly Datagram[]): Operation[] {
  const operations: Operation[] = [];
  const host = {
    operation: (operation: Operation) => void operations.push(operation),
    peer: () => undefined,
    handOver: () => undefined,
  };
  const decoding = new DatagramDecoding(host, new DecodeCounters());
  let time = 0;
  for (const [from, bytes] of datagrams) {
    time += 1000;
    decoding.chunk(from, bytes, 0, time as Nanos, from === 'client' ? CONTEXTS : undefined);
  }
  decoding.close((time + 1000) as Nanos);
  return operations;
}

const said = (operations: readonly Operation[]): unknown[] =>
  operations.map(({ protocol, statement, outcome, errorType, rows, sent, end, request }) => [
    protocol,
    statement,
    outcome,
    errorType,
    rows,
    end - sent,
    request,
  ]);

/** RFC 1035: number, flags, counts, then `www.example` and its kind. */
function dnsDatagram(number: number, flags: number, answers: number, kind = 1): Uint8Array {
  const header = Buffer.alloc(12);
  for (const [index, value] of [number, flags, 1, answers, 0, 0].entries())
    header.writeUInt16BE(value, 2 * index);
  return Buffer.concat([
    header,
    Buffer.from('\x03www\x07example\x00', 'latin1'),
    Buffer.from([0, kind, 0, 1]),
  ]);
}

const text = (content: string): Uint8Array => Buffer.from(content);

test('DNS: answers in any order, a question asked again, a name that is not there', () => {
  const operations = decode([
    ['client', dnsDatagram(1, 0x0100, 0)],
    ['client', dnsDatagram(2, 0x0100, 0, 15)],
    ['client', dnsDatagram(1, 0x0100, 0)],
    ['server', dnsDatagram(2, 0x8180, 3, 15)],
    ['server', dnsDatagram(1, 0x8183, 0)],
    ['server', dnsDatagram(9, 0x8180, 1)],
    ['client', dnsDatagram(3, 0x0100, 0, 28)],
  ]);
  assert.deepEqual(said(operations), [
    ['dns', 'query MX', 'ok', '', 3, 2000, 7],
    ['dns', 'query A', 'error', 'NXDOMAIN', 0, 4000, 7],
    ['dns', 'query AAAA', 'unfinished', '', -1, 1000, 7],
  ]);
});

test('statsd: each datagram is an operation that ends when it is sent', () => {
  const operations = decode([
    ['client', text('page.views:1|c|#path:/secret')],
    ['client', text('a:1|c\nb:320|ms|@0.1\nc:-3|g\n')],
    ['client', text('no metric at all')],
  ]);
  assert.deepEqual(said(operations), [
    ['statsd', 'send metrics', 'ok', '', 1, 0, 7],
    ['statsd', 'send metrics', 'ok', '', 3, 0, 7],
    ['statsd', 'send metrics', 'ok', '', 1, 0, 7],
  ]);
});

test('datagrams of nobody known: answered oldest first', () => {
  const operations = decode([
    ['server', text('unasked')],
    ['client', text('one')],
    ['client', text('two')],
    ['server', text('re: one')],
    ['server', text('re: two')],
  ]);
  assert.deepEqual(said(operations), [
    ['udp', 'datagram', 'ok', '', -1, 2000, 7],
    ['udp', 'datagram', 'ok', '', -1, 2000, 7],
  ]);
});

test('datagrams that are never answered end when they are sent, once that is known', () => {
  const operations = decode(Array.from({ length: 20 }, (): Datagram => ['client', text('<13>log')]));
  assert.deepEqual(
    said(operations),
    Array.from({ length: 4 }, () => ['udp', 'datagram', 'ok', '', -1, 0, 7]),
  );
});

test('whatever comes, nothing is thrown, and nothing ends before it began', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constant(dnsDatagram(1, 0x0100, 0)),
    fc.constant(dnsDatagram(1, 0x8180, 1)),
    fc.constant(text('a:1|c')),
  );
  const datagram = fc.tuple(fc.constantFrom('client' as const, 'server' as const), bytes);
  fc.assert(
    fc.property(fc.array(datagram, { maxLength: 40 }), (datagrams) => {
      for (const { sent, end } of decode(datagrams)) assert.ok(sent <= end);
    }),
  );
});
