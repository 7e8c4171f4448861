// The backend that bench/overhead.ts measures: /hello answers at once, /checkout asks Redis once and Postgres three times.
const http = require('node:http');
const { createRequire } = require('node:module');
const load = createRequire(`${process.env.BENCH_ROOT}/package.json`);
const pg = load('pg');
const { Redis } = load('ioredis');
const { postgres, redis: cache } = JSON.parse(process.env.BENCH_SERVERS);

const pool = new pg.Pool({ connectionString: postgres.url, max: 8 });
const redis = new Redis(cache.port, cache.host);

async function checkout() {
  const cart = await redis.get('bench:cart');
  const user = await pool.query('SELECT $1::int AS id, $2::text AS name', [7, 'someone']);
  await pool.query('SELECT generate_series(1, 10) AS item');
  await pool.query('SELECT $1::int AS order_id', [user.rows[0].id]);
  return { cart, user: user.rows[0] };
}

const server = http.createServer(async (request, response) => {
  try {
    if (request.url === '/hello') return void response.end('hello world');
    response.end(JSON.stringify(await checkout()));
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
});
process.on('message', (question) => {
  if (question === 'exit') process.exit();
  const { user, system } = process.cpuUsage();
  process.send({ cpuUs: user + system, rssBytes: process.memoryUsage.rss() });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
