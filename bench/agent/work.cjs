/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 awaits them */
// The measured process of bench/agent.ts: Express, pg-pool, ioredis, http.request and fetch, all real, on sockets whose bytes never leave the
// process. Answers come with the next turn of the event loop. So no system call disturbs what is measured: the work above the kernel.
// In: questions of the parent (`{ route, count }`). Out: CPU per request, or (`areAllocations`) bytes allocated per request by function.
// BENCH_ROOT: where the packages are.
const { channel } = require('node:diagnostics_channel');
const http = require('node:http');
const { createRequire } = require('node:module');
const net = require('node:net');
const load = createRequire(`${process.env.BENCH_ROOT}/package.json`);
const express = load('express');
const pg = load('pg');
const { Redis } = load('ioredis');

const AT_ONCE = 16;
const HOST = '127.0.0.1';

// ---- sockets without a kernel ----

/** What waits to be read, in order. Delivered by a chain of immediates that began outside of any request, as a kernel would. */
let pending = [];

function deliver() {
  const now = pending;
  pending = [];
  for (const { socket, bytes } of now) if (!socket.destroyed) socket.push(bytes);
  if (isRunning) setImmediate(deliver);
}

/** Replaces what a connected socket's handle does with bytes: `answer(data)` tells what the other end says to them. */
function cutOff(socket, answer) {
  const handle = socket._handle;
  const write = (request, data) => {
    const bytes = answer(data);
    if (bytes !== undefined) pending.push({ socket, bytes });
    return 0;
  };
  for (const name of ['writeBuffer', 'writeUtf8String', 'writeLatin1String', 'writeAsciiString', 'writev'])
    handle[name] = write;
}

/** `data`: a text, a buffer, or a list of these (with their encodings in between, which hurts nobody). */
function textOf(data) {
  if (typeof data === 'string') return data;
  return Buffer.isBuffer(data) ? data.latin1Slice() : data.map(textOf).join('');
}

// ---- what the other ends say ----

function message(tag, ...parts) {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'number' ? int32(part) : part)));
  const head = Buffer.alloc(5);
  head.write(tag, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function int16(value) {
  return Buffer.from([value >> 8, value & 255]);
}

function int32(value) {
  return Buffer.concat([int16((value >> 16) & 0xffff), int16(value & 0xffff)]);
}

function text(value) {
  return Buffer.from(`${value}\0`);
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
const READY = message('Z', Buffer.from('I'));
const GREETING = Buffer.concat([message('R', 0), message('K', 1, 2), READY]);
const ROW = Buffer.concat([
  message('1'),
  message('2'),
  message('T', int16(1), text('id'), 0, int16(0), 23, int16(4), -1, int16(0)),
  message('D', int16(1), 1, Buffer.from('7')),
  message('C', text('SELECT 1')),
  READY,
]);

function postgres() {
  let isGreeted = false;
  return () => {
    if (isGreeted) return ROW;
    isGreeted = true;
    return GREETING;
  };
}

const VALUE = Buffer.from('$5\r\nhello\r\n');

function redis() {
  return (data) => {
    const commands = textOf(data).split('*').length - 1;
    return commands === 1 ? VALUE : Buffer.concat(Array.from({ length: commands }, () => VALUE));
  };
}

const BODY = '{"amount":1999,"currency":"EUR"}';
const RESPONSE = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\nConnection: keep-alive\r\n\r\n${BODY}`,
);

function service() {
  return (data) => (textOf(data).startsWith('GET') ? RESPONSE : undefined);
}

/** A server that accepts and does nothing: its clients are cut off as soon as they are connected. */
async function otherEnd(kind) {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, HOST, done));
  server.unref();
  server.on('connection', (socket) => socket.on('error', () => undefined).unref());
  const { port } = server.address();
  kinds.set(port, kind);
  return port;
}

const kinds = new Map();

function watch(socket) {
  socket.prependOnceListener('connect', () => {
    const kind = kinds.get(socket.remotePort);
    if (kind !== undefined) cutOff(socket, kind());
  });
  return socket;
}

channel('net.client.socket').subscribe(({ socket }) => watch(socket));

// ---- the application ----

async function application() {
  const [forPostgres, forRedis, forService] = [
    await otherEnd(postgres),
    await otherEnd(redis),
    await otherEnd(service),
  ];
  const pool = new pg.Pool({
    host: HOST,
    port: forPostgres,
    user: 'bench',
    max: 10,
    idleTimeoutMillis: 0,
    stream: () => watch(new net.Socket()),
  });
  const cache = new Redis(forRedis, HOST, { enableReadyCheck: false });
  const agent = new http.Agent({ keepAlive: true });
  const query = async (id) =>
    (await pool.query('SELECT $1::int AS id, $2::text AS mark', [id, 'mark'])).rows[0].id;
  const ask = () =>
    new Promise((resolve, reject) => {
      const request = http.get({ agent, host: HOST, port: forService, path: '/stock' }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve(JSON.parse(text).amount));
      });
      request.on('error', reject);
    });
  const get = async () => (await (await fetch(`http://${HOST}:${forService}/price`)).json()).amount;

  const app = express();
  app.get('/hello', (request, response) => response.send('hello world'));
  app.get('/queries', async (request, response) => {
    let sum = 0;
    for (let id = 0; id < 20; id++) sum += await query(id);
    response.json({ sum });
  });
  app.get('/cache', async (request, response) => {
    let last;
    for (let id = 0; id < 20; id++) last = await cache.get('key');
    response.json({ last });
  });
  app.get('/request', async (request, response) => {
    let sum = 0;
    for (let id = 0; id < 5; id++) sum += await ask();
    response.json({ sum });
  });
  app.get('/fetch', async (request, response) => {
    let sum = 0;
    for (let id = 0; id < 5; id++) sum += await get();
    response.json({ sum });
  });
  app.get('/checkout', async (request, response) => {
    const cart = await cache.get('cart');
    const user = await query(1);
    const [items, order] = await Promise.all([query(2), query(3)]);
    const price = await get();
    const stock = await ask();
    response.json({ cart, user, items, order, price, stock });
  });
  return http.createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, app);
}

// ---- its clients ----

/** Connections of clients: what the application answers is counted, and the next request is sent, until `left` are done. */
async function clientsOf(server) {
  const sockets = [];
  const entry = net.createServer();
  await new Promise((done) => entry.listen(0, HOST, done));
  entry.unref();
  for (let index = 0; index < AT_ONCE; index++) {
    const accepted = new Promise((done) => entry.once('connection', done));
    net.connect(entry.address().port, HOST).unref();
    const socket = (await accepted).unref();
    // Otherwise the parser takes the bytes from the handle, where there are none.
    Object.defineProperty(socket._handle, 'isStreamBase', { value: false });
    cutOff(socket, (data) => answered(textOf(data)));
    server.emit('connection', socket);
    sockets.push(socket);
  }
  return sockets;
}

let head;
let left = 0;
let open = 0;
let done;
let isRunning = false;

function answered(text) {
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(text);
  if (left-- > 0) return head;
  if (--open === 0) {
    isRunning = false;
    done();
  }
  return undefined;
}

async function run(clients, route, count) {
  head = Buffer.from(`GET /${route}?m=m1m HTTP/1.1\r\nHost: bench\r\n\r\n`);
  left = count - AT_ONCE;
  open = AT_ONCE;
  isRunning = true;
  const before = process.cpuUsage();
  const finished = new Promise((resolve) => (done = resolve));
  for (const socket of clients) pending.push({ socket, bytes: head });
  setImmediate(deliver);
  await finished;
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / count };
}

const SAMPLE_BYTES = 512;

/** Sampled: what was collected since counts, too. By function and line, bytes of a request. */
async function allocations(clients, route, count) {
  const { Session } = require('node:inspector/promises');
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLE_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await run(clients, route, count);
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  const bytes = new Map();
  const waiting = [profile.head];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { functionName, url, lineNumber } = node.callFrame;
    const place = `${functionName || '(anonymous)'} ${url.slice(url.lastIndexOf('/') + 1)}:${lineNumber + 1}`;
    bytes.set(place, (bytes.get(place) ?? 0) + node.selfSize / count);
    waiting.push(...node.children);
  }
  return { bytes: [...bytes] };
}

async function main() {
  const clients = await clientsOf(await application());
  process.on('disconnect', () => process.exit());
  process.on('message', async (question) => {
    if (question === 'exit') process.exit();
    const measure = question.areAllocations ? allocations : run;
    process.send(await measure(clients, question.route, question.count));
  });
  process.send({});
}

main();
