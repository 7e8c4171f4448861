// MongoDB conversations by hand, each run in all the ways of the decoder contract.

import { client, decoderSuite, server } from './decoder.ts';
import type { DecoderCase } from './decoder.ts';
import * as mongo from './mongodb-bytes.ts';

const setup = (statement: string): { statement: string; role: 'setup' } => ({ statement, role: 'setup' });
const users = (count: number, size = 4): { name: string }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `user ${index} ${'x'.repeat(size)}` }));
const batch = (name: 'firstBatch' | 'nextBatch', documents: readonly unknown[], id = 0): mongo.Document => ({
  cursor: { [name]: documents, id, ns: 'shop.users' },
  ok: 1,
});

const cases: readonly DecoderCase[] = [
  {
    name: 'greeting, login, and commands with a filter',
    turns: [
      client(mongo.query(1, 'admin.$cmd', { isMaster: 1, helloOk: true, client: { application: 'shop' } })),
      server(mongo.reply(1, 8, { ismaster: true, maxWireVersion: 21, ok: 1 })),
      client(mongo.command(2, { saslStart: 1, mechanism: 'SCRAM-SHA-256', payload: 'secret', $db: 'admin' })),
      server(mongo.answer(2, { conversationId: 1, done: false, ok: 1 })),
      client(mongo.command(3, { saslContinue: 1, conversationId: 1, payload: 'secret', $db: 'admin' })),
      server(mongo.answer(3, { conversationId: 1, done: true, ok: 1 })),
      client(
        mongo.command(4, {
          find: 'users',
          filter: { email: 'secret@x.example', age: { $gt: 17, $lt: 99 }, 'address.city': 'secret' },
          limit: 10,
          lsid: { id: 1 },
          $db: 'shop',
        }),
      ),
      server(mongo.answer(4, batch('firstBatch', users(2)))),
      client(
        mongo.command(5, { count: 'users', query: { $or: [{ a: 1 }, { a: 2 }, { b: 3 }] }, $db: 'shop' }),
      ),
      server(mongo.answer(5, { n: 17, ok: 1 })),
      client(mongo.command(6, { distinct: 'users', key: 'city', query: {}, $db: 'shop' })),
      server(mongo.answer(6, { values: ['a', 'b', 'c'], ok: 1 })),
      client(mongo.command(7, { saslStart: 1, mechanism: 'SCRAM-SHA-256', payload: 'secret', $db: 'admin' })),
      server(mongo.answer(7, { ok: 0, errmsg: 'secret', code: 18, codeName: 'AuthenticationFailed' })),
    ],
    gives: [
      setup('isMaster'),
      setup('saslStart'),
      setup('saslContinue'),
      { statement: 'find users {email: ?, age: {$gt: ?, $lt: ?}, address.city: ?}', rows: 2 },
      { statement: 'count users {$or: [{a: ?}, {b: ?}]}', rows: -1 },
      { statement: 'distinct users city {}', rows: 3 },
      { statement: 'saslStart', outcome: 'error', errorType: 'AuthenticationFailed' },
    ],
    peers: ['shop'],
  },
  {
    name: 'writes, with their documents beside the command or in it',
    turns: [
      client(
        mongo.msg(
          1,
          0,
          0,
          mongo.body({ insert: 'users', ordered: true, $db: 'shop' }),
          mongo.list('documents', ...users(3)),
        ),
      ),
      server(mongo.answer(1, { n: 3, ok: 1 })),
      client(
        mongo.msg(
          2,
          0,
          mongo.Flags.checksum,
          mongo.list('updates', { q: { _id: 7 }, u: { $set: { name: 'secret' }, $inc: { visits: 1 } } }),
          mongo.body({ update: 'users', $db: 'shop' }),
        ),
      ),
      server(mongo.answer(2, { n: 1, nModified: 1, ok: 1 })),
      client(
        mongo.command(3, {
          update: 'users',
          updates: [{ q: { _id: 7 }, u: { name: 'secret' }, upsert: true }],
          $db: 'shop',
        }),
      ),
      server(
        mongo.answer(3, {
          n: 0,
          writeErrors: [{ index: 0, code: 11000, errmsg: 'E11000 duplicate key: secret' }],
          ok: 1,
        }),
      ),
      client(
        mongo.command(4, {
          delete: 'users',
          deletes: [{ q: { age: { $in: [1, 2, 3] } }, limit: 0 }],
          $db: 'shop',
        }),
      ),
      server(mongo.answer(4, { n: 2, ok: 1 })),
      client(
        mongo.command(5, {
          findAndModify: 'users',
          query: { _id: 7 },
          update: { $set: { name: 'secret' } },
          new: true,
          $db: 'shop',
        }),
      ),
      server(mongo.answer(5, { value: { _id: 7, name: 'secret' }, ok: 1 })),
      client(mongo.command(6, { dropDatabase: 1, $db: 'shop' })),
      server(mongo.answer(6, { ok: 0, errmsg: 'not authorized', code: 13, codeName: 'Unauthorized' })),
      client(mongo.command(7, { createUser: 'secret', pwd: 'secret', $db: 'shop' })),
      server(mongo.answer(7, { ok: 0, errmsg: 'no', code: 51003 })),
      client(mongo.command(8, { insert: 'users', documents: users(1), writeConcern: { w: 3 }, $db: 'shop' })),
      server(
        mongo.answer(8, { n: 1, writeConcernError: { code: 64, codeName: 'WriteConcernFailed' }, ok: 1 }),
      ),
    ],
    gives: [
      { statement: 'insert users', rows: 3 },
      { statement: 'update users {_id: ?} {$set: ?, $inc: ?}', rows: 1 },
      { statement: 'update users {_id: ?} {…}', rows: 0, outcome: 'error', errorType: '11000' },
      { statement: 'delete users {age: {$in: [?]}}', rows: 2 },
      { statement: 'findAndModify users {_id: ?} {$set: ?}', rows: 1 },
      { statement: 'dropDatabase', outcome: 'error', errorType: 'Unauthorized' },
      { statement: 'createUser', outcome: 'error', errorType: '51003' },
      { statement: 'insert users', outcome: 'error', errorType: 'WriteConcernFailed' },
    ],
  },
  {
    name: 'a pipeline, a cursor, and names that are data',
    turns: [
      client(
        mongo.command(1, {
          aggregate: 'orders',
          pipeline: [
            { $match: { status: 'secret', 'lines.0.sku': 'secret' } },
            { $group: { _id: '$customer', total: { $sum: '$amount' } } },
            { $sort: { total: -1 } },
          ],
          cursor: {},
          $db: 'shop',
        }),
      ),
      server(mongo.answer(1, batch('firstBatch', users(101, 1), 9))),
      client(mongo.command(2, { getMore: 9, collection: 'orders', $db: 'shop' })),
      server(mongo.answer(2, batch('nextBatch', users(3)))),
      client(mongo.command(3, { aggregate: 1, pipeline: [{ $currentOp: {} }], cursor: {}, $db: 'admin' })),
      server(mongo.answer(3, batch('firstBatch', []))),
      client(
        mongo.command(4, {
          find: 'scores',
          filter: {
            'by.9f86d081884c7d65': 1,
            'by.user@secret.example': 2,
            'by.1234567': 3,
            address2: 4,
            deadbeefcafe: 5,
          },
          $db: 'shop',
        }),
      ),
      server(mongo.answer(4, batch('firstBatch', []))),
      client(mongo.command(5, { find: 'wide', filter: Object.fromEntries(wideNames(40)), $db: 'shop' })),
      server(mongo.answer(5, batch('firstBatch', []))),
    ],
    gives: [
      {
        statement:
          'aggregate orders [{$match: {status: ?, lines.?.sku: ?}}, {$group: {_id: ?, total: {$sum: ?}}}, {$sort: {total: ?}}]',
      },
      { statement: 'getMore orders', rows: 3 },
      { statement: 'aggregate [{$currentOp: {}}]', rows: 0 },
      { statement: 'find scores {by.?: ?, by.?: ?, by.?: ?, address2: ?, ?: ?}', rows: 0 },
      {
        statement: `find wide {${wideNames(16)
          .map(([name]) => `${name}: ?`)
          .join(', ')}, …}`,
        rows: 0,
      },
    ],
    peers: ['shop'],
  },
  {
    name: 'no answer, many answers, and a monitor that waits',
    turns: [
      client(mongo.command(1, { hello: 1, $db: 'admin' })),
      server(mongo.answer(1, { isWritablePrimary: true, ok: 1 })),
      client(
        mongo.msg(
          2,
          0,
          mongo.Flags.moreToCome,
          mongo.body({ insert: 'log', writeConcern: { w: 0 }, $db: 'shop' }),
          mongo.list('documents', ...users(1)),
        ),
        mongo.msg(3, 0, mongo.Flags.exhaustAllowed, mongo.body({ find: 'users', filter: {}, $db: 'shop' })),
      ),
      server(
        mongo.msg(50, 3, mongo.Flags.moreToCome, mongo.body(batch('firstBatch', users(2), 7))),
        mongo.msg(51, 50, 0, mongo.body(batch('nextBatch', users(1)))),
      ),
      client(
        mongo.msg(
          4,
          0,
          mongo.Flags.exhaustAllowed,
          mongo.body({ hello: 1, topologyVersion: { counter: 1 }, maxAwaitTimeMS: 10000, $db: 'admin' }),
        ),
      ),
      server(mongo.msg(60, 4, mongo.Flags.moreToCome, mongo.body({ isWritablePrimary: true, ok: 1 }))),
      server(mongo.msg(61, 60, mongo.Flags.moreToCome, mongo.body({ isWritablePrimary: true, ok: 1 }))),
      client(mongo.command(5, { hello: 1, $db: 'admin' })),
      server(mongo.answer(5, { isWritablePrimary: true, ok: 1 })),
      client(mongo.command(6, { getMore: 5, collection: 'oplog', maxTimeMS: 1000, $db: 'shop' })),
      server(mongo.answer(6, batch('nextBatch', []))),
    ],
    gives: [
      setup('hello'),
      { statement: 'insert log' },
      { statement: 'find users {}', rows: 3 },
      { statement: 'hello', role: 'wait' },
      { statement: 'hello' },
      { statement: 'getMore oplog', role: 'wait', rows: 0 },
    ],
  },
  {
    name: 'answers in another order, compressed ones, and a query of old',
    turns: [
      client(
        mongo.command(1, { find: 'a', filter: {}, $db: 'shop' }),
        mongo.command(2, { find: 'b', filter: {}, $db: 'shop' }),
      ),
      server(mongo.answer(2, batch('firstBatch', [])), mongo.answer(1, batch('firstBatch', []))),
      client(mongo.compressed(3, 0, 120)),
      server(mongo.compressed(99, 3, 300)),
      client(mongo.query(4, 'shop.users', { name: 'secret', ok: 0 })),
      server(mongo.reply(4, 0, { name: 'secret', ok: 0 }, { name: 'secret' })),
      client(mongo.query(5, 'shop.users', { name: 'secret' })),
      server(mongo.reply(5, 2, { $err: 'secret', code: 1 })),
    ],
    gives: [
      { statement: 'find b {}', rows: 0 },
      { statement: 'find a {}', rows: 0 },
      { statement: 'compressed MongoDB' },
      { statement: 'find users {name: ?, ok: ?}', rows: 2 },
      { statement: 'find users {name: ?}', rows: 0, outcome: 'error', errorType: 'QueryFailure' },
    ],
  },
  {
    name: 'long answers and long commands',
    turns: [
      client(mongo.command(1, { find: 'users', filter: {}, $db: 'shop' })),
      server(mongo.answer(1, batch('firstBatch', users(60, 40)))),
      client(
        mongo.msg(
          2,
          0,
          0,
          mongo.list('documents', ...users(400, 50)),
          mongo.body({ insert: 'users', $db: 'shop' }),
        ),
      ),
      server(mongo.answer(2, { n: 400, ok: 1 })),
      client(mongo.command(3, { ping: 1, $db: 'admin' })),
      server(mongo.answer(3, { ok: 1 })),
    ],
    gives: [
      { statement: 'find users {}' },
      { statement: 'insert (collection not seen)' },
      { statement: 'ping' },
    ],
  },
];

function wideNames(count: number): [string, number][] {
  return Array.from({ length: count }, (_, index) => [
    `f${String.fromCharCode(97 + (index % 26))}${index > 25 ? 'x' : ''}`,
    1,
  ]);
}

decoderSuite('mongodb', cases);
