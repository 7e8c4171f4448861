// oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 awaits them
// The backend that bench/overhead.ts measures, as small companies have them: Express, a pool of PostgreSQL, Redis, two other services.
// /hello answers at once; /checkout asks Redis once, PostgreSQL three times, and a service twice (fetch, http.request); /queries asks
// PostgreSQL twenty times. `?m=` marks everything that a request does, so that attribution can be checked. In: BENCH_* variables.
const { readFileSync } = require('node:fs');
const http = require('node:http');
const v8 = require('node:v8');
const vm = require('node:vm');
const { createRequire } = require('node:module');
const load = createRequire(`${process.env.BENCH_ROOT}/package.json`);
const express = load('express');
const pg = load('pg');
const { Redis } = load('ioredis');
const { postgres, redis: cache, service } = JSON.parse(process.env.BENCH_SERVERS);

const pool = new pg.Pool({ connectionString: postgres.url, max: 10 });
const redis = new Redis(cache.port, cache.host);
const agent = new http.Agent({ keepAlive: true });

function ask(path) {
  return new Promise((resolve, reject) => {
    const request = http.get({ agent, host: '127.0.0.1', port: service.port, path }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(JSON.parse(text)));
    });
    request.on('error', reject);
  });
}

async function checkout(mark) {
  const cart = await redis.get(`cart:${mark}`);
  const user = await pool.query('SELECT $1::int AS id, $2::text AS name', [7, mark]);
  const [items, order] = await Promise.all([
    pool.query('SELECT item, $1::text AS mark FROM generate_series(1, 10) AS item', [mark]),
    pool.query('SELECT $1::text AS order_id', [mark]),
  ]);
  const price = await (await fetch(`http://127.0.0.1:${service.port}/price?m=${mark}`)).json();
  const stock = await ask(`/stock?m=${mark}`);
  return { cart, user: user.rows[0], items: items.rows.length, order: order.rows[0], price, stock };
}

async function queries(mark) {
  let sum = 0;
  for (let id = 0; id < 20; id++) {
    const { rows } = await pool.query('SELECT $1::int AS id, $2::text AS mark', [id, mark]);
    sum += rows[0].id;
  }
  return { sum };
}

/** One kind of operation alone, to see what each costs. */
async function times(count, operation) {
  let last;
  for (let index = 0; index < count; index++) last = await operation();
  return { last };
}

/** What is really used: of what the last load left, nothing is counted. */
function memory() {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc');
  for (let times = 0; times < 3; times++) collect();
  const kilobytes = (name) =>
    Number(
      new RegExp(`^${name}: *(\\d+) kB`, 'm').exec(readFileSync('/proc/self/smaps_rollup', 'latin1'))?.[1],
    );
  const { heapUsed, external } = process.memoryUsage();
  return {
    rssBytes: kilobytes('Rss') * 1024,
    privateBytes: (kilobytes('Private_Clean') + kilobytes('Private_Dirty')) * 1024,
    heapBytes: heapUsed + external,
  };
}

const app = express();
app.get('/hello', (request, response) => response.send('hello world'));
app.get('/checkout', async (request, response) => response.json(await checkout(String(request.query.m))));
app.get('/queries', async (request, response) => response.json(await queries(String(request.query.m))));
app.get('/cache', async (request, response) =>
  response.json(await times(20, () => redis.get(`cart:${request.query.m}`))),
);
app.get('/request', async (request, response) =>
  response.json(await times(5, () => ask(`/stock?m=${request.query.m}`))),
);
app.get('/fetch', async (request, response) =>
  response.json(
    await times(5, async () =>
      (await fetch(`http://127.0.0.1:${service.port}/price?m=${request.query.m}`)).json(),
    ),
  ),
);

process.on('disconnect', () => process.exit());
process.on('message', (question) => {
  if (question === 'exit') process.exit();
  if (question === 'memory') return process.send(memory());
  const { user, system } = process.cpuUsage();
  process.send({ cpuUs: user + system, userUs: user });
});
const server = app.listen(0, '127.0.0.1', () => {
  const { user, system } = process.cpuUsage();
  process.send({ port: server.address().port, cpuUs: user + system });
});
