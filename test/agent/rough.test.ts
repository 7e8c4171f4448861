// Sockets that are handed over or half closed; thousands of short connections; 100 MB bodies. The application sees the same as without
// the agent, memory stays bounded, what is not kept is counted. Real processes, real sockets.

import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { OpenFlag } from '../../src/record/layout.ts';
import { appPath, runApp, TestCollector, until, type Ended } from './harness.ts';

const MEGABYTE = 1024 * 1024;

/** Answers what it is asked; after the end of the question, when that comes first. */
const talker = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => socket.write(`heard ${chunk.length} bytes. `));
  socket.on('end', () => setImmediate(() => socket.end(`${'and more '.repeat(500)}bye`)));
});
const echo = createHttpServer((request, response) => void request.pipe(response));

before(async () => {
  for (const server of [talker, echo])
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  talker.close();
  echo.close();
});

interface Both {
  readonly bare: Ended;
  readonly traced: Ended;
  readonly collector: TestCollector;
}

/** Without and with the agent: it ends the same and has printed the same. */
async function both(scene: string, server: Server, nodeArgs: readonly string[] = []): Promise<Both> {
  const { port } = server.address() as AddressInfo;
  const options = { args: [scene, String(port)], nodeArgs };
  const bare = await runApp(appPath('rough.cjs'), { ...options, isBare: true });
  const collector = await new TestCollector().listen();
  const traced = await runApp(appPath('rough.cjs'), { ...options, collector });
  await until('the streams to end', () => collector.closedStreams === collector.streams.length);
  await collector.close();
  const seen = ({ code, signal, stdout }: Ended): object => ({ code, signal, stdout });
  assert.deepEqual(seen(traced), seen(bare));
  assert.equal(bare.code, 0, bare.stderr);
  assert.ok(collector.of('hello').length > 0);
  for (const { payload } of collector.of('goodbye')) assert.equal(payload['reason'], 'exit');
  return { bare, traced, collector };
}

test('sockets handed to a child process', async () => {
  const { bare, collector } = await both('handed', talker);
  assert.equal(bare.stdout, 'answer to question\nheard 14 bytes. \n');
  const said = [...collector.of('hello'), ...collector.of('stats')].flatMap(
    ({ payload }) => payload['notVisible'] ?? [],
  );
  assert.deepEqual([...new Set(said)], ['sockets that another process handed over']);
});

test('half closed: what comes after the end of what was sent', async () => {
  const { collector } = await both('half', talker);
  const [write, ...others] = collector.of('write');
  assert.equal(write?.bytes.toString(), 'the last word');
  assert.equal(others.length, 0);
  const received = collector.of('read').reduce((sum, read) => sum + read.size, 0);
  assert.equal(received, 'heard 13 bytes. '.length + 'and more '.length * 500 + 'bye'.length);
});

test('3000 short connections: each is opened and closed once, and nothing of them stays', async () => {
  const { bare, collector } = await both('storm', talker, ['--expose-gc']);
  assert.equal(bare.stdout, 'grown by less than a megabyte: true\n');
  const opened = collector.of('open').map(({ connection }) => connection);
  const closed = collector.of('close').map(({ connection }) => connection);
  // What did not fit was dropped, and counted: then there is nothing to compare.
  if (collector.droppedRecords > 0) return assert.ok(opened.length < 3000 || closed.length < 3000);
  assert.equal(new Set(opened).size, 3000);
  assert.deepEqual(new Set(closed), new Set(opened));
});

test('3000 visitors with a connection each: each is a request that ends, and nothing of them stays', async () => {
  const { bare, collector } = await both('visitors', talker, ['--expose-gc']);
  assert.equal(bare.stdout, '1000 2000 true\n');
  if (collector.droppedRecords > 0) return assert.ok(collector.of('requestStart').length < 2400);
  const starts = collector.of('requestStart').map(({ request }) => request);
  // A fifth of them is gone before its request is whole.
  assert.equal(new Set(starts).size, 2400);
  assert.deepEqual(new Set(collector.of('requestEnd').map(({ request }) => request)), new Set(starts));
  const accepted = collector.of('open').filter(({ flags }) => (flags & OpenFlag.accepted) !== 0);
  const closed = new Set(collector.of('close').map(({ connection }) => connection));
  assert.ok(accepted.every(({ connection }) => closed.has(connection)));
});

test('100 MB up and down: the same bytes, all of them counted, little memory', async () => {
  const { bare, traced, collector } = await both('bulk', echo);
  assert.equal(bare.stdout, `${100 * MEGABYTE} true\n`);
  const sum = (kind: 'write' | 'read'): number =>
    collector.of(kind).reduce((total, { size }) => total + size, 0);
  if (collector.droppedRecords === 0)
    for (const kind of ['write', 'read'] as const) assert.ok(sum(kind) >= 100 * MEGABYTE, kind);
  // 4 MiB for what waits for the collector, 12 MB for the agent itself; the rest is the garbage collector's mood.
  const grownKilobytes = Number(traced.stderr) - Number(bare.stderr);
  assert.ok(grownKilobytes < 64 * 1024, `${grownKilobytes} KB more than without the agent`);
});
