// Drivers that bypass sockets: their statements are operations of the request that asked, with file, rows and errors. Real drivers.
// better-sqlite3 and sqlite3 must be compiled: they are tested where WIRETIME_NATIVE names a folder in whose node_modules they are.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { appPath, NODE, runApp, startApp, TestCollector, until } from './harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'wiretime-sqlite-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const NATIVE = process.env['WIRETIME_NATIVE'] || undefined;
const MAJOR = Number(/\d+/.exec(execFileSync(NODE, ['--version'], { encoding: 'utf8' }))?.[0]);

interface Case {
  readonly kind: string;
  readonly modules: string | undefined;
  /** What it calls a name that is there already. */
  readonly error: string;
  /** The driver says how many rows were changed. */
  readonly changed: number;
  /** Its statements do not know the file of their database. */
  readonly hidesFile?: boolean;
}

const CASES: readonly Case[] = [
  { kind: 'libsql', modules: resolve('.'), error: 'SQLITE_CONSTRAINT_UNIQUE', changed: -1 },
  { kind: '@libsql/client', modules: resolve('.'), error: 'SQLITE_CONSTRAINT_UNIQUE', changed: -1 },
  { kind: 'better-sqlite3', modules: NATIVE, error: 'SQLITE_CONSTRAINT_UNIQUE', changed: 1 },
  { kind: 'sqlite3', modules: NATIVE, error: 'SQLITE_CONSTRAINT', changed: 0, hidesFile: true },
  { kind: 'node:sqlite', modules: MAJOR >= 22 ? '/' : undefined, error: 'ERR_SQLITE_ERROR', changed: 1 },
];

async function record({ kind, modules = '' }: Case, paths: readonly string[]): Promise<TestCollector> {
  const collector = await new TestCollector().listen();
  const file = join(mkdtempSync(join(folder, 'run-')), `${kind.replace(/\W/g, '-')}.db`);
  const app = await startApp(appPath('bypassing.cjs'), { collector, args: [kind, file, modules] });
  await until('the server listens', () => app.stdout().includes('\n'));
  await Promise.all(
    paths.map(async (path) => (await fetch(`http://127.0.0.1:${app.stdout().trim()}${path}`)).text()),
  );
  await until('requests end', () => collector.of('requestEnd').length === paths.length);
  app.child.kill('SIGTERM');
  await app.ended;
  await until('the stream ends', () => collector.closedStreams > 0);
  return collector;
}

describe('drivers that bypass sockets', () => {
  for (const one of CASES)
    test(one.kind, { skip: one.modules === undefined && 'not installed', timeout: 60_000 }, async () => {
      const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
      const collector = await record(
        one,
        names.map((name) => `/${name}`),
      );
      const operations = collector.of('driverOperation');
      for (const { request, target } of collector.of('requestStart')) {
        const own = operations.filter((operation) => operation.request === request);
        assert.deepEqual(
          own.map(({ statement, rows, error }) => [statement, rows, error]),
          [
            ['INSERT INTO people (name) VALUES (?)', one.changed, ''],
            ['SELECT * FROM people WHERE name = ?', 1, ''],
          ],
          target,
        );
        for (const { start, end, protocol, address } of own) {
          assert.ok(start <= end);
          assert.deepEqual(
            [protocol, address],
            ['sqlite', one.hidesFile === true ? '' : `${one.kind.replace(/\W/g, '-')}.db`],
          );
        }
      }
      const others = operations.filter(({ request }) => request === 0);
      // Modules of Node that are loaded at the last moment are seen with the next request.
      if (one.kind !== 'node:sqlite')
        assert.ok(others.some(({ statement }) => statement.startsWith('CREATE TABLE')));
      await collector.close();
    });

  for (const one of CASES)
    test(
      `${one.kind}: a statement that fails`,
      { skip: one.modules === undefined && 'not installed', timeout: 60_000 },
      async () => {
        const collector = await record(one, ['/taken']);
        const [failed] = collector.of('driverOperation').filter(({ request }) => request > 0);
        assert.deepEqual([failed?.isError, failed?.error], [true, one.error]);
        await collector.close();
      },
    );

  test('a native driver that is not seen is named', { timeout: 60_000 }, async () => {
    const collector = await new TestCollector().listen();
    const script = `require('@duckdb/node-bindings'); require('node:http').createServer().listen(0, '127.0.0.1', function () { this.close(); })`;
    const app = await runApp('-e', { collector, args: [script] });
    assert.equal(app.code, 0, app.stderr);
    await until('the stream ends', () => collector.closedStreams > 0);
    assert.deepEqual(collector.of('hello')[0]?.payload['notVisible'], ['DuckDB']);
    await collector.close();
  });
});
