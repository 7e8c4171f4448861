// A backend whose event loop is blocked now and then: it asks itself, and ends.

const http = require('node:http');
const { Pool } = require('pg');

const SLEEP_SECONDS = 0.02;
const BLOCK_MS = 60;
const ROUNDS = 25;

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 5 });

function block() {
  const end = performance.now() + BLOCK_MS;
  while (performance.now() < end);
}

const server = http.createServer(async (request, response) => {
  if (request.url === '/block') block();
  else await pool.query(`SELECT pg_sleep(${SLEEP_SECONDS})`);
  response.end('done');
});

function ask(path) {
  const { port } = server.address();
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, path, agent: false }, (response) =>
        response.resume().on('end', resolve),
      )
      .on('error', reject);
  });
}

server.listen(0, '127.0.0.1', async () => {
  await ask('/quiet');
  for (let round = 0; round < ROUNDS; round++) await ask('/quiet');
  for (let round = 0; round < ROUNDS; round++) {
    const queries = [ask('/disturbed'), ask('/disturbed')];
    await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all([...queries, ask('/block')]);
  }
  await pool.end();
  server.close();
});
