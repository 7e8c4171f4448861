// Queries through libpq are operations of the request that asked, under contention. Real drivers, a real server. pg-native must be compiled: it
// is tested where WIRETIME_NATIVE names a folder in whose node_modules are pg and pg-native.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { testServers } from '../servers.ts';
import { appPath, startApp, TestCollector, until } from './harness.ts';

const NATIVE = process.env['WIRETIME_NATIVE'] || undefined;
const servers = NATIVE === undefined ? undefined : await testServers(['postgres']);
after(() => servers?.stop());

const NAMES = Array.from({ length: 50 }, (_, index) => `name${index}`);

async function record(kind: string): Promise<TestCollector> {
  const collector = await new TestCollector().listen();
  const app = await startApp(appPath('pg-native.cjs'), {
    collector,
    args: [kind, servers?.postgres.url ?? '', NATIVE ?? ''],
  });
  await until('the server listens', () => app.stdout().includes('\n'));
  const answers = await Promise.all(
    NAMES.map(async (name) => (await fetch(`http://127.0.0.1:${app.stdout().trim()}/${name}`)).text()),
  );
  assert.deepEqual([...new Set(answers)], ['ok']);
  await until('requests end', () => collector.of('requestEnd').length === NAMES.length);
  app.child.kill('SIGTERM');
  await app.ended;
  await until('the stream ends', () => collector.closedStreams > 0);
  await collector.close();
  assert.deepEqual(
    collector
      .of('goodbye')
      .map(({ payload }) => payload['error'])
      .filter(Boolean),
    [],
  );
  return collector;
}

function notVisible(collector: TestCollector): readonly unknown[] {
  const said = [...collector.of('hello'), ...collector.of('stats')].flatMap(
    ({ payload }) => payload['notVisible'],
  );
  return [...new Set(said)].filter((name) => name !== undefined);
}

describe('libpq', { skip: NATIVE === undefined && 'not installed' }, () => {
  for (const kind of ['pool', 'callbacks', 'named', 'failing', 'alone', 'synchronous'])
    test(kind, { timeout: 60_000 }, async () => {
      const collector = await record(kind);
      const operations = collector.of('driverOperation');
      const { port = 0 } = servers?.postgres ?? {};
      for (const { request, target } of collector.of('requestStart')) {
        const own = operations.filter((operation) => operation.request === request);
        assert.equal(own.length, 2, target);
        for (const { statement, protocol, address, start, end } of own) {
          assert.match(statement, new RegExp(`'${target.slice(1)}'`));
          assert.deepEqual([protocol, address], ['postgres', `127.0.0.1:${port}`]);
          assert.ok(start <= end);
        }
        assert.deepEqual(
          own.map(({ rows, error }) => [rows, error]),
          [kind === 'failing' ? [-1, '42P01'] : [1, ''], [1, '']],
          target,
        );
      }
      const { database } = servers?.postgres ?? {};
      assert.deepEqual([...new Set(operations.map((operation) => operation.database))], [database]);
      assert.deepEqual(notVisible(collector), []);
    });

  test('a pool of connections is waited for', { timeout: 60_000 }, async () => {
    const collector = await record('pool');
    const calls = new Set(collector.of('driverOperation').map(({ call }) => call));
    assert.equal(collector.of('grant').filter(({ call }) => calls.has(call)).length, 2 * NAMES.length);
  });

  test('queries that are sent together belong to nobody knows whom', { timeout: 60_000 }, async () => {
    const collector = await record('pipeline');
    const requests = collector.of('driverOperation').map(({ request }) => request);
    assert.equal(requests.length, 2 * NAMES.length);
    assert.deepEqual([...new Set(requests)], [0xffffffff]);
  });

  test('libpq without pg-native is named', { timeout: 60_000 }, async () => {
    const collector = await record('libpq');
    assert.deepEqual(collector.of('driverOperation'), []);
    assert.deepEqual(notVisible(collector), ['libpq']);
  });
});
