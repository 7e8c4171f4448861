// Redis conversations by hand, each run in all the ways of the decoder contract.

import { client, decoderSuite, server } from './decoder.ts';
import type { DecoderCase } from './decoder.ts';
import * as resp from './redis-bytes.ts';

const setup = (statement: string): { statement: string; role: 'setup' } => ({ statement, role: 'setup' });
const bulks = (count: number, text: string): Uint8Array[] =>
  Array.from({ length: count }, () => resp.bulk(text));

const cases: readonly DecoderCase[] = [
  {
    name: 'set-up, then commands',
    turns: [
      client(
        resp.command('HELLO', '3', 'AUTH', 'default', 'secret'),
        resp.command('CLIENT', 'SETINFO', 'LIB-NAME', 'x'),
      ),
      server(
        resp.map(resp.bulk('server'), resp.bulk('redis'), resp.bulk('proto'), resp.integer(3)),
        resp.simple('OK'),
      ),
      client(resp.command('SELECT', '2')),
      server(resp.simple('OK')),
      client(resp.command('get', 'sess:9f86d081884c7d65')),
      server(resp.bulk('{"user":42}')),
      client(resp.command('SET', 'user:42:cart', 'value')),
      server(resp.simple('OK')),
      client(resp.command('MGET', 'stock:1', 'stock:2', 'stock:3')),
      server(resp.array(resp.bulk('1'), resp.nullBulk(), resp.bulk('3'))),
      client(resp.command('SELECT', '3')),
      server(resp.simple('OK')),
    ],
    gives: [
      setup('HELLO'),
      setup('CLIENT SETINFO'),
      setup('SELECT'),
      { statement: 'GET sess:?', rows: 1 },
      { statement: 'SET user:?:cart', rows: -1 },
      { statement: 'MGET stock:?', rows: 3 },
      { statement: 'SELECT' },
    ],
  },
  {
    name: 'an older server refuses what a driver offers, and a wrong password is an error',
    turns: [
      client(resp.command('HELLO', '3'), resp.command('CLIENT', 'SETINFO', 'LIB-NAME', 'x')),
      server(resp.error("ERR unknown command 'HELLO'"), resp.error("ERR unknown subcommand 'SETINFO'")),
      client(resp.command('HELLO', '2', 'AUTH', 'default', 'secret'), resp.command('GET', 'a:1')),
      server(
        resp.error('WRONGPASS invalid username-password pair'),
        resp.error('NOAUTH Authentication required.'),
      ),
    ],
    gives: [
      setup('HELLO'),
      setup('CLIENT SETINFO'),
      { ...setup('HELLO'), outcome: 'error', errorType: 'WRONGPASS' },
      { statement: 'GET a:?', outcome: 'error', errorType: 'NOAUTH' },
    ],
  },
  {
    name: 'a pipeline with errors and nulls',
    turns: [
      client(
        resp.command('GET', 'a:1'),
        resp.command('INCR', 'b:1'),
        resp.command('HGETALL', 'c:1'),
        resp.command('LPUSH', 'd:1', 'x'),
      ),
      server(
        resp.nullBulk(),
        resp.error('WRONGTYPE Operation against a key holding the wrong kind of value'),
        resp.array(),
        resp.error('MOVED 3999 127.0.0.1:6381'),
      ),
    ],
    gives: [
      { statement: 'GET a:?', rows: 0 },
      { statement: 'INCR b:?', outcome: 'error', errorType: 'WRONGTYPE' },
      { statement: 'HGETALL c:?', rows: 0 },
      { statement: 'LPUSH d:?', outcome: 'error', errorType: 'MOVED' },
    ],
  },
  {
    name: 'MULTI and EXEC',
    turns: [
      client(
        resp.command('MULTI'),
        resp.command('INCR', 'n:1'),
        resp.command('GET', 'n:1'),
        resp.command('EXEC'),
      ),
      server(
        resp.simple('OK'),
        resp.simple('QUEUED'),
        resp.simple('QUEUED'),
        resp.array(resp.integer(1), resp.bulk('1')),
      ),
      client(resp.command('MULTI'), resp.command('LPOP', 'str:1'), resp.command('EXEC')),
      server(resp.simple('OK'), resp.simple('QUEUED'), resp.array(resp.error('WRONGTYPE wrong'))),
    ],
    gives: [
      { statement: 'MULTI' },
      { statement: 'INCR n:?' },
      { statement: 'GET n:?' },
      { statement: 'EXEC', rows: 2 },
      { statement: 'MULTI' },
      { statement: 'LPOP str:?' },
      { statement: 'EXEC', rows: 1, outcome: 'error', errorType: 'WRONGTYPE' },
    ],
  },
  {
    name: 'every type of RESP 3, and nested',
    turns: [
      client(
        resp.command('EVAL', 'return 1', '1', 'k:1'),
        resp.command('ZSCORE', 'z:1', 'm'),
        resp.command('EXISTS', 'e:1'),
      ),
      server(
        resp.array(
          resp.map(resp.bulk('a'), resp.set(resp.integer(1), resp.nothing())),
          resp.array(resp.array(), resp.bigNumber('3492890328409238509324850943850943825024385')),
          resp.verbatim('text'),
          resp.boolean(true),
        ),
        resp.attribute(resp.bulk('ttl'), resp.integer(3600)),
        resp.double(1.5),
        resp.push(resp.bulk('invalidate'), resp.array(resp.bulk('k:1'))),
        resp.boolean(false),
      ),
      client(resp.command('FT.SEARCH', 'idx', 'hello world'), resp.command('OBJECT', 'ENCODING', 'k:1')),
      server(resp.bulkError('SYNTAX invalid'), resp.nothing()),
    ],
    gives: [
      { statement: 'EVAL k:?', rows: 4 },
      { statement: 'ZSCORE z:?' },
      { statement: 'EXISTS e:?' },
      { statement: 'FT.SEARCH idx', outcome: 'error', errorType: 'SYNTAX' },
      { statement: 'OBJECT ENCODING k:?', rows: 0 },
    ],
  },
  {
    name: 'subscribe in RESP 2: messages are no answers',
    turns: [
      client(resp.command('SUBSCRIBE', 'news', 'jobs')),
      server(
        resp.array(resp.bulk('subscribe'), resp.bulk('news'), resp.integer(1)),
        resp.array(resp.bulk('subscribe'), resp.bulk('jobs'), resp.integer(2)),
      ),
      server(resp.array(resp.bulk('message'), resp.bulk('news'), resp.bulk('hello'))),
      client(resp.command('PING')),
      server(
        resp.array(resp.bulk('message'), resp.bulk('news'), resp.bulk('again')),
        resp.array(resp.bulk('pong'), resp.bulk('')),
      ),
      client(resp.command('UNSUBSCRIBE')),
      server(
        resp.array(resp.bulk('unsubscribe'), resp.bulk('news'), resp.integer(1)),
        resp.array(resp.bulk('unsubscribe'), resp.bulk('jobs'), resp.integer(0)),
      ),
      client(resp.command('GET', 'a:1')),
      server(resp.bulk('1')),
    ],
    gives: [
      { statement: 'SUBSCRIBE news' },
      { statement: 'PING' },
      { statement: 'UNSUBSCRIBE' },
      { statement: 'GET a:?', rows: 1 },
    ],
  },
  {
    name: 'subscribe in RESP 3: answers are pushed too',
    turns: [
      client(resp.command('SUBSCRIBE', 'news')),
      server(resp.push(resp.bulk('subscribe'), resp.bulk('news'), resp.integer(1))),
      client(resp.command('GET', 'a:1')),
      server(resp.push(resp.bulk('message'), resp.bulk('news'), resp.bulk('hello')), resp.bulk('1')),
    ],
    gives: [{ statement: 'SUBSCRIBE news' }, { statement: 'GET a:?', rows: 1 }],
  },
  {
    name: 'blocking commands, streams',
    turns: [
      client(resp.command('BLPOP', 'queue:mail', '5')),
      server(resp.nullArray()),
      client(resp.command('XREAD', 'BLOCK', '1000', 'COUNT', '10', 'STREAMS', 'events:7', '$')),
      server(resp.nullArray()),
      client(resp.command('XREADGROUP', 'GROUP', 'g', 'consumer-1', 'STREAMS', 'events:7', '>')),
      server(resp.array(resp.array(resp.bulk('events:7'), resp.array()))),
    ],
    gives: [
      { statement: 'BLPOP queue:mail', role: 'wait', rows: 0 },
      { statement: 'XREAD BLOCK events:?', role: 'wait', rows: 0 },
      { statement: 'XREADGROUP events:?', rows: 1 },
    ],
  },
  {
    name: 'inline commands, MONITOR, RESET',
    turns: [
      client(resp.inline('PING')),
      server(resp.simple('PONG')),
      client(resp.inline('set user:1 secret')),
      server(resp.simple('OK')),
      client(resp.command('MONITOR')),
      server(resp.simple('OK'), resp.simple('1339518083.107412 [0 127.0.0.1:60866] "get" "x"')),
      client(resp.command('RESET')),
      server(resp.simple('1339518084.107412 [0 127.0.0.1:60866] "get" "x"'), resp.simple('RESET')),
    ],
    gives: [
      { statement: 'PING' },
      { statement: 'SET user:?' },
      { statement: 'MONITOR' },
      { statement: 'RESET' },
    ],
    // Lines of words are not looked for behind garbage.
    afterGarbage: [{ statement: 'MONITOR' }, { statement: 'RESET' }],
  },
  {
    name: 'CLIENT REPLY OFF: no answers',
    turns: [
      client(
        resp.command('GET', 'a:1'),
        resp.command('CLIENT', 'REPLY', 'SKIP'),
        resp.command('SET', 'a:1', 'x'),
        resp.command('GET', 'b:1'),
      ),
      server(resp.bulk('1'), resp.bulk('2')),
      client(
        resp.command('CLIENT', 'REPLY', 'OFF'),
        resp.command('SET', 'c:1', 'x'),
        resp.command('CLIENT', 'REPLY', 'ON'),
      ),
      server(resp.simple('OK')),
    ],
    gives: [
      { statement: 'CLIENT REPLY' },
      { statement: 'SET a:?' },
      { statement: 'GET a:?' },
      { statement: 'GET b:?' },
      { statement: 'CLIENT REPLY' },
      { statement: 'SET c:?' },
      { statement: 'CLIENT REPLY' },
    ],
  },
  {
    name: 'a replication stream is handed over',
    turns: [
      client(resp.command('PSYNC', '?', '-1')),
      server(resp.simple('FULLRESYNC 8de1 1'), resp.bulk('REDIS0011')),
    ],
    gives: [{ statement: 'PSYNC' }],
    handsOverTo: 'unknown',
  },
  {
    name: 'one long value',
    turns: [
      client(resp.command('GET', 'page:1')),
      server(resp.bulk('x'.repeat(5000))),
      client(resp.command('SET', 'page:2', 'y'.repeat(5000))),
      server(resp.simple('OK')),
    ],
    gives: [{ statement: 'GET page:?', rows: 1 }, { statement: 'SET page:?' }],
  },
  {
    name: 'a long list of long values',
    turns: [
      client(resp.command('LRANGE', 'list:1', '0', '-1')),
      server(resp.arrayHead(20), ...bulks(20, 'v'.repeat(700))),
      client(resp.command('GET', 'a:1')),
      server(resp.bulk('1')),
    ],
    gives: [
      { statement: 'LRANGE list:?', rows: 20 },
      { statement: 'GET a:?', rows: 1 },
    ],
    asCaptured: [
      { statement: 'LRANGE list:?', rows: 20 },
      { statement: 'GET a:?', rows: 1 },
    ],
  },
  {
    name: 'a long list of short values',
    turns: [
      client(resp.command('LRANGE', 'list:1', '0', '-1')),
      server(resp.arrayHead(200), ...bulks(200, 'short')),
      client(resp.command('GET', 'a:1')),
      server(resp.bulk('1')),
    ],
    gives: [
      { statement: 'LRANGE list:?', rows: 200 },
      { statement: 'GET a:?', rows: 1 },
    ],
    asCaptured: [
      { statement: 'LRANGE list:?', rows: 200 },
      { statement: 'GET a:?', rows: 1 },
    ],
  },
  {
    name: 'a pipeline with long answers',
    turns: [
      client(...Array.from({ length: 12 }, (_, index) => resp.command('GET', `page:${index}`))),
      server(...bulks(12, 'p'.repeat(150))),
      client(resp.command('GET', 'a:1')),
      server(resp.bulk('1')),
    ],
    gives: [
      ...Array.from({ length: 12 }, () => ({ statement: 'GET page:?', rows: 1 })),
      { statement: 'GET a:?', rows: 1 },
    ],
    asCaptured: [
      ...Array.from({ length: 12 }, () => ({ statement: 'GET page:?' })),
      { statement: 'GET a:?', rows: 1 },
    ],
  },
];

decoderSuite('redis', cases);
