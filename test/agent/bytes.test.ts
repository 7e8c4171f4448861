// What the agent says was written and read is what the other side received and sent, byte for byte. Real process, real sockets.

import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import {
  ANSWER_HEAD_BYTES,
  OpenFlag,
  Phase,
  READ_HEAD_BYTES,
  READ_TAIL_BYTES,
} from '../../src/record/layout.ts';
import { appPath, runApp, TestCollector, until, type RecordOf } from './harness.ts';

const ANSWER = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, index) => (index * 31) % 256));

/** Receives everything, answers at the end of the client's bytes. */
async function answeringServer(path?: string): Promise<{
  received(): Buffer;
  target: string;
  close(): void;
}> {
  const chunks: Buffer[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => socket.end(ANSWER));
  });
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
  const target = path ?? String((server.address() as AddressInfo).port);
  return { received: () => Buffer.concat(chunks), target, close: () => server.close() };
}

function assertSame(writes: readonly RecordOf<'write'>[], received: Buffer): void {
  let position = 0;
  for (const write of writes) {
    const captured = received.subarray(position, position + write.bytes.length);
    assert.ok(write.bytes.equals(captured), `bytes at ${position}`);
    assert.equal(write.bytes.length, Math.min(write.size, 16 * 1024));
    position += write.size;
  }
  assert.equal(position, received.length);
}

test('written bytes are what the server received, read bytes what it sent', async () => {
  const collector = await new TestCollector().listen();
  const server = await answeringServer();
  const ended = await runApp(appPath('bytes.cjs'), { collector, args: [server.target] });
  await until('goodbye', () => collector.of('goodbye').length === 1);
  server.close();
  await collector.close();

  assert.equal(ended.stdout, `done ${ANSWER.length}\n`);
  assert.equal(ended.stderr, '');
  const opens = collector.of('open');
  assert.equal(opens.length, 1);
  assert.deepEqual(opens[0]?.payload, { host: 'localhost', port: Number(server.target) });
  assertSame(collector.of('write'), server.received());
  assertRead(collector.of('read'));
  const phases = collector.of('phase').map((phase) => phase.phase);
  assert.deepEqual(phases, [Phase.resolved, Phase.connected]);
  assert.deepEqual(
    collector.of('close').map((close) => close.isError),
    [false],
  );
  const corked = collector.of('write').filter((write) => write.bytes.includes('corked together'));
  assert.equal(corked.length, 1, 'chunks of one writev are one record');
});

function assertRead(reads: readonly RecordOf<'read'>[]): void {
  let position = 0;
  for (const [index, read] of reads.entries()) {
    // The first one answers what was written, the others continue it.
    const head = index === 0 ? ANSWER_HEAD_BYTES : READ_HEAD_BYTES;
    assert.equal(read.head.length, read.size <= head + READ_TAIL_BYTES ? read.size : head);
    assert.ok(read.head.equals(ANSWER.subarray(position, position + read.head.length)));
    const end = position + read.size;
    assert.ok(read.tail.equals(ANSWER.subarray(end - read.tail.length, end)));
    position = end;
  }
  assert.equal(position, ANSWER.length);
}

test('unix sockets', async () => {
  const collector = await new TestCollector().listen();
  const path = join(tmpdir(), `wiretime-bytes-${process.pid}.sock`);
  const server = await answeringServer(path);
  await runApp(appPath('bytes.cjs'), { collector, args: [path] });
  await until('goodbye', () => collector.of('goodbye').length === 1);
  server.close();
  await collector.close();

  assert.deepEqual(
    collector.of('open').map(({ flags, payload }) => ({ flags, payload })),
    [{ flags: OpenFlag.unix, payload: { path } }],
  );
  assertSame(collector.of('write'), server.received());
});

test('times never go backwards within a record kind and lie between hello and goodbye', async () => {
  const collector = await new TestCollector().listen();
  const server = await answeringServer();
  await runApp(appPath('bytes.cjs'), { collector, args: [server.target] });
  await until('goodbye', () => collector.of('goodbye').length === 1);
  server.close();
  await collector.close();

  const times = [...collector.of('write'), ...collector.of('read')].map((record) => record.time);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  const clock = process.hrtime();
  const nowNs = clock[0] * 1e9 + clock[1];
  for (const time of times) assert.ok(time < nowNs && time > nowNs - 60e9, 'CLOCK_MONOTONIC in ns');
});
