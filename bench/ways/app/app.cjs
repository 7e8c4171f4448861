// The application, as CommonJS. `/request/17` asks the database four times; `/stop` ends the process with code 3.
'use strict';
const { appendFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.WAYS_DATABASE, max: 2 });

async function ask(tag) {
  await pool.query('select $1::text', [tag]); /* call */
}

async function answer(request, response) {
  if (request.url === '/stop') return response.end('stopping', () => process.exit(3));
  const tag = `RQ${request.url.split('/').at(-1)}Q`;
  await ask(tag);
  await ask(tag);
  await Promise.all([ask(tag), ask(tag)]);
  response.end('ok');
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    response.statusCode = 500;
    response.end(String(error));
  });
});
server.listen(0, '127.0.0.1', () => {
  appendFileSync(process.env.WAYS_PORTS, `${server.address().port}\n`);
});
