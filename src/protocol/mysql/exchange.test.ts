// What MySQL decoding takes for MySQL, long packets and lost places; which operations come out is in test/contracts/mysql.test.ts.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { client, decode, holed, server, timeOf, whole } from '../../../test/contracts/decoder.ts';
import type { Chunk } from '../../../test/contracts/decoder.ts';
import * as http from '../../../test/contracts/http-bytes.ts';
import {
  column,
  columnCount,
  eof,
  greeting,
  login,
  ok,
  okEof,
  packet,
  query,
  resultSet,
  row,
  sslRequest,
} from '../../../test/contracts/mysql-bytes.ts';
import { ByteReader } from '../../base/bytes.ts';
import { findAnswer, findCommand, looksLikeMySql } from './recognize.ts';
import { MySqlMessage } from './packet.ts';

const read = (bytes: Uint8Array) => new ByteReader().reset(bytes);
const OPENING = [server(greeting()), client(login('shop')), server(ok(2))];

describe('likelihood', () => {
  it('is certain for greetings, logins and TLS requests', () => {
    assert.equal(looksLikeMySql(read(greeting()), 'server'), 3);
    assert.equal(looksLikeMySql(read(greeting('5.5.5-10.11.14-MariaDB-log')), 'server'), 3);
    assert.equal(looksLikeMySql(read(login('shop', 0, 2)), 'client'), 3);
    assert.equal(looksLikeMySql(read(sslRequest()), 'client'), 3);
  });

  it('is none for HTTP, for parts, and for logins with another version or filler', () => {
    assert.equal(looksLikeMySql(read(http.request('GET /')), 'client'), 0);
    assert.equal(looksLikeMySql(read(http.answer('200 OK', 'x')), 'server'), 0);
    assert.equal(looksLikeMySql(read(greeting().subarray(0, 20)), 'server'), 0);
    for (const at of [4 + 1, 4 + 9, 4 + 20]) {
      const wrong = login();
      wrong[at] = at === 5 ? 0 : 1;
      assert.equal(looksLikeMySql(read(wrong), 'client'), 0, `byte ${at}`);
    }
  });

  it('is never likely for random bytes, nor is there a place to go on', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(looksLikeMySql(read(bytes), 'server') > 1, false);
        assert.equal(looksLikeMySql(read(bytes), 'client') > 1, false);
        assert.equal(findCommand(read(bytes), new MySqlMessage()), -1);
        assert.equal(findAnswer(read(bytes), -1), -1);
      }),
      { numRuns: 2000, seed: 7 },
    );
  });
});

describe('long packets', () => {
  const FULL = 0xffffff;
  const header = (size: number, sequence: number) =>
    Uint8Array.of(size & 255, (size >> 8) & 255, size >> 16, sequence);
  const piece = (from: 'client' | 'server', bytes: Uint8Array, missing: number, turn: number): Chunk => ({
    from,
    bytes,
    missing,
    turn,
  });
  const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

  it('a query of more than 16 MiB is one operation', () => {
    const start = joined(
      header(FULL, 0),
      Uint8Array.of(3),
      new TextEncoder().encode("INSERT INTO a VALUES ('"),
      new Uint8Array(20_000).fill(0x78),
    );
    const chunks = [
      ...whole(OPENING),
      piece('client', start, FULL + 4 - start.length, 3),
      piece('client', joined(header(9, 1), new Uint8Array(9)), 0, 4),
      piece('server', ok(2, 1), 0, 5),
    ];
    const [, insert] = decode(chunks, 'mysql').operations;
    assert.equal(insert?.statement, 'INSERT INTO a VALUES (?…');
    assert.equal(insert?.written, timeOf(4));
    assert.equal(insert?.bytesOut, FULL + 4 + 13);
    assert.equal(insert?.rows, 1);
  });

  it('a row of more than 16 MiB is one row', () => {
    const chunks = [
      ...whole([...OPENING, client(query('SELECT 1')), server(columnCount(1, 1), column(2, 'a'), eof(3))]),
      piece('server', joined(header(FULL, 4), Uint8Array.of(0xfe, 0, 0, 0, 1)), FULL - 5, 5),
      piece('server', joined(header(3, 5), Uint8Array.of(0xff, 1, 2), row(6, 'x'), eof(7)), 0, 6),
    ];
    const [, select] = decode(chunks, 'mysql').operations;
    assert.equal(select?.rows, 2);
    assert.equal(select?.end, timeOf(6));
  });
});

describe('holes', () => {
  const captured = (...values: readonly string[]) => {
    const turns = [
      ...OPENING,
      client(query('SELECT name FROM items')),
      server(...resultSet(1, 'eof', values)),
    ];
    const chunks = whole(turns).flatMap((chunk) => (chunk.from === 'server' ? holed(chunk) : [chunk]));
    return decode(chunks, 'mysql').operations[1];
  };

  it('rows are counted by their numbers while that is exact', () => {
    const some = captured(...Array.from({ length: 50 }, () => 'sixteen letters.'));
    assert.equal(some?.rows, 50);
    assert.equal(some?.outcome, 'ok');
    assert.equal(some?.hasHole, true);
  });

  it('and are not known when more than 255 would fit', () => {
    const many = captured(...Array.from({ length: 600 }, () => 'sixteen letters.'));
    assert.equal(many?.rows, -1);
    assert.equal(many?.outcome, 'ok');
  });
});

it('a packet out of order is invalid, and the next answer is found', () => {
  const turns = [
    ...OPENING,
    client(query('SELECT 1')),
    server(columnCount(1, 1), column(2, 'a'), eof(3), row(5, '1'), eof(6)),
    client(query('SELECT 2')),
    server(...resultSet(1, 'eof', ['2'])),
  ];
  const result = decode(whole(turns), 'mysql');
  assert.equal(result.counters.of('mysql').invalid, 1);
  assert.deepEqual(
    result.operations.map(({ outcome }) => outcome),
    ['ok', 'unfinished', 'ok'],
  );
});

it('an answer that comes although nobody asked is no operation', () => {
  const result = decode(
    whole([
      ...OPENING,
      server(packet(0, 0xff, 0xbf, 0x0f, '#HY000idle')),
      client(query('SELECT 1')),
      server(okEof(1)),
    ]),
    'mysql',
  );
  assert.equal(result.operations.length, 2);
});
