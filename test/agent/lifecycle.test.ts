// The agent is a guest: however the process ends, and whatever the collector does, the application behaves as without it.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { OpenFlag, Phase } from '../../src/record/layout.ts';
import { appPath, runApp, startApp, TestCollector, until } from './harness.ts';

const ENDINGS = [
  'natural',
  'exit',
  'exitCode',
  'throw',
  'reject',
  'sigterm',
  'sigint',
  'handled',
  'abort',
] as const;
/** No `exit` event: the last flush interval may be lost. */
const SUDDEN: readonly string[] = ['sigterm', 'sigint', 'abort'];

/** Stack traces and Node's version line are the same but for line numbers of Node. */
function firstError(stderr: string): string {
  return /^(?:Error|\w+Error): .*$/m.exec(stderr)?.[0] ?? '';
}

for (const how of ENDINGS)
  test(`ends as without the agent: ${how}`, async () => {
    const collector = await new TestCollector().listen();
    const bare = await runApp(appPath('ends.cjs'), { isBare: true, args: [how] });
    const traced = await runApp(appPath('ends.cjs'), { collector, args: [how] });
    await until('the stream ends', () => collector.closedStreams === collector.streams.length);
    await collector.close();

    assert.equal(traced.code, bare.code);
    assert.equal(traced.signal, bare.signal);
    assert.equal(traced.stdout, 'ending\n');
    assert.equal(bare.stdout, 'ending\n');
    assert.equal(firstError(traced.stderr), firstError(bare.stderr));
    assert.equal(collector.brokenStreams, 0);
    if (SUDDEN.includes(how)) return;
    assert.equal(collector.of('write').length, 1);
    assert.deepEqual(
      collector.of('goodbye').map((goodbye) => goodbye.payload),
      [{ reason: 'exit' }],
    );
  });

test('no collector: the application runs and ends', async () => {
  const collector = new TestCollector();
  const ended = await runApp(appPath('busy.cjs'), { collector, args: ['20000'] });
  assert.deepEqual(
    { code: ended.code, stdout: ended.stdout, stderr: ended.stderr },
    { code: 0, stdout: '20000000\n', stderr: '' },
  );
});

test('a frozen collector: records are dropped, the application runs and ends', async () => {
  const collector = await new TestCollector().listen();
  const app = await startApp(appPath('busy.cjs'), {
    collector,
    args: ['40000'],
    env: { WIRETIME_BUFFER: '400000' },
  });
  await until('the stream begins', () => collector.streams.length > 0);
  collector.streams[0]?.pause();
  const ended = await app.ended;
  assert.deepEqual({ code: ended.code, stdout: ended.stdout }, { code: 0, stdout: '40000000\n' });
  collector.streams[0]?.resume();
  await until('the stream ends', () => collector.closedStreams === 1);
  await collector.close();
  assert.equal(collector.brokenStreams, 0);
  const sizes = collector.of('write').reduce((sum, write) => sum + write.size, 0);
  assert.ok(sizes < 40_000_000, 'something was dropped');
});

/** A socket takes some 200 KB at once: were full batches sent by the timer only, that would be all in 50 ms. */
test('a steady stream of many megabytes arrives whole', async () => {
  const collector = await new TestCollector().listen();
  const ended = await runApp(appPath('paced.cjs'), { collector, args: ['250'] });
  await until('goodbye', () => collector.of('goodbye').length === 1);
  await collector.close();
  assert.equal(ended.stdout, '25000000\n');
  assert.equal(collector.droppedRecords, 0);
  const sizes = collector.of('write').reduce((sum, write) => sum + write.size, 0);
  assert.equal(sizes, 25_000_000);
});

test('a slow collector is told how much it missed', async () => {
  const collector = await new TestCollector().listen();
  const app = await startApp(appPath('server.cjs'), { collector, env: { WIRETIME_BUFFER: '200000' } });
  await until('the server listens', () => app.stdout().includes('\n'));
  await until('the stream begins', () => collector.streams.length > 0);
  const url = `http://127.0.0.1:${app.stdout().trim()}`;
  collector.streams[0]?.pause();
  const ask = async (): Promise<void> => {
    for (let index = 0; index < 1000; index++) await (await fetch(`${url}/hello/${'x'.repeat(3000)}`)).text();
  };
  await ask();
  collector.streams[0]?.resume();
  await until('drops are reported', () => collector.droppedRecords > 0);
  const starts = collector.of('requestStart').length;
  const ends = collector.of('requestEnd').length;
  assert.ok(starts < 1000);
  const isLast = (start: { target: string }): boolean => start.target === '/hello/last';
  while (!collector.of('requestStart').some(isLast)) await fetch(`${url}/hello/last`);
  assert.ok(collector.droppedRecords >= 2000 - starts - ends);
  app.child.kill();
  await app.ended;
  await collector.close();
});

test('a collector that was restarted gets a hello and the records from then on', async () => {
  const collector = await new TestCollector().listen();
  const app = await startApp(appPath('server.cjs'), { collector });
  await until('the server listens', () => app.stdout().includes('\n'));
  const url = `http://127.0.0.1:${app.stdout().trim()}`;
  await fetch(`${url}/hello/before`);
  await until('the first request', () => collector.of('requestEnd').length === 1);
  await collector.close();
  await fetch(`${url}/hello/meanwhile`);
  await collector.listen();
  await fetch(`${url}/hello/after`);
  const targets = (): readonly string[] => collector.of('requestStart').map((start) => start.target);
  await until('the request after the restart', () => targets().includes('/hello/after'));
  app.child.kill();
  await app.ended;
  await collector.close();
  assert.equal(collector.of('hello').length, 2);
  assert.equal(new Set(collector.of('hello').map((hello) => hello.process)).size, 1);
  assert.ok(targets().includes('/hello/meanwhile'), 'kept while there was no collector');
});

test('process.exit and an exception inside a handler lose nothing', async () => {
  for (const [target, code] of [
    ['/exit', 7],
    ['/throw', 1],
  ] as const) {
    const collector = await new TestCollector().listen();
    const app = await startApp(appPath('server.cjs'), { collector });
    await until('the server listens', () => app.stdout().includes('\n'));
    await fetch(`http://127.0.0.1:${app.stdout().trim()}${target}`).catch(() => 'reset');
    const ended = await app.ended;
    await until('goodbye', () => collector.of('goodbye').length === 1);
    await collector.close();
    assert.equal(ended.code, code);
    assert.deepEqual(
      collector.of('requestStart').map((start) => start.target),
      [target],
    );
  }
});

/** The collector must know who opened a connection before the other side's records arrive, or the callee loses its caller. */
test('a connection is reported when it is connected, however long the event loop is blocked then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-blocks-'));
  const file = join(folder, 'go');
  const collector = await new TestCollector().listen();
  const app = await startApp(appPath('blocks.cjs'), { collector, args: [file] });
  await until('the server is announced', () => collector.of('hello').length === 1);
  const answer = fetch(`http://127.0.0.1:${app.stdout().trim()}`);
  const connected = (): boolean => {
    const opened = collector.of('open').find((open) => (open.flags & OpenFlag.accepted) === 0);
    const ofOpened = collector.of('phase').filter((phase) => phase.connection === opened?.connection);
    return ofOpened.some((phase) => phase.phase === Phase.connected);
  };
  await until('the connection is known', connected);
  writeFileSync(file, '');
  await answer;
  app.child.kill();
  const { stdout } = await app.ended;
  await collector.close();
  rmSync(folder, { recursive: true });
  assert.match(stdout, /released/);
});
