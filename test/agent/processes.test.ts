// Which processes and threads are traced: the application's, each as one of its own; not the tools that start it.

import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { appPath, NODE, runApp, TestCollector, until } from './harness.ts';

const server = createServer((socket) => socket.resume().on('end', () => socket.end()));
let port = '';

before(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = String((server.address() as AddressInfo).port);
});
after(() => server.close());

test('child, cluster worker and worker threads are processes of their own', async () => {
  const collector = await new TestCollector().listen();
  const ended = await runApp(appPath('family.cjs'), { collector, args: [port] });
  assert.deepEqual({ code: ended.code, stderr: ended.stderr }, { code: 0, stderr: '' });
  await until('five goodbyes', () => collector.of('goodbye').length === 5);
  await collector.close();
  const names = collector.of('write').map((write) => write.bytes.toString());
  assert.deepEqual(names.toSorted(), ['child', 'cluster', 'parent', 'thread', 'thread']);
  assert.equal(new Set(collector.of('write').map((write) => write.process)).size, 5);
  const threads = collector.of('hello').map((hello) => hello.payload['thread']);
  assert.deepEqual(threads.map((thread) => thread !== 0).filter(Boolean), [true, true]);
});

test('tsx: the program is traced once, the runner is not, call sites are those of the source', async () => {
  const collector = await new TestCollector().listen();
  const tsx = resolve('node_modules/tsx/dist/cli.mjs');
  const ended = await runApp(tsx, { collector, args: [appPath('typed.ts'), port] });
  assert.deepEqual({ code: ended.code, stderr: ended.stderr }, { code: 0, stderr: '' });
  await until('goodbye', () => collector.of('goodbye').length === 1);
  await collector.close();
  assert.deepEqual(
    collector.of('hello').map((hello) => hello.payload['argv']),
    [[NODE, appPath('typed.ts'), port]],
  );
  assert.deepEqual(
    collector.of('write').map((write) => write.bytes.toString()),
    ['typed'],
  );
  const stacks = collector.of('callSite').map((site) => site.stack);
  assert.ok(
    stacks.some((stack) => stack.startsWith(`${appPath('typed.ts')}:10:`)),
    stacks.join('\n\n'),
  );
});

test('the hello says who it is', async () => {
  const collector = await new TestCollector().listen();
  await runApp(appPath('bytes.cjs'), { collector, args: [port], env: { WIRETIME_SERVICE: 'größe' } });
  await until('goodbye', () => collector.of('goodbye').length === 1);
  await collector.close();
  const { payload } = collector.of('hello')[0] ?? {};
  assert.equal(payload?.['service'], 'größe');
  assert.equal(payload?.['runtime'], 'node');
  const offsetMs = Number(payload?.['wallClockMs']) - Number(payload?.['monotonicNs']) / 1e6;
  const ownOffsetMs = Date.now() - Number(process.hrtime.bigint()) / 1e6;
  assert.ok(Math.abs(offsetMs - ownOffsetMs) < 100, 'the clock anchor is the one of this host');
});

test('switched off, and without a collector to report to: nothing at all', async () => {
  const collector = await new TestCollector().listen();
  await runApp(appPath('bytes.cjs'), { collector, args: [port], env: { WIRETIME_DISABLED: '1' } });
  await runApp(appPath('bytes.cjs'), { args: [port] });
  await collector.close();
  assert.equal(collector.streams.length, 0);
  assert.equal(collector.records.length, 0);
});
