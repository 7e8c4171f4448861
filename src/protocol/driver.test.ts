// The driver by itself: who caused an operation, when its bytes went and came, what is bounded, and opaque exchanges.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decode } from '../../test/contracts/decoder.ts';
import * as pg from '../../test/contracts/postgres-bytes.ts';
import * as resp from '../../test/contracts/redis-bytes.ts';
import { nanos } from '../base/time.ts';
import type { Operation, ProtocolName } from '../model/operation.ts';
import { DecodeCounters, Decoding } from './driver.ts';
import type { WriteContexts } from './driver.ts';
import { OPEN_LIMIT } from './operations.ts';

type Context = readonly [offset: number, request: number, call: number];

function contextsOf(isOrdered: boolean, ...entries: readonly Context[]): WriteContexts {
  return {
    isOrdered,
    count: entries.length,
    offset: (index) => entries[index]?.[0] ?? 0,
    request: (index) => entries[index]?.[1] ?? 0,
    call: (index) => entries[index]?.[2] ?? 0,
  };
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** A decoding whose results are kept. */
function start(hint?: ProtocolName): {
  decoding: Decoding;
  operations: Operation[];
  counters: DecodeCounters;
} {
  const operations: Operation[] = [];
  const counters = new DecodeCounters();
  const host = { operation: (done: Operation) => void operations.push(done), peer() {}, handOver() {} };
  return { decoding: new Decoding(host, counters, hint), operations, counters };
}

const get = resp.command('GET', 'a:1');
const pipeline = joined(get, get, get);
const answers = joined(resp.bulk('1'), resp.bulk('2'), resp.bulk('3'));
const causeOf = ({ attribution, request, call }: Operation): readonly unknown[] => [
  attribution,
  request,
  call,
];

describe('contexts', () => {
  it('by offset: the entry that holds where the operation begins', () => {
    const { decoding, operations } = start('redis');
    const contexts = contextsOf(false, [0, 5, 50], [get.length, 0, 51], [2 * get.length, 0xffffffff, 52]);
    decoding.chunk('client', pipeline, 0, nanos(1), contexts);
    decoding.chunk('server', answers, 0, nanos(2), undefined);
    assert.deepEqual(operations.map(causeOf), [
      ['request', 5, 50],
      ['none', 0, 51],
      ['hidden', 0, 52],
    ]);
  });

  it('in order: the n-th operation of the chunk has the n-th, those beyond are hidden', () => {
    const { decoding, operations } = start('redis');
    decoding.chunk('client', pipeline, 0, nanos(1), contextsOf(true, [0, 5, 50], [0, 6, 60]));
    decoding.chunk('server', answers, 0, nanos(2), undefined);
    assert.deepEqual(operations.map(causeOf), [
      ['request', 5, 50],
      ['request', 6, 60],
      ['hidden', 0, 0],
    ]);
  });

  it('a message in two chunks has the context of the first', () => {
    const { decoding, operations } = start('redis');
    decoding.chunk('client', get.subarray(0, 5), 0, nanos(1), contextsOf(false, [0, 5, 50]));
    decoding.chunk('client', joined(get.subarray(5), get), 0, nanos(2), contextsOf(false, [0, 6, 60]));
    decoding.chunk('server', answers, 0, nanos(3), undefined);
    assert.deepEqual(operations.map(causeOf), [
      ['request', 5, 50],
      ['request', 6, 60],
    ]);
    assert.deepEqual(
      operations.map(({ sent, written }) => [sent, written]),
      [
        [1, 2],
        [2, 2],
      ],
    );
  });

  it('a write without contexts is hidden', () => {
    const { decoding, operations } = start('redis');
    decoding.chunk('client', get, 0, nanos(1), undefined);
    decoding.close(nanos(2));
    assert.deepEqual(operations.map(causeOf), [['hidden', 0, 0]]);
  });
});

describe('times and sizes', () => {
  it('of the first and last byte, also when the rest of the last message comes later, or is in a hole', () => {
    const { decoding, operations } = start('redis');
    const set = resp.command('SET', 'a:1', 'x'.repeat(5000));
    decoding.chunk('client', set.subarray(0, 3000), 1000, nanos(10), undefined);
    decoding.chunk('client', set.subarray(4000), 0, nanos(20), undefined);
    decoding.chunk('client', get, 0, nanos(30), undefined);
    const answer = joined(resp.simple('OK'), resp.bulk('y'.repeat(3000)));
    decoding.chunk('server', answer.subarray(0, 100), 0, nanos(40), undefined);
    decoding.chunk('server', answer.subarray(100, 200), 2000, nanos(50), undefined);
    assert.equal(operations.length, 1, 'the answer to GET is not whole');
    decoding.chunk('server', answer.subarray(2200), 0, nanos(60), undefined);
    assert.deepEqual(
      operations.map(({ sent, written, firstByte, end, bytesOut, bytesIn, outcome, hasHole }) => [
        sent,
        written,
        firstByte,
        end,
        bytesOut,
        bytesIn,
        outcome,
        hasHole,
      ]),
      [
        [10, 20, 40, 40, set.length, 5, 'ok', false],
        [30, 30, 40, 60, get.length, answer.length - 5, 'ok', false],
      ],
    );
  });

  it('an answer whose end is in a hole ends when the client speaks again, at the time of the hole', () => {
    const { decoding, operations, counters } = start('postgres');
    const rows = Array.from({ length: 20 }, () => pg.dataRow('some', 'values'));
    const answer = joined(pg.rowDescription('a', 'b'), ...rows);
    decoding.chunk('client', pg.query('select 1'), 0, nanos(1), undefined);
    decoding.chunk('server', answer.subarray(0, 100), answer.length - 100, nanos(2), undefined);
    assert.equal(operations.length, 0);
    decoding.chunk('client', pg.query('select 2'), 0, nanos(9), undefined);
    assert.deepEqual(
      operations.map(({ end, outcome, hasHole, bytesIn }) => [end, outcome, hasHole, bytesIn]),
      [[2, 'ok', true, answer.length]],
    );
    decoding.chunk('server', joined(pg.commandComplete('SELECT 0'), pg.ready()), 0, nanos(10), undefined);
    assert.equal(operations[1]?.end, 10);
    assert.equal(counters.of('postgres').endedInHole, 1);
    assert.equal(counters.of('postgres').gaps, 1);
  });

  it('a list whose middle is in a hole ends with its last bytes, without waiting for the client', () => {
    const { decoding, operations } = start('redis');
    const items = Array.from({ length: 100 }, () => resp.bulk('item'));
    const answer = joined(resp.arrayHead(100), ...items);
    decoding.chunk('client', resp.command('LRANGE', 'l:1', '0', '-1'), 0, nanos(1), undefined);
    decoding.chunk('server', answer.subarray(0, 512), answer.length - 576, nanos(2), undefined);
    decoding.chunk('server', answer.subarray(answer.length - 64), 0, nanos(2), undefined);
    assert.deepEqual(
      operations.map(({ end, outcome, rows, bytesIn, hasHole }) => [end, outcome, rows, bytesIn, hasHole]),
      [[2, 'ok', 100, answer.length, true]],
    );
  });

  it('text of a query that goes on in a hole is cut, and its answer found', () => {
    const { decoding, operations } = start('postgres');
    const query = pg.query(`select a from t where b = 'x' or c = '${'y'.repeat(20_000)}'`);
    decoding.chunk('client', query.subarray(0, 16_384), query.length - 16_384, nanos(1), undefined);
    decoding.chunk('server', joined(pg.commandComplete('SELECT 0'), pg.ready()), 0, nanos(2), undefined);
    assert.deepEqual(
      operations.map(({ statement, end, bytesOut, outcome }) => [statement, end, bytesOut, outcome]),
      [['select a from t where b = ? or c = ?…', 2, query.length, 'ok']],
    );
  });

  it('a batch whose Execute and Sync are in a hole behind a long value is answered as usual', () => {
    const { decoding, operations } = start('postgres');
    const insert = (value: string): Uint8Array =>
      joined(
        pg.parse('', 'insert into t values ($1)'),
        pg.bind('', '', value),
        pg.describePortal(''),
        pg.execute(''),
        pg.sync(),
      );
    const answer = joined(
      pg.parseComplete(),
      pg.bindComplete(),
      pg.noData(),
      pg.commandComplete('INSERT 0 1'),
      pg.ready(),
    );
    const long = insert('v'.repeat(20_000));
    for (let turn = 0; turn < 3; turn++) {
      decoding.chunk(
        'client',
        long.subarray(0, 16_384),
        long.length - 16_384,
        nanos(turn * 10 + 1),
        undefined,
      );
      decoding.chunk('server', answer, 0, nanos(turn * 10 + 2), undefined);
      decoding.chunk('client', insert('short'), 0, nanos(turn * 10 + 3), undefined);
      decoding.chunk('server', answer, 0, nanos(turn * 10 + 4), undefined);
    }
    assert.deepEqual(
      operations.map(({ statement, sent, end, rows, outcome }) => [statement, sent, end, rows, outcome]),
      [1, 3, 11, 13, 21, 23].map((at) => ['insert into t values ($1)', at, at + 1, 1, 'ok']),
    );
  });

  it('a command whose arguments go on in a hole reaches to its end', () => {
    const { decoding, operations } = start('redis');
    const set = resp.command('MSET', 'a:1', 'x'.repeat(20_000), 'a:2', 'y');
    decoding.chunk('client', set.subarray(0, 16_384), set.length - 16_384, nanos(1), undefined);
    decoding.chunk('client', get, 0, nanos(2), undefined);
    decoding.chunk('server', joined(resp.simple('OK'), resp.bulk('1')), 0, nanos(3), undefined);
    assert.deepEqual(
      operations.map(({ statement, bytesOut, rows }) => [statement, bytesOut, rows]),
      [
        ['MSET a:?', set.length, -1],
        ['GET a:?', get.length, 1],
      ],
    );
  });

  it('counts work on a connection from 1, and set-up not', () => {
    const { decoding, operations } = start('redis');
    decoding.chunk('client', joined(resp.command('AUTH', 'x'), get, get), 0, nanos(1), undefined);
    decoding.chunk(
      'server',
      joined(resp.simple('OK'), resp.bulk('1'), resp.bulk('2')),
      0,
      nanos(2),
      undefined,
    );
    assert.deepEqual(
      operations.map(({ role, nthOnConnection }) => [role, nthOnConnection]),
      [
        ['setup', 0],
        ['work', 1],
        ['work', 2],
      ],
    );
  });
});

describe('bounds', () => {
  it('gives up the oldest of too many open operations', () => {
    const { decoding, operations } = start('redis');
    for (let index = 0; index < OPEN_LIMIT; index++)
      decoding.chunk('client', get, 0, nanos(index), undefined);
    assert.equal(operations.length, 0);
    decoding.chunk('client', get, 0, nanos(OPEN_LIMIT), undefined);
    assert.deepEqual(
      operations.map(({ sent, outcome }) => [sent, outcome]),
      [[0, 'unfinished']],
    );
  });

  it('a message that never ends is given up, and the connection found again', () => {
    const { decoding, operations, counters } = start('redis');
    const endless = joined(new Uint8Array(Buffer.from('+')), new Uint8Array(1024).fill(120));
    for (let index = 0; index < 200; index++)
      decoding.chunk('server', endless.subarray(1), 0, nanos(index), undefined);
    decoding.chunk('server', endless, 0, nanos(300), undefined);
    for (let index = 0; index < 200; index++)
      decoding.chunk('server', endless.subarray(1), 0, nanos(index + 300), undefined);
    decoding.chunk('client', get, 0, nanos(600), undefined);
    decoding.chunk('server', resp.bulk('1'), 0, nanos(601), undefined);
    decoding.close(nanos(700));
    const counts = counters.of('redis');
    assert.equal(counts.bytes, counts.decodedBytes + counts.skippedBytes);
    assert.deepEqual(
      operations.map(({ end, outcome }) => [end, outcome]),
      [[601, 'ok']],
    );
  });
});

describe('a hole where answers come in any order', () => {
  const text = (line: string): Uint8Array => new Uint8Array(Buffer.from(`${line}\r\n`));
  const request = (id: number): Uint8Array => text(`PUB a.b _INBOX.x.${id} 1\r\ny`);
  const answer = (id: number): Uint8Array => text(`MSG _INBOX.x.${id} 1 1\r\ny`);
  const MS = 1_000_000;

  it('answers what it hid when nothing came for long, and nothing else', () => {
    const { decoding, operations, counters } = start('nats');
    decoding.chunk('client', joined(request(1), request(2), request(3)), 0, nanos(1), undefined);
    decoding.chunk('server', answer(1), 40, nanos(10), undefined);
    decoding.chunk('server', answer(3), 0, nanos(50 * MS), undefined);
    assert.deepEqual(
      operations.map(({ end, outcome, hasHole }) => [end, outcome, hasHole]),
      [
        [10, 'ok', false],
        [50 * MS, 'ok', false],
      ],
    );
    decoding.chunk('client', request(4), 0, nanos(199 * MS), undefined);
    assert.equal(operations.length, 2);
    decoding.chunk('client', request(5), 0, nanos(201 * MS), undefined);
    assert.deepEqual(
      operations.slice(2).map(({ end, outcome, hasHole }) => [end, outcome, hasHole]),
      [[10, 'ok', true]],
    );
    assert.equal(counters.of('nats').endedInHole, 1);
  });

  it('at the close what may have been answered is, what was asked later is not', () => {
    const { decoding, operations } = start('nats');
    decoding.chunk('client', request(1), 0, nanos(1), undefined);
    decoding.chunk('server', answer(9), 40, nanos(10), undefined);
    decoding.chunk('client', request(2), 0, nanos(20), undefined);
    decoding.close(nanos(30));
    assert.deepEqual(
      operations.map(({ end, outcome }) => [end, outcome]),
      [
        [10, 'ok'],
        [30, 'unfinished'],
      ],
    );
  });
});

describe('unknown protocol', () => {
  const hello = new Uint8Array(Buffer.from('\u0001\u0002hello\u0003'));

  it('one operation each time the client speaks and the server answers', () => {
    const { decoding, operations } = start();
    for (let turn = 0; turn < 3; turn++) {
      decoding.chunk('client', hello, 0, nanos(turn * 10 + 1), contextsOf(false, [0, 5, 50]));
      decoding.chunk('client', hello, 0, nanos(turn * 10 + 2), contextsOf(false, [0, 5, 50]));
      decoding.chunk('server', hello, 100, nanos(turn * 10 + 3), undefined);
      decoding.chunk('server', hello, 0, nanos(turn * 10 + 4), undefined);
    }
    decoding.close(nanos(1000));
    assert.equal(decoding.protocol, 'unknown');
    const size = hello.length;
    assert.deepEqual(
      operations.map(({ statement, sent, written, firstByte, end, bytesOut, bytesIn, outcome, request }) => [
        statement,
        sent,
        written,
        firstByte,
        end,
        bytesOut,
        bytesIn,
        outcome,
        request,
      ]),
      [0, 10, 20].map((at) => [
        'unknown protocol',
        at + 1,
        at + 2,
        at + 3,
        at + 4,
        2 * size,
        2 * size + 100,
        'ok',
        5,
      ]),
    );
  });

  it('is decided at 16 KiB', () => {
    const { decoding } = start();
    decoding.chunk('client', new Uint8Array(16 * 1024 - 1), 0, nanos(1), undefined);
    assert.equal(decoding.protocol, undefined);
    decoding.chunk('client', new Uint8Array(1), 0, nanos(2), undefined);
    assert.equal(decoding.protocol, 'unknown');
  });

  it('without an answer it is unfinished', () => {
    const result = decode([{ from: 'client', bytes: hello, missing: 0, turn: 0 }], undefined);
    assert.deepEqual(
      result.operations.map(({ outcome }) => outcome),
      ['unfinished'],
    );
  });

  it('nothing came, nothing comes out', () => assert.deepEqual(decode([], undefined).operations, []));
});
