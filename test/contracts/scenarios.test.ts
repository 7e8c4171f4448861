// Whole requests as backends make them, on which no rule was designed: what is told about each, and that it is told once. In the shape of
// Node (sizes of everything are seen) and of Python with a driver in C (no bytes of the database are seen).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FindingKind } from '../../src/model/finding.ts';
import { REPEAT_NEVER } from '../../src/model/repeat.ts';
import { allFindings } from './detector.ts';
import { Recording, type Told, type ToldRequest } from './recorded-requests.ts';

type Shape = 'node' | 'python';

/** A made-up program: what a request of it asks, by its number. */
interface Scenario {
  readonly requestAt: (index: number, sql: SqlOf, call: CallOf) => ToldRequest;
  readonly tells: readonly FindingKind[];
  /** Also those of low confidence. */
  readonly mayAlsoTell?: readonly FindingKind[];
}

type SqlOf = (statement: string, line: number, told?: Partial<Told>) => Told;
type CallOf = (statement: string, line: number, told?: Partial<Told>) => Told;

const repeat = (count: number, toldAt: (index: number) => Told): Told[] =>
  Array.from({ length: count }, (_, index) => toldAt(index));

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a loop over a function of another file': {
    requestAt: (index, sql) => ({
      operations: [
        sql('SELECT id FROM tasks WHERE board_id = ?', 12, { rows: 4 + (index % 9) }),
        ...repeat(4 + (index % 9), () => sql('SELECT name FROM people WHERE id = ?', 7)),
      ],
    }),
    tells: ['n-plus-one'],
  },
  'an object mapper that loads relations one by one': {
    requestAt: (index, sql) => ({
      operations: [
        sql('SELECT books.id, books.title FROM books LIMIT ?', 20, { rows: 5 + (index % 4) }),
        ...Array.from({ length: 5 + (index % 4) }, () => [
          sql('SELECT authors.id, authors.name FROM authors WHERE authors.id = ?', 22),
          sql('SELECT tags.id, tags.name FROM tags WHERE tags.book_id = ?', 22, { rows: 3 }),
        ]).flat(),
      ],
    }),
    tells: ['loop-of-calls'],
  },
  'a loop over a service, two at a time': {
    requestAt: (index, sql, call) => ({
      operations: [
        sql('SELECT sku FROM items WHERE cart_id = ?', 30, { rows: 6 + 2 * (index % 4) }),
        ...repeat(6 + 2 * (index % 4), (nth) =>
          call('GET /prices/:id', 33, { phases: { wait: 8000 }, withLast: nth % 2 === 1 }),
        ),
      ],
    }),
    tells: ['n-plus-one-calls'],
  },
  'three services one after the other': {
    requestAt: (_, __, call) => ({
      operations: [
        call('GET /weather', 41, { phases: { wait: 9000 }, dependency: 'weather' }),
        call('GET /news', 42, { phases: { wait: 12_000 }, dependency: 'news' }),
        call('GET /prices', 43, { phases: { wait: 7000 }, dependency: 'prices' }),
      ],
    }),
    tells: ['sequential-calls'],
  },
  'a transaction with a savepoint around each write': {
    requestAt: (_, sql) => ({
      operations: [
        sql('BEGIN', 50),
        ...['orders', 'invoices'].flatMap((table) => [
          sql('SAVEPOINT s', 51),
          sql(`INSERT INTO ${table} VALUES (?)`, 52),
          sql('RELEASE SAVEPOINT s', 53),
        ]),
        sql('COMMIT', 54),
      ],
    }),
    tells: ['control-statements'],
  },
  'rows that are written one by one': {
    requestAt: (index, sql) => ({
      operations: [
        sql('BEGIN', 60),
        ...repeat(4 + (index % 9), () => sql('INSERT INTO lines (order_id, sku) VALUES (?)', 62)),
        sql('COMMIT', 64),
      ],
    }),
    tells: ['n-plus-one'],
  },
  'rows that are written at once': {
    requestAt: (_, sql) => ({
      operations: [
        sql('BEGIN', 60),
        sql('INSERT INTO lines (order_id, sku) VALUES (?)', 62, { phases: { wait: 3000 } }),
        sql('COMMIT', 64),
      ],
    }),
    tells: [],
  },
  'all keys of a cache are looked through': {
    requestAt: (_, __, call) => ({
      operations: [
        call('GET user:?', 70, { protocol: 'redis', category: 'cache', dependency: 'Redis' }),
        call('GET flags:?', 71, {
          withLast: true,
          protocol: 'redis',
          category: 'cache',
          dependency: 'Redis',
        }),
        call('GET plan:?', 71, {
          withLast: true,
          protocol: 'redis',
          category: 'cache',
          dependency: 'Redis',
        }),
        call('KEYS ?', 72, {
          protocol: 'redis',
          category: 'cache',
          dependency: 'Redis',
          phases: { wait: 30_000 },
        }),
      ],
    }),
    tells: ['slow-operation'],
    // All four could be sent at once.
    mayAlsoTell: ['sequential-calls'],
  },
  'a hash with all of its fields': {
    requestAt: (_, __, call) => ({
      operations: [
        call('HGETALL catalog:?', 75, {
          protocol: 'redis',
          category: 'cache',
          dependency: 'Redis',
          bytesIn: 700_000,
          phases: { wait: 1000, receive: 6000 },
        }),
      ],
    }),
    tells: ['large-answer'],
  },
  'a service that fails twice, with growing pauses between': {
    requestAt: (index, __, call) => ({
      operations:
        index % 4 === 0
          ? [
              call('POST /quotes', 80, { outcome: 'error', phases: { wait: 6000 } }),
              call('POST /quotes', 80, { outcome: 'error', gapUs: 50_000, phases: { wait: 6000 } }),
              call('POST /quotes', 80, { gapUs: 100_000, phases: { wait: 6000 } }),
            ]
          : [call('POST /quotes', 80, { phases: { wait: 6000 } })],
    }),
    tells: ['retries'],
  },
  'waiting for a job': {
    requestAt: (index, __, call) => ({
      idleUs: 60_000 * (3 + (index % 4)),
      operations: repeat(3 + (index % 4), () =>
        call('GET /jobs/:id', 90, { gapUs: 60_000, phases: { wait: 4000 } }),
      ),
    }),
    tells: ['polling'],
  },
  'a job that is done at the first or second look': {
    requestAt: (index, __, call) => ({
      idleUs: 60_000 * (1 + (index % 2)),
      operations: repeat(1 + (index % 2), () =>
        call('GET /jobs/:id', 90, { gapUs: 60_000, phases: { wait: 4000 } }),
      ),
    }),
    tells: [],
  },
  'pages of which each begins where the last ended': {
    requestAt: (index, sql) => ({
      operations: repeat(1 + (index % 2), () =>
        sql('SELECT id FROM events WHERE id > ? LIMIT ?', 95, { rows: 100 }),
      ),
    }),
    tells: [],
  },
  'a cache that is filled by many requests at once': {
    requestAt: (index, sql, call) => ({
      atUs: 1_000_000 + Math.floor(index / 10) * 900_000 + (index % 10) * 50,
      operations: [
        call('GET rates', 100, { protocol: 'redis', category: 'cache', dependency: 'Redis' }),
        ...(index % 20 < 10 ? [sql('SELECT code, rate FROM rates', 101, { phases: { wait: 40_000 } })] : []),
      ],
    }),
    tells: [],
    mayAlsoTell: ['slow-operation', 'cacheable'],
  },
  'a session first, then its rows, in one transaction': {
    requestAt: (_, sql) => ({
      operations: [
        sql('SELECT user_id FROM sessions WHERE token = ?', 110),
        sql('BEGIN', 111),
        sql('SELECT balance FROM accounts WHERE user_id = ? FOR UPDATE', 112),
        sql('UPDATE accounts SET balance = ? WHERE user_id = ?', 113),
        sql('SELECT balance FROM accounts WHERE user_id = ?', 114),
        sql('COMMIT', 115),
      ],
    }),
    tells: [],
  },
};

function sqlOf(shape: Shape, file: string): SqlOf {
  return (statement, line, told = {}) => ({
    statement,
    callSite: `${file}:${line}:1`,
    ...(shape === 'python' ? { bytesOut: 0, bytesIn: 0 } : { bytesOut: 60 + statement.length, bytesIn: 90 }),
    repeatAgeUs: REPEAT_NEVER,
    ...told,
  });
}

function callOf(file: string): CallOf {
  return (statement, line, told = {}) => ({
    protocol: 'http',
    category: 'ext',
    dependency: 'service',
    statement,
    callSite: `${file}:${line}:1`,
    ...told,
  });
}

function recorded({ requestAt }: Scenario, shape: Shape): Recording {
  const file = shape === 'python' ? 'app/views.py' : 'src/routes.js';
  const recording = new Recording();
  for (let index = 0; index < 100; index++) recording.add(requestAt(index, sqlOf(shape, file), callOf(file)));
  return recording;
}

for (const shape of ['node', 'python'] as const)
  describe(`${shape}: what is told of`, () => {
    for (const [name, scenario] of Object.entries(SCENARIOS))
      test(name, () => {
        const { findings } = allFindings(recorded(scenario, shape).sample());
        const told = findings.map(({ kind }) => kind).filter((kind) => !scenario.mayAlsoTell?.includes(kind));
        assert.deepEqual(told, scenario.tells);
        const foreign = shape === 'python' ? /Promise|http\.Agent|ioredis/ : /asyncio|httpx|SQLAlchemy’s/;
        for (const { fix } of findings) assert.doesNotMatch(fix, foreign);
      });
  });
