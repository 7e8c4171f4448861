// A ledger on Express, pg and fetch, with faults behind flags (flags.js) and look-alikes that are right as they are (ledger-decoys.js).
// In: DATABASE_URL, SMALL_URL (another database of the same server), PEER_URL. Out: one line "app listening PORT". POST /quit ends it.
// A comment "fault NAME" marks the lines at which that fault is mended.

import http from 'node:http';
import express from 'express';
import pg from 'pg';
import { addDecoys } from './ledger-decoys.js';
import { by, compute, has, isUnlucky, pause } from './flags.js';
import { keptAlive, lookupIn, named, newEachTime, read, receive, send, withNagle } from './peer-calls.js';

const { DATABASE_URL, SMALL_URL, HELD_URL, PEER_URL } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 30 });
const reports = new pg.Pool({
  connectionString: SMALL_URL,
  max: has('small-pool') ? by('small-pool', 5, 3, 2) : 24, // fault small-pool
});
const transfers = new pg.Pool({ connectionString: HELD_URL, max: 6 });
// The network may end first.
for (const each of [pool, reports, transfers]) each.on('error', () => {});

await pool.query(`
  CREATE TABLE accounts (id int PRIMARY KEY, owner text, currency text, parent_id int);
  CREATE TABLE entries (id int PRIMARY KEY, account_id int, amount int, category_id int, invoice int);
  CREATE TABLE categories (id int PRIMARY KEY, name text);
  CREATE TABLE settings (id int PRIMARY KEY, value text);
  CREATE TABLE audit_log (id serial PRIMARY KEY, entry text);
  CREATE TABLE documents (id int PRIMARY KEY, body text);
  CREATE TABLE votes (id int PRIMARY KEY, n int);
  INSERT INTO votes SELECT n, 0 FROM generate_series(0, 499) n;
  CREATE TABLE transfers_from (id int PRIMARY KEY, source_id int, note text);
  INSERT INTO accounts SELECT n, 'owner ' || n, 'EUR', n / 2 FROM generate_series(0, 499) n;
  INSERT INTO entries SELECT n, n % 500, n, n % 40, n FROM generate_series(0, 19999) n;
  INSERT INTO categories SELECT n, 'category ' || n FROM generate_series(0, 39) n;
  INSERT INTO settings SELECT n, 'value ' || n FROM generate_series(0, 499) n;
  INSERT INTO transfers_from SELECT 1000 + n, 1000 + (n * 7 + 13) % 500, 'note ' || n FROM generate_series(0, 499) n;
  INSERT INTO documents SELECT n, repeat('document ', 1) FROM generate_series(0, 99) n;
  CREATE INDEX ON entries (account_id)`);
await transfers.query(
  'CREATE TABLE balances (id int PRIMARY KEY, cents int); INSERT INTO balances SELECT n, 0 FROM generate_series(0, 499) n',
);

const app = express();
/** Each endpoint first asks whether the caller may. */
const authorize = ({ query }) => read(fetch(`${PEER_URL}/auth/${query.token}?ms=6`));
const route = (method, path, work) =>
  app[method](path, async (request, response) => {
    await authorize(request);
    const row = Number(request.params.id) % 500;
    response.json((await work(row, Number(request.query.chance))) ?? { ok: true });
  });

// has query-loop
route('get', '/accounts/:id/entries', async (row) => {
  const limit = by('query-loop', 4, 10, 24) + (row % 5);
  const list = await pool.query('SELECT id FROM entries WHERE account_id = $1 LIMIT $2', [row, limit]);
  const ids = list.rows.map(({ id }) => id);
  if (!has('query-loop'))
    return (await pool.query('SELECT amount FROM entries WHERE id = ANY($1)', [ids])).rows;
  const amounts = [];
  for (const id of ids) amounts.push(await pool.query('SELECT amount FROM entries WHERE id = $1', [id])); // fault query-loop
  return amounts.length;
});

// has call-loop
route('get', '/invoices/:id', async (row) => {
  const limit = by('call-loop', 3, 6, 14) + (row % 4);
  const list = await pool.query('SELECT invoice FROM entries WHERE account_id = $1 LIMIT $2', [row, limit]);
  const ids = list.rows.map(({ invoice }) => invoice);
  if (!has('call-loop')) return read(fetch(`${PEER_URL}/rates?ids=${ids}`));
  for (const id of ids) await read(fetch(`${PEER_URL}/rates/${id}`)); // fault call-loop
});

// has two-calls-loop
route('get', '/statements/:id', async (row) => {
  const limit = by('two-calls-loop', 3, 6, 12) + (row % 5);
  const list = await pool.query('SELECT id, category_id FROM entries WHERE account_id = $1 LIMIT $2', [
    row,
    limit,
  ]);
  if (!has('two-calls-loop'))
    return (
      await pool.query(
        'SELECT e.amount, c.name FROM entries e JOIN categories c ON c.id = e.category_id WHERE e.id = ANY($1)',
        [list.rows.map(({ id }) => id)],
      )
    ).rows;
  for (const { id, category_id } of list.rows) {
    await pool.query('SELECT amount, invoice FROM entries WHERE id = $1', [id]); // fault two-calls-loop
    await pool.query('SELECT name FROM categories WHERE id = $1', [category_id]); // fault two-calls-loop
  }
});

// has asked-again
route('get', '/profiles/:id', async (row) => {
  const ask = () => pool.query('SELECT owner, currency FROM accounts WHERE id = $1', [row]); // fault asked-again
  await Promise.all([ask(), read(fetch(`${PEER_URL}/score/${row}?ms=8`))]);
  if (!has('asked-again')) return;
  for (let turn = 0; turn < by('asked-again', 1, 2, 5); turn++) await ask(); // fault asked-again
});

// has one-by-one
route('get', '/dashboards/:id', async (row) => {
  const questions = [
    () => pool.query('SELECT count(*) FROM entries WHERE account_id = $1', [row]), // fault one-by-one
    () => pool.query('SELECT name FROM categories LIMIT 10'), // fault one-by-one
    () => read(fetch(`${PEER_URL}/news?of=${row}&ms=${by('one-by-one', 2, 5, 20)}`)), // fault one-by-one
  ];
  if (!has('one-by-one')) return void (await Promise.all(questions.map((ask) => ask())));
  for (const ask of questions) await ask();
});

// has look-up-chain
route('get', '/origins/:id', async (row) => {
  const steps = by('look-up-chain', 3, 6, 12) + (row % 3);
  if (!has('look-up-chain'))
    return (
      await pool.query(
        `WITH RECURSIVE path AS (
           SELECT id, source_id, 1 AS step FROM transfers_from WHERE id = $1
           UNION ALL SELECT t.id, t.source_id, step + 1 FROM path JOIN transfers_from t ON t.id = path.source_id WHERE step < $2
         ) SELECT id FROM path`,
        [1000 + row, steps],
      )
    ).rows;
  let id = 1000 + row;
  for (let step = 0; step < steps; step++) {
    const { rows } = await pool.query('SELECT source_id FROM transfers_from WHERE id = $1', [id]); // fault look-up-chain
    id = rows[0].source_id;
  }
});

// has asked-at-once
route('get', '/branches/:id', async (row) => {
  const count = by('asked-at-once', 10, 16, 30) + (row % 3);
  if (!has('asked-at-once')) return read(fetch(`${PEER_URL}/branches?of=${row}&ms=4`));
  const parts = Array.from({ length: count }, (_, part) => part);
  const ask = (part) =>
    read(fetch(`${PEER_URL}/branches/${part}?line=${row}&ms=${by('asked-at-once', 2, 3, 4)}`)); // fault asked-at-once
  await Promise.all(parts.map(ask));
});

// has asked-in-vain
route('post', '/imports/:id', async (row) => {
  const every = by('asked-in-vain', 15, 30, 60);
  const takes = every * (5 + (row % 10) / 10);
  if (!has('asked-in-vain')) return read(fetch(`${PEER_URL}/imports/${row}?ms=${takes}`));
  for (const from = performance.now(); performance.now() - from < takes; await pause(every))
    await read(fetch(`${PEER_URL}/imports/${row}`)); // fault asked-in-vain
  await read(fetch(`${PEER_URL}/imports/${row}`)); // fault asked-in-vain
});

// has sent-plain
route('get', '/catalogs/:id', async (row) => {
  const bytes = by('sent-plain', 60_000, 200_000, 600_000) + (row % 20) * 2000;
  const packs = has('sent-plain') ? '' : '&packs=1';
  await read(fetch(`${PEER_URL}/catalogs/${row}?text=${bytes}&rate=8${packs}`)); // fault sent-plain
});

let templates;
const loadTemplates = () => pause(by('loaded-late', 1500, 2500, 4000));
if (!has('loaded-late')) templates = await loadTemplates().then(() => 'loaded');
// has loaded-late
route('get', '/letters/:id', async (row) => {
  await pool.query('SELECT owner FROM accounts WHERE id = $1', [row]); // fault loaded-late
  templates ??= await loadTemplates().then(() => 'loaded'); // fault loaded-late
});

// has hot-row
route('post', '/votes/:id', async (row) => {
  const work = () => pause(by('hot-row', 5, 12, 30));
  if (!has('hot-row')) await work();
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('UPDATE votes SET n = n + 1 WHERE id = $1', [has('hot-row') ? 0 : row]); // fault hot-row
  if (has('hot-row')) await work(); // fault hot-row
  await client.query('COMMIT'); // fault hot-row
  client.release();
});

// has connection-per-call
route('get', '/payouts/:id', async (row, chance) => {
  if (!has('connection-per-call') || chance > by('connection-per-call', 0.3, 0.6, 1))
    return void (await pool.query('SELECT currency FROM accounts WHERE id = $1', [row]));
  const client = new pg.Client({ connectionString: HELD_URL });
  await client.connect(); // fault connection-per-call
  await client.query('SELECT cents FROM balances WHERE id = $1', [row]); // fault connection-per-call
  await client.end();
});

// has name-per-call
route('get', '/quotes/:id', (row) => {
  const options = {
    agent: has('name-per-call') ? newEachTime : keptAlive,
    lookup: lookupIn(by('name-per-call', 2, 5, 15)),
  };
  const url = named('quotes.example', `${PEER_URL}/quote/${row}`);
  return receive(http.get(url, options)); // fault name-per-call
});

// has small-pool
route('get', '/reports/:id', async (row) => {
  await reports.query('SELECT pg_sleep($1), $2::int', [0.02, row]); // fault small-pool
});

// has kept-connection
route('post', '/transfers/:id', async (row) => {
  const check = () => read(fetch(`${PEER_URL}/screening/${row}?ms=${by('kept-connection', 12, 30, 80)}`));
  if (!has('kept-connection')) await check();
  const client = await transfers.connect();
  await client.query('BEGIN'); // fault kept-connection
  await client.query('UPDATE balances SET cents = cents + 1 WHERE id = $1', [row]); // fault kept-connection
  if (has('kept-connection')) await check(); // fault kept-connection
  await client.query('COMMIT'); // fault kept-connection
  client.release();
});

// has extra-statements
route('get', '/settings/:id', async (row) => {
  const client = await pool.connect();
  if (has('extra-statements')) await client.query('SELECT 1'); // fault extra-statements
  if (has('extra-statements') && by('extra-statements', 0, 1, 1))
    await client.query("SET search_path TO 'public'"); // fault extra-statements
  if (has('extra-statements') && by('extra-statements', 0, 0, 1))
    await client.query("SET statement_timeout TO '9s'"); // fault extra-statements
  await client.query('SELECT value FROM settings WHERE id = $1', [row]);
  client.release();
});

// has slow-query
route('get', '/search/:id', async (row) => {
  const seconds = has('slow-query') ? by('slow-query', 0.015, 0.04, 0.12) : 0;
  await pool.query('SELECT owner FROM accounts WHERE id > $1 AND pg_sleep($2) IS NOT NULL LIMIT 1', [
    row,
    seconds,
  ]); // fault slow-query
});

let rates;
// has never-kept
route('get', '/currencies/:id', async () => {
  if (has('never-kept')) rates = undefined;
  rates ??= await pool.query("SELECT currency, pg_sleep($1) FROM accounts WHERE owner = 'owner 1'", [
    by('never-kept', 0.01, 0.02, 0.06),
  ]); // fault never-kept
});

// has whole-documents
route('get', '/exports/:id', async (row) => {
  const times = has('whole-documents') ? by('whole-documents', 30_000, 60_000, 150_000) : 10;
  await pool.query('SELECT id, repeat(body, $2) FROM documents WHERE id = $1', [row % 100, times]); // fault whole-documents
});

// has two-writes
route('post', '/notes/:id', async (row, chance) => {
  const options = { agent: withNagle, method: 'POST', headers: { 'content-length': 20 } };
  const request = http.request(`${PEER_URL}/notes/${row}`, options); // fault two-writes
  await send(request, isUnlucky('two-writes', chance)); // fault two-writes
});

// has tried-again
route('get', '/fx/:id', async (row, chance) => {
  const status = isUnlucky('tried-again', chance) ? 503 : 200;
  const ask = (wanted) => read(fetch(`${PEER_URL}/fx/${row}?ms=12&status=${wanted}`)); // fault tried-again
  await ask(status).catch(() => pause(5).then(() => ask(200)));
});

// has long-limit
route('get', '/risks/:id', async (row, chance) => {
  const hang = chance < by('long-limit', 0.08, 0.25, 0.6) ? '?hang=1' : '';
  const signal = AbortSignal.timeout(has('long-limit') ? by('long-limit', 200, 300, 500) : 40);
  await read(fetch(`${PEER_URL}/risk/${row}${hang}`, { signal })).catch(() => undefined); // fault long-limit
});

// has log-awaited
route('post', '/orders/:id', async (row) => {
  await pool.query('UPDATE settings SET value = $2 WHERE id = $1', [row, 'ordered']);
  const seconds = by('log-awaited', 0.002, 0.008, 0.03);
  const logged = pool.query('INSERT INTO audit_log (entry) SELECT $1 FROM pg_sleep($2)', [
    `order ${row}`,
    seconds,
  ]); // fault log-awaited
  if (has('log-awaited')) await logged;
});

// has busy-code
route('get', '/digests/:id', async (row) => {
  await pool.query('SELECT name FROM categories WHERE id = $1', [row % 40]); // fault busy-code
  if (has('busy-code')) compute(by('busy-code', 15, 40, 120)); // fault busy-code
});

addDecoys(route, pool, PEER_URL);
app.post('/quit', (_request, response) => response.end('ok', () => process.exit(0)));
const server = app.listen(0, '127.0.0.1', () => console.log(`app listening ${server.address().port}`));
server.keepAliveTimeout = 60_000;
