// How many operations one core decodes: driver, decoder and statement, without capture and store.
// In: nothing. Out: operations a second for each protocol. It fails when the work was not done or start-up was a part of the time.
// Run: npx tsx bench/decode.ts [seconds per protocol]

import assert from 'node:assert/strict';
import { cpus } from 'node:os';
import type { Nanos } from '../src/base/time.ts';
import { nanos } from '../src/base/time.ts';
import type { Operation, ProtocolName } from '../src/model/operation.ts';
import { DecodeCounters, Decoding } from '../src/protocol/driver.ts';
import type { DecodingHost, WriteContexts } from '../src/protocol/driver.ts';
import type { Side } from '../src/protocol/contract.ts';
import { answer, request } from '../test/contracts/http-bytes.ts';
import * as amqp from '../test/contracts/amqp-bytes.ts';
import * as kafka from '../test/contracts/kafka-bytes.ts';
import * as memcached from '../test/contracts/memcached-bytes.ts';
import * as mongo from '../test/contracts/mongodb-bytes.ts';
import * as my from '../test/contracts/mysql-bytes.ts';
import * as pg from '../test/contracts/postgres-bytes.ts';
import * as resp from '../test/contracts/redis-bytes.ts';

/** One exchange, and the statement it must give. */
interface Work {
  readonly name: string;
  readonly protocol: ProtocolName;
  readonly ask: Uint8Array;
  readonly answer: Uint8Array;
  readonly statement: string;
  readonly perExchange: number;
  /** What is said once on each connection before. */
  readonly opening?: readonly (readonly [from: Side, bytes: Uint8Array])[];
}

const HEADERS = [
  'User-Agent: undici',
  'Accept: application/json',
  'Accept-Encoding: gzip',
  'Connection: keep-alive',
];
const RESPONSE_HEADERS =
  'X-Powered-By: Express\r\nContent-Type: application/json\r\nETag: W/"1f-abc"\r\nConnection: keep-alive\r\n';
const LOGIN: Work['opening'] = [
  ['server', my.greeting()],
  ['client', my.login('shop', my.Flag.deprecateEof)],
  ['server', my.ok(2)],
];

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const row = pg.dataRow('42', 'some name', '2026-11-25 12:00:00', '19.99');
const SQL =
  'select id, name, created_at, price from products where category_id = $1 and price < $2 order by price limit 20';

const WORKS: readonly Work[] = [
  {
    name: 'postgres, simple query, one row',
    protocol: 'postgres',
    ask: pg.query("select id, name from products where id = 42 and state = 'live'"),
    answer: joined(pg.rowDescription('id', 'name'), row, pg.commandComplete('SELECT 1'), pg.ready()),
    statement: 'select id, name from products where id = ? and state = ?',
    perExchange: 1,
  },
  {
    name: 'postgres, extended query, 20 rows',
    protocol: 'postgres',
    ask: joined(
      pg.parse('', SQL),
      pg.bind('', '', '7', '100'),
      pg.describePortal(''),
      pg.execute(''),
      pg.sync(),
    ),
    answer: joined(
      pg.parseComplete(),
      pg.bindComplete(),
      pg.rowDescription('id', 'name', 'created_at', 'price'),
      ...Array.from({ length: 20 }, () => row),
      pg.commandComplete('SELECT 20'),
      pg.ready(),
    ),
    statement: SQL.replace('limit 20', 'limit ?'),
    perExchange: 1,
  },
  {
    name: 'redis, GET',
    protocol: 'redis',
    ask: resp.command('GET', 'sess:9f86d081884c7d65'),
    answer: resp.bulk('{"user":42,"cart":[1,2,3]}'),
    statement: 'GET sess:?',
    perExchange: 1,
  },
  {
    name: 'redis, pipeline of 10',
    protocol: 'redis',
    ask: joined(...Array.from({ length: 10 }, (_, index) => resp.command('HGETALL', `user:${index}:cart`))),
    answer: joined(...Array.from({ length: 10 }, () => resp.array(resp.bulk('a'), resp.bulk('1')))),
    statement: 'HGETALL user:?:cart',
    perExchange: 10,
  },
  {
    name: 'http, GET, JSON of 300 bytes',
    protocol: 'http',
    ask: request('GET /api/v1/users/550e8400-e29b-41d4-a716-446655440000/orders?page=2', ...HEADERS),
    answer: answer(`200 OK\r\n${RESPONSE_HEADERS}Date: now`, 'x'.repeat(300)),
    statement: 'GET /api/v1/users/:id/orders',
    perExchange: 1,
  },
  {
    name: 'mysql, query, one row',
    protocol: 'mysql',
    ask: my.query("select name from products where id = 42 and state = 'live'"),
    answer: joined(...my.resultSet(1, 'okEof', ['some name'])),
    statement: 'select name from products where id = ? and state = ?',
    perExchange: 1,
    opening: LOGIN,
  },
  {
    name: 'mysql, query, 20 rows',
    protocol: 'mysql',
    ask: my.query('select name from products where category = 7 order by name'),
    answer: joined(
      ...my.resultSet(
        1,
        'okEof',
        Array.from({ length: 20 }, (_, index) => `product ${index}`),
      ),
    ),
    statement: 'select name from products where category = ? order by name',
    perExchange: 1,
    opening: LOGIN,
  },
  {
    name: 'mongodb, find by a filter, one document',
    protocol: 'mongodb',
    ask: mongo.command(7, {
      find: 'users',
      filter: { email: 'a@b.example', age: { $gt: 17 } },
      limit: 1,
      $db: 'shop',
    }),
    answer: mongo.answer(7, {
      cursor: { firstBatch: [{ _id: 1, email: 'a@b.example', age: 18 }], id: 0, ns: 'shop.users' },
      ok: 1,
    }),
    statement: 'find users {email: ?, age: {$gt: ?}}',
    perExchange: 1,
  },
  {
    name: 'memcached, get',
    protocol: 'memcached',
    ask: memcached.line('get sess:9f86d081884c7d65'),
    answer: joined(memcached.data('VALUE sess:9f86d081884c7d65 0 %', 'x'.repeat(100)), memcached.line('END')),
    statement: 'get sess:?',
    perExchange: 1,
  },
  {
    name: 'amqp, publish, confirmed',
    protocol: 'amqp',
    opening: [
      ['client', joined(amqp.method(1, 85, 10, amqp.u8(0)))],
      ['server', amqp.method(1, 85, 11)],
    ],
    ask: joined(...amqp.publish(1, 'orders', 'order.created', 'x'.repeat(100))),
    answer: amqp.ack(1, 0, true),
    statement: 'publish orders:order.created',
    perExchange: 1,
  },
  {
    name: 'kafka, produce',
    protocol: 'kafka',
    ask: kafka.produce(7, 'orders', 'x'.repeat(100)),
    answer: kafka.produced(7, 'orders'),
    statement: 'Produce orders',
    perExchange: 1,
  },
];

class Count implements DecodingHost {
  operations = 0;
  wrong = 0;
  readonly #statement: string;

  constructor(statement: string) {
    this.#statement = statement;
  }

  operation(finished: Operation): void {
    if (finished.role === 'setup') return;
    this.operations++;
    if (finished.statement !== this.#statement || finished.outcome !== 'ok' || finished.end < finished.sent)
      this.wrong++;
  }

  peer(): void {}
  handOver(): void {}
}

const contexts: WriteContexts = {
  isOrdered: true,
  count: 1,
  offset: () => 0,
  request: () => 7,
  call: () => 9,
};

/** Exchanges on 16 connections in turn, for some seconds. Returns operations a second. */
function run(work: Work, seconds: number): number {
  const count = new Count(work.statement);
  const counters = new DecodeCounters();
  const connections = Array.from({ length: 16 }, () => new Decoding(count, counters));
  for (const connection of connections)
    for (const [from, bytes] of work.opening ?? []) connection.chunk(from, bytes, 0, nanos(0), contexts);
  const before = counters.of(work.protocol).bytes;
  let exchanges = 0;
  const start = performance.now();
  const until = start + seconds * 1000;
  while (performance.now() < until)
    for (let round = 0; round < 64; round++)
      for (const connection of connections) exchange(connection, work, nanos(++exchanges * 1000));
  const elapsed = performance.now() - start;
  assert.equal(count.operations, exchanges * work.perExchange, 'every operation came out');
  assert.equal(count.wrong, 0, 'every statement is right');
  const bytes = counters.of(work.protocol).bytes - before;
  assert.equal(bytes, exchanges * (work.ask.length + work.answer.length));
  return (count.operations / elapsed) * 1000;
}

function exchange(connection: Decoding, work: Work, time: Nanos): void {
  connection.chunk('client', work.ask, 0, time, contexts);
  connection.chunk('server', work.answer, 0, nanos(time + 500), undefined);
}

const seconds = Number(process.argv[2] ?? 2);
console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, ${seconds} s each, best of 3`);
for (const work of WORKS) {
  run(work, seconds / 4);
  const best = Math.max(run(work, seconds), run(work, seconds), run(work, seconds));
  console.log(`${work.name.padEnd(36)} ${Math.round(best).toLocaleString('en').padStart(10)} operations/s`);
}
