// A message board on Fastify, mysql2 and ioredis, with the faults of ledger.js in other places.
// In: MYSQL_URL, SMALL_URL and HELD_URL (other databases of the same server), REDIS_URL, PEER_URL. Out: one line "app listening PORT". POST /quit ends it.

import http from 'node:http';
import fastify from 'fastify';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import { addDecoys } from './board-decoys.js';
import { by, compute, has, isUnlucky, pause } from './flags.js';
import { keptAlive, lookupIn, named, newEachTime, read, receive, send, withNagle } from './peer-calls.js';

const { MYSQL_URL, SMALL_URL, HELD_URL, REDIS_URL, PEER_URL } = process.env;
const pool = mysql.createPool({ uri: MYSQL_URL, connectionLimit: 30, multipleStatements: true });
const reports = mysql.createPool({
  uri: SMALL_URL,
  connectionLimit: has('small-pool') ? by('small-pool', 5, 3, 2) : 24, // fault small-pool
});
const moves = mysql.createPool({ uri: HELD_URL, connectionLimit: 6, multipleStatements: true });
const redis = new Redis(REDIS_URL);

const numbers = (count) => `(SELECT seq n FROM seq_0_to_${count - 1}) numbers`;
await pool.query(`
  CREATE TABLE threads (id int PRIMARY KEY, title varchar(40), board_id int);
  CREATE TABLE posts (id int PRIMARY KEY, thread_id int, author_id int, text varchar(80), KEY (thread_id));
  CREATE TABLE authors (id int PRIMARY KEY, name varchar(40));
  CREATE TABLE replies (id int PRIMARY KEY, thread_id int, author_id int);
  CREATE TABLE likes (id int PRIMARY KEY, n int);
  INSERT INTO likes SELECT n, 0 FROM ${numbers(500)};
  CREATE TABLE events (id int PRIMARY KEY AUTO_INCREMENT, what varchar(40));
  INSERT INTO threads SELECT n, concat('thread ', n), n % 9 FROM ${numbers(500)};
  INSERT INTO posts SELECT n, n % 500, n % 90, concat('post ', n) FROM ${numbers(20_000)};
  INSERT INTO replies SELECT 2000 + n, 3000 + (n * 7 + 5) % 500, 4000 + (n * 11 + 3) % 500 FROM ${numbers(500)};
  INSERT INTO replies SELECT 3000 + n, 4000 + (n * 13 + 7) % 500, 2000 + (n * 3 + 1) % 500 FROM ${numbers(500)};
  INSERT INTO replies SELECT 4000 + n, 2000 + (n * 17 + 9) % 500, 3000 + (n * 5 + 11) % 500 FROM ${numbers(500)};
  INSERT INTO authors SELECT n, concat('author ', n) FROM ${numbers(90)}`);
await moves.query(
  `CREATE TABLE places (id int PRIMARY KEY, n int); INSERT INTO places SELECT n, 0 FROM ${numbers(500)}`,
);
const writes = redis.pipeline();
for (let id = 0; id < 500; id++) writes.set(`badge:${id}`, `badge ${id}`).set(`session:${id}`, `user ${id}`);
for (const size of [10_000, 300_000, 900_000, 1_500_000]) writes.set(`feed:${size}`, 'x'.repeat(size));
await writes.exec();

/** Each post of a thread has another one. */
const badgeOf = (post) => `badge:${((post % 500) + Math.floor(post / 500)) % 500}`;

const app = fastify({ keepAliveTimeout: 60_000 });
redis.on('error', () => {});
const authorize = ({ query }) => read(fetch(`${PEER_URL}/auth/${query.token}?ms=6`));
const route = (method, path, work) =>
  app[method](path, async (request) => {
    await authorize(request);
    const row = Number(request.params.id) % 500;
    return (await work(row, Number(request.query.chance))) ?? { ok: true };
  });

// has query-loop
route('get', '/threads/:id', async (row) => {
  const limit = by('query-loop', 4, 10, 24) + (row % 5);
  const [list] = await pool.query('SELECT author_id FROM posts WHERE thread_id = ? LIMIT ?', [row, limit]);
  const ids = list.map(({ author_id }) => author_id);
  if (!has('query-loop')) return (await pool.query('SELECT name FROM authors WHERE id IN (?)', [ids]))[0];
  for (const id of ids) await pool.query('SELECT name FROM authors WHERE id = ?', [id]); // fault query-loop
});

// has call-loop
route('get', '/badges/:id', async (row) => {
  const limit = by('call-loop', 5, 12, 28) + (row % 6);
  const [list] = await pool.query('SELECT id FROM posts WHERE thread_id = ? LIMIT ?', [row, limit]);
  const keys = list.map(({ id }) => badgeOf(id));
  if (!has('call-loop')) return redis.mget(keys);
  for (const key of keys) await redis.get(key); // fault call-loop
});

// has two-calls-loop
route('get', '/feeds/:id', async (row) => {
  const limit = by('two-calls-loop', 3, 6, 12) + (row % 5);
  const [list] = await pool.query('SELECT id, author_id FROM posts WHERE thread_id = ? LIMIT ?', [
    row,
    limit,
  ]);
  if (!has('two-calls-loop')) {
    await redis.mget(list.map(({ id }) => badgeOf(id)));
    return void (await pool.query('SELECT name FROM authors WHERE id IN (?)', [
      list.map((post) => post.author_id),
    ]));
  }
  for (const { id, author_id } of list) {
    await redis.get(badgeOf(id)); // fault two-calls-loop
    await pool.query('SELECT name FROM authors WHERE id = ?', [author_id]); // fault two-calls-loop
  }
});

// has asked-again
route('get', '/sessions/:id', async (row) => {
  const ask = () => redis.get(`session:${row}`); // fault asked-again
  await Promise.all([ask(), read(fetch(`${PEER_URL}/score/${row}?ms=8`))]);
  if (!has('asked-again')) return;
  for (let turn = 0; turn < by('asked-again', 1, 2, 5); turn++) await ask(); // fault asked-again
});

// has one-by-one
route('get', '/overviews/:id', async (row) => {
  const questions = [
    () => pool.query('SELECT count(*) FROM posts WHERE thread_id = ?', [row]), // fault one-by-one
    () => pool.query('SELECT name FROM authors LIMIT 10'), // fault one-by-one
    () => read(fetch(`${PEER_URL}/weather?of=${row}&ms=${by('one-by-one', 2, 5, 20)}`)), // fault one-by-one
  ];
  if (!has('one-by-one')) return void (await Promise.all(questions.map((ask) => ask())));
  for (const ask of questions) await ask();
});

// has look-up-chain
route('get', '/ancestors/:id', async (row) => {
  const steps = by('look-up-chain', 3, 6, 12) + (row % 3);
  if (!has('look-up-chain'))
    return (
      await pool.query(
        `WITH RECURSIVE path AS (
           SELECT id, thread_id, 1 AS step FROM replies WHERE id = ?
           UNION ALL SELECT r.id, r.thread_id, step + 1 FROM path JOIN replies r ON r.id = path.thread_id WHERE step < ?
         ) SELECT id FROM path`,
        [2000 + row, steps],
      )
    )[0];
  let id = 2000 + row;
  for (let step = 0; step < steps; step++) {
    const [[reply]] = await pool.query('SELECT thread_id FROM replies WHERE id = ?', [id]); // fault look-up-chain
    id = reply.thread_id;
  }
});

// has asked-at-once
route('get', '/mentions/:id', async (row) => {
  const count = by('asked-at-once', 10, 16, 30) + (row % 3);
  if (!has('asked-at-once')) return read(fetch(`${PEER_URL}/mentions?of=${row}&ms=4`));
  const parts = Array.from({ length: count }, (_, part) => part);
  const ask = (part) =>
    read(fetch(`${PEER_URL}/mentions/${part}?line=${row}&ms=${by('asked-at-once', 2, 3, 4)}`)); // fault asked-at-once
  await Promise.all(parts.map(ask));
});

// has asked-in-vain
route('post', '/renders/:id', async (row) => {
  const every = by('asked-in-vain', 15, 30, 60);
  const takes = every * (5 + (row % 10) / 10);
  if (!has('asked-in-vain')) return read(fetch(`${PEER_URL}/renders/${row}?ms=${takes}`));
  for (const from = performance.now(); performance.now() - from < takes; await pause(every))
    await read(fetch(`${PEER_URL}/renders/${row}`)); // fault asked-in-vain
  await read(fetch(`${PEER_URL}/renders/${row}`)); // fault asked-in-vain
});

// has hot-row
route('post', '/likes/:id', async (row) => {
  const work = () => pause(by('hot-row', 5, 12, 30));
  if (!has('hot-row')) await work();
  const client = await pool.getConnection();
  await client.query('START TRANSACTION');
  await client.query('UPDATE likes SET n = n + 1 WHERE id = ?', [has('hot-row') ? 0 : row]); // fault hot-row
  if (has('hot-row')) await work(); // fault hot-row
  await client.query('COMMIT'); // fault hot-row
  client.release();
});

// has connection-per-call
route('get', '/counts/:id', async (row, chance) => {
  if (!has('connection-per-call') || chance > by('connection-per-call', 0.3, 0.6, 1))
    return redis.get(`badge:${row}`);
  const client = new Redis(`${REDIS_URL.replace(/\/\d*$/, '')}/9`, { lazyConnect: true }); // fault connection-per-call
  await client.connect(); // fault connection-per-call
  await client.get(`count:${row}`); // fault connection-per-call
  client.disconnect();
});

// has name-per-call
route('get', '/links/:id', (row) => {
  const options = {
    agent: has('name-per-call') ? newEachTime : keptAlive,
    lookup: lookupIn(by('name-per-call', 2, 5, 15)),
  };
  const url = named('previews.example', `${PEER_URL}/preview/${row}`);
  return receive(http.get(url, options)).then(() => undefined); // fault name-per-call
});

// has small-pool
route('get', '/reports/:id', async (row) => {
  await reports.query('SELECT SLEEP(0.02), ?', [row]); // fault small-pool
});

// has kept-connection
route('post', '/moves/:id', async (row) => {
  const check = () => read(fetch(`${PEER_URL}/spam/${row}?ms=${by('kept-connection', 12, 30, 80)}`));
  if (!has('kept-connection')) await check();
  const client = await moves.getConnection();
  await client.query('START TRANSACTION'); // fault kept-connection
  await client.query('UPDATE places SET n = n + 1 WHERE id = ?', [row]); // fault kept-connection
  if (has('kept-connection')) await check(); // fault kept-connection
  await client.query('COMMIT'); // fault kept-connection
  client.release();
});

// has extra-statements
route('get', '/titles/:id', async (row) => {
  const client = await pool.getConnection();
  if (has('extra-statements')) await client.query('SET @reader = 1'); // fault extra-statements
  if (has('extra-statements') && by('extra-statements', 0, 1, 1)) await client.query('BEGIN'); // fault extra-statements
  await client.query('SELECT title FROM threads WHERE id = ?', [row]);
  if (has('extra-statements') && by('extra-statements', 0, 1, 1)) await client.query('COMMIT'); // fault extra-statements
  client.release();
});

// has slow-query
route('get', '/searches/:id', async (row) => {
  const seconds = has('slow-query') ? by('slow-query', 0.015, 0.04, 0.12) : 0;
  await pool.query('SELECT title FROM threads WHERE id = ? AND SLEEP(?) = 0', [row, seconds]); // fault slow-query
});

let boards;
// has never-kept
route('get', '/boards/:id', async () => {
  if (has('never-kept')) boards = undefined;
  boards ??= await pool.query('SELECT title, SLEEP(?) FROM threads WHERE id = 1', [
    by('never-kept', 0.01, 0.02, 0.06),
  ]); // fault never-kept
});

// has whole-documents
route('get', '/streams/:id', async () => {
  const bytes = has('whole-documents') ? by('whole-documents', 300_000, 900_000, 1_500_000) : 10_000;
  await redis.get(`feed:${bytes}`); // fault whole-documents
});

// has two-writes
route('post', '/drafts/:id', async (row, chance) => {
  const options = { agent: withNagle, method: 'PUT', headers: { 'content-length': 20 } };
  const request = http.request(`${PEER_URL}/drafts/${row}`, options); // fault two-writes
  await send(request, isUnlucky('two-writes', chance)); // fault two-writes
});

// has tried-again
route('get', '/translations/:id', async (row, chance) => {
  const status = isUnlucky('tried-again', chance) ? 503 : 200;
  const ask = (wanted) => read(fetch(`${PEER_URL}/translate/${row}?ms=12&status=${wanted}`)); // fault tried-again
  await ask(status).catch(() => pause(5).then(() => ask(200)));
});

// has long-limit
route('get', '/avatars/:id', async (row, chance) => {
  const hang = chance < by('long-limit', 0.08, 0.25, 0.6) ? '?hang=1' : '';
  const signal = AbortSignal.timeout(has('long-limit') ? by('long-limit', 200, 300, 500) : 40);
  await read(fetch(`${PEER_URL}/avatar/${row}${hang}`, { signal })).catch(() => undefined); // fault long-limit
});

// has log-awaited
route('post', '/replies/:id', async (row) => {
  await pool.query('UPDATE threads SET title = ? WHERE id = ?', ['replied', row]);
  const seconds = by('log-awaited', 0.002, 0.008, 0.03);
  const noted = pool.query('INSERT INTO events (what) SELECT ? FROM dual WHERE SLEEP(?) = 0', [
    'reply',
    seconds,
  ]); // fault log-awaited
  if (has('log-awaited')) await noted;
});

// has busy-code
route('get', '/renderings/:id', async (row) => {
  await pool.query('SELECT title, board_id FROM threads WHERE id = ?', [row]); // fault busy-code
  if (has('busy-code')) compute(by('busy-code', 15, 40, 120)); // fault busy-code
});

addDecoys(route, pool, redis, PEER_URL);
app.post('/quit', (_request, response) => {
  response.raw.once('finish', () => process.exit(0));
  response.send('ok');
});
await app.listen({ port: 0, host: '127.0.0.1' });
console.log(`app listening ${app.server.address().port}`);
