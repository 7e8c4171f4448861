// PostgreSQL conversations by hand, each run in all the ways of the decoder contract.

import { client, decoderSuite, server } from './decoder.ts';
import type { DecoderCase } from './decoder.ts';
import * as pg from './postgres-bytes.ts';

const rows = (count: number, text = 'some value'): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => pg.dataRow(String(index), text));

const login = [
  client(pg.startup('alice', 'shop')),
  server(pg.authentication(10, 'SCRAM-SHA-256\0\0')),
  client(pg.password('n,,n=,r=abc')),
  server(pg.authentication(11, 'r=abcdef')),
  client(pg.password('c=biws,r=abcdef')),
  server(
    pg.authentication(12, 'v=xyz'),
    pg.authentication(0),
    pg.parameterStatus('server_version', '15.4'),
    pg.backendKey(),
    pg.ready(),
  ),
];
const connect = { statement: 'connect', role: 'setup' } as const;
const extended = (text: string, name = ''): Uint8Array[] => [
  pg.parse(name, text),
  pg.bind('', name, '42'),
  pg.describePortal(''),
  pg.execute(''),
];
const extendedAnswer = (...values: readonly string[]): Uint8Array[] => [
  pg.parseComplete(),
  pg.bindComplete(),
  pg.rowDescription('id'),
  ...values.map((value) => pg.dataRow(value)),
  pg.commandComplete(`SELECT ${values.length}`),
];

const cases: readonly DecoderCase[] = [
  {
    name: 'login with SCRAM, then a simple query',
    turns: [
      ...login,
      client(pg.query("select * from users where name = 'bob'")),
      server(pg.rowDescription('id'), pg.dataRow('1'), pg.commandComplete('SELECT 1'), pg.ready()),
      client(pg.terminate()),
    ],
    gives: [connect, { statement: 'select * from users where name = ?', rows: 1 }],
    peers: ['shop'],
  },
  {
    name: 'login refused',
    turns: [login[0] ?? client(), server(pg.errorResponse('28P01', 'password authentication failed'))],
    gives: [{ ...connect, outcome: 'error', errorType: '28P01' }],
  },
  {
    name: 'TLS refused, then login',
    turns: [client(pg.sslRequest()), server(pg.notEncrypted()), ...login],
    gives: [{ statement: 'encryption request', role: 'setup' }, connect],
  },
  {
    name: 'TLS granted',
    turns: [
      client(pg.sslRequest()),
      server(pg.encrypted()),
      client(Uint8Array.of(22, 3, 1, 0, 5, 1, 0, 0, 1, 0)),
    ],
    gives: [{ statement: 'encryption request', role: 'setup' }],
    handsOverTo: 'unknown',
  },
  {
    name: 'several statements in one simple query',
    turns: [
      client(pg.query('begin; select 1; update t set a = 2')),
      server(
        pg.commandComplete('BEGIN'),
        pg.rowDescription('?column?'),
        pg.dataRow('1'),
        pg.commandComplete('SELECT 1'),
        pg.commandComplete('UPDATE 3'),
        pg.ready('T'),
      ),
    ],
    gives: [{ statement: 'begin; select ?; update t set a = ?', rows: 4 }],
  },
  {
    name: 'empty query and error',
    turns: [
      client(pg.query('')),
      server(pg.emptyQuery(), pg.ready()),
      client(pg.query('select * from nowhere')),
      server(pg.errorResponse('42P01', 'relation "nowhere" does not exist'), pg.ready()),
      client(pg.query('select 1')),
      server(pg.rowDescription('a'), pg.dataRow('1'), pg.commandComplete('SELECT 1'), pg.ready()),
    ],
    gives: [
      { statement: 'empty query' },
      { statement: 'select * from nowhere', outcome: 'error', errorType: '42P01' },
      { statement: 'select ?', rows: 1 },
    ],
  },
  {
    name: 'extended query, unnamed',
    turns: [
      client(...extended('select id from users where id = $1'), pg.sync()),
      server(...extendedAnswer('42'), pg.ready()),
    ],
    gives: [{ statement: 'select id from users where id = $1', rows: 1 }],
  },
  {
    name: 'named statement: prepared in one round trip, used in others',
    turns: [
      client(pg.parse('s1', 'select * from t where a = $1'), pg.describeStatement('s1'), pg.sync()),
      server(pg.parseComplete(), pg.parameterDescription(), pg.rowDescription('a'), pg.ready()),
      client(pg.bind('', 's1', '7'), pg.execute(''), pg.sync()),
      server(pg.bindComplete(), pg.dataRow('7'), pg.commandComplete('SELECT 1'), pg.ready()),
      client(pg.bind('', 's1', '8'), pg.execute(''), pg.sync()),
      server(pg.bindComplete(), pg.commandComplete('SELECT 0'), pg.ready()),
      client(pg.closeStatement('s1'), pg.sync()),
      server(pg.closeComplete(), pg.ready()),
    ],
    gives: [
      { statement: 'PREPARE select * from t where a = $1' },
      { statement: 'select * from t where a = $1', rows: 1 },
      { statement: 'select * from t where a = $1', rows: 0 },
      { statement: 'DEALLOCATE' },
    ],
  },
  {
    name: 'described first with Flush, then executed: one operation with two round trips',
    turns: [
      client(pg.parse('x', 'select $1::int'), pg.describeStatement('x'), pg.flush()),
      server(pg.parseComplete(), pg.parameterDescription(), pg.rowDescription('int4')),
      client(pg.bind('', 'x', '1'), pg.execute(''), pg.sync()),
      server(pg.bindComplete(), pg.dataRow('1'), pg.commandComplete('SELECT 1'), pg.ready()),
    ],
    gives: [{ statement: 'select $1::int', rows: 1 }],
  },
  {
    name: 'pipeline: several Executes before one Sync',
    turns: [
      client(
        ...extended('insert into a values ($1)'),
        ...extended('insert into b values ($1)'),
        ...extended('select c from c'),
        pg.sync(),
      ),
      server(
        pg.parseComplete(),
        pg.bindComplete(),
        pg.noData(),
        pg.commandComplete('INSERT 0 1'),
        pg.parseComplete(),
        pg.bindComplete(),
        pg.noData(),
        pg.commandComplete('INSERT 0 2'),
        ...extendedAnswer('1', '2', '3'),
        pg.ready(),
      ),
    ],
    gives: [
      { statement: 'insert into a values ($1)', rows: 1 },
      { statement: 'insert into b values ($1)', rows: 2 },
      { statement: 'select c from c', rows: 3 },
    ],
  },
  {
    name: 'pipeline: several Syncs in flight, one fails',
    turns: [
      client(
        ...extended('select a from a'),
        pg.sync(),
        ...extended('select b from b'),
        pg.sync(),
        ...extended('select c from c'),
        pg.sync(),
      ),
      server(
        ...extendedAnswer('1'),
        pg.ready(),
        pg.errorResponse('42703', 'column "b" does not exist'),
        pg.ready(),
        ...extendedAnswer('1', '2'),
        pg.ready(),
      ),
    ],
    gives: [
      { statement: 'select a from a', rows: 1 },
      { statement: 'select b from b', outcome: 'error', errorType: '42703' },
      { statement: 'select c from c', rows: 2 },
    ],
  },
  {
    name: 'an error skips the rest up to the Sync',
    turns: [
      client(
        ...extended('select a from a'),
        ...extended('select 1/0'),
        ...extended('select c from c'),
        pg.sync(),
      ),
      server(
        ...extendedAnswer('1'),
        pg.parseComplete(),
        pg.bindComplete(),
        pg.errorResponse('22012', 'division'),
        pg.ready(),
      ),
      client(pg.query('rollback')),
      server(pg.commandComplete('ROLLBACK'), pg.ready()),
    ],
    gives: [
      { statement: 'select a from a', rows: 1 },
      { statement: 'select ?/?', outcome: 'error', errorType: '22012' },
      { statement: 'select c from c', outcome: 'error', errorType: 'skipped' },
      { statement: 'rollback' },
    ],
  },
  {
    name: 'an error before the Sync is sent',
    turns: [
      client(pg.parse('', 'selec 1'), pg.describeStatement(''), pg.flush()),
      server(pg.errorResponse('42601', 'syntax error at or near "selec"')),
      client(pg.sync()),
      server(pg.ready()),
      client(...extended('select a from a'), pg.sync()),
      server(...extendedAnswer('1'), pg.ready()),
    ],
    gives: [
      { statement: 'selec ?', outcome: 'error', errorType: '42601' },
      { statement: 'select a from a', rows: 1 },
    ],
  },
  {
    name: 'cursor: a portal fetched in parts',
    turns: [
      client(
        pg.parse('', 'select * from big'),
        pg.bind('c1', ''),
        pg.describePortal('c1'),
        pg.execute('c1', 2),
        pg.flush(),
      ),
      server(
        pg.parseComplete(),
        pg.bindComplete(),
        pg.rowDescription('a', 'b'),
        ...rows(2),
        pg.portalSuspended(),
      ),
      client(pg.execute('c1', 2), pg.flush()),
      server(...rows(1), pg.commandComplete('SELECT 1')),
      client(pg.closePortal('c1'), pg.sync()),
      server(pg.closeComplete(), pg.ready()),
    ],
    gives: [
      { statement: 'select * from big', rows: 2 },
      { statement: 'FETCH select * from big', rows: 1 },
      { statement: 'DEALLOCATE' },
    ],
  },
  {
    name: 'cursor of asyncpg: bound in one round trip, fetched in others',
    turns: [
      client(pg.parse('s1', 'select * from big'), pg.describeStatement('s1'), pg.sync()),
      server(pg.parseComplete(), pg.parameterDescription(), pg.rowDescription('a', 'b'), pg.ready()),
      client(pg.bind('c1', 's1'), pg.sync()),
      server(pg.bindComplete(), pg.ready()),
      client(pg.execute('c1', 2), pg.sync()),
      server(...rows(2), pg.portalSuspended(), pg.ready()),
    ],
    gives: [
      { statement: 'PREPARE select * from big' },
      { statement: 'select * from big' },
      { statement: 'FETCH select * from big', rows: 2 },
    ],
  },
  {
    name: 'COPY in and out',
    turns: [
      client(pg.query('copy t from stdin')),
      server(pg.copyIn()),
      client(pg.copyData('1\ta\n'), pg.copyData('2\tb\n'), pg.copyDone()),
      server(pg.commandComplete('COPY 2'), pg.ready()),
      client(pg.query('copy t to stdout')),
      server(
        pg.copyOut(),
        pg.copyData('1\ta\n'),
        pg.copyData(`2\t${'b'.repeat(700)}\n`),
        pg.copyDone(),
        pg.commandComplete('COPY 2'),
        pg.ready(),
      ),
    ],
    gives: [
      { statement: 'copy t from stdin', rows: 2 },
      { statement: 'copy t to stdout', rows: 2 },
    ],
  },
  {
    name: 'long rows',
    turns: [
      client(pg.query('select * from pictures')),
      server(
        pg.rowDescription('id', 'bytes'),
        ...rows(5, 'x'.repeat(3000)),
        pg.commandComplete('SELECT 5'),
        pg.ready(),
      ),
      client(pg.query('select 1')),
      server(pg.rowDescription('a'), pg.dataRow('1'), pg.commandComplete('SELECT 1'), pg.ready()),
    ],
    gives: [
      { statement: 'select * from pictures', rows: 5 },
      { statement: 'select ?', rows: 1 },
    ],
    asCaptured: [
      { statement: 'select * from pictures', rows: 5 },
      { statement: 'select ?', rows: 1 },
    ],
  },
  {
    name: 'many short rows',
    turns: [
      client(...extended('select * from list'), pg.sync()),
      server(...extendedAnswer(...Array.from({ length: 100 }, (_, index) => `value ${index}`)), pg.ready()),
      client(...extended('select 1'), pg.sync()),
      server(...extendedAnswer('1'), pg.ready()),
    ],
    gives: [
      { statement: 'select * from list', rows: 100 },
      { statement: 'select ?', rows: 1 },
    ],
    asCaptured: [
      { statement: 'select * from list', rows: 100 },
      { statement: 'select ?', rows: 1 },
    ],
  },
  {
    name: 'notices and notifications in between',
    turns: [
      client(pg.query('listen jobs')),
      server(pg.commandComplete('LISTEN'), pg.ready()),
      server(pg.notification('jobs')),
      client(pg.query('drop table if exists t')),
      server(
        pg.notice('table "t" does not exist, skipping'),
        pg.notification('jobs'),
        pg.commandComplete('DROP TABLE'),
        pg.ready(),
      ),
    ],
    gives: [{ statement: 'listen jobs' }, { statement: 'drop table if exists t' }],
  },
  {
    name: 'function call',
    turns: [
      client(pg.functionCall()),
      server(pg.functionResult(), pg.ready()),
      client(pg.query('select 1')),
      server(pg.commandComplete('SELECT 1'), pg.ready()),
    ],
    gives: [{ statement: 'function call' }, { statement: 'select ?', rows: 1 }],
    afterGarbage: [{ statement: 'select ?', rows: 1 }],
  },
  {
    name: 'cancel request: answered by closing',
    turns: [client(pg.cancelRequest())],
    gives: [{ statement: 'cancel' }],
    afterGarbage: [],
  },
  {
    name: 'replication is opaque',
    turns: [
      client(pg.query('START_REPLICATION SLOT s LOGICAL 0/0')),
      server(pg.copyBoth(), pg.copyData('w........')),
      client(pg.copyData('r........')),
      server(pg.copyData('w........')),
    ],
    gives: [{ statement: 'START_REPLICATION SLOT s LOGICAL ?/?' }],
    // Two messages that say nothing by themselves are too few to be sure.
    afterGarbage: [{ statement: 'START_REPLICATION SLOT s LOGICAL ?/?', outcome: 'unfinished' }],
  },
];

decoderSuite('postgres', cases);
