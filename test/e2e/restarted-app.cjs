// A program that outlives its collectors: a pool of pg, a connection of ioredis, kept-alive HTTP to a backend in Python. Prints its port when
// all of them are open. `/work` uses each once, and the backend asks `/leaf`; `/hold` ends with `/release`. argv: URL of PostgreSQL, port and password of Redis, Python.

const { spawn } = require('node:child_process');
const http = require('node:http');
const { join } = require('node:path');
const Redis = require('ioredis').default;
const pg = require('pg');

const [, , databaseUrl, redisPort, redisPassword, python] = process.argv;
const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, idleTimeoutMillis: 0 });
const redis = new Redis({ port: Number(redisPort), password: redisPassword || undefined });
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const held = [];

function get(port, path) {
  return new Promise((resolve, reject) => {
    http
      .get({ port, path, host: '127.0.0.1', agent }, (response) => {
        response.resume();
        response.on('end', resolve);
      })
      .on('error', reject);
  });
}

async function work(backend, ownPort) {
  await pool.query('select 1 as one');
  await pool.query({ name: 'twice', text: 'select $1::int * 2', values: [21] });
  await redis.get('wiretime:restarted');
  await get(backend, `/ask/${ownPort}`);
}

async function answer(request, response, backend) {
  if (request.url === '/work') await work(backend, request.socket.localPort);
  if (request.url === '/hold') await new Promise((release) => held.push(release));
  if (request.url === '/release') for (const release of held.splice(0)) release();
  response.end('ok');
}

function listen(backend) {
  const server = http.createServer((request, response) => void answer(request, response, backend));
  // Nothing is closed for being idle.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', async () => {
    await work(backend, server.address().port);
    console.log(`listening ${server.address().port}`);
  });
}

const backend = spawn(python, [join(__dirname, 'restarted-backend.py')], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, WIRETIME_SERVICE: 'backend' },
});
backend.stdout.once('data', (printed) => listen(Number(printed)));
process.on('SIGTERM', () => {
  backend.kill('SIGINT');
  process.exit(0);
});
