// A collector that is killed and started again under a running program: afterwards everything is seen again, as it is.
// In: the built product, PostgreSQL, Redis, python3. Out: what the second collector reports.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../src/answer/api.ts';
import { testServers } from '../servers.ts';
import { Workplace } from './command.ts';

const PATIENCE_MS = 25_000;
const ENOUGH = 10;
const UNSEEN = 'prepared statement (text not seen)';

const servers = await testServers(['postgres', 'redis']);
const place = new Workplace();
after(() => {
  place.remove();
  return servers.stop();
});
const python = process.env['WIRETIME_TEST_PYTHON'] ?? 'python3';
const found = spawnSync(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']);
const skip = found.status === 0 ? false : 'needs Python 3.9 or newer';

test('a collector that is started again sees what is open, and nothing that is not', { skip }, async () => {
  const socket = place.path('collector.sock');
  const first = place.start(['serve', '--data', 'first', '--socket', socket]);
  await first.prints(/wiretime {2}http/);
  const { stdout } = await place.run(['env', '--data', 'first', '--service', 'app']);
  const { postgres, redis } = servers;
  const app = place.startProgram(
    process.execPath,
    [resolve('test/e2e/restarted-app.cjs'), postgres.url, `${redis.port}`, redis.password ?? '', python],
    variablesOf(stdout),
  );
  const [, port] = await app.prints(/listening (\d+)/);
  const origin = `http://127.0.0.1:${port}`;
  const held = fetchOk(`${origin}/hold`);
  await until(
    () => fetchOk(`${origin}/work`),
    () => hasWork('first', 5),
  );
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  await fetchOk(`${origin}/work`);

  const second = place.start(['serve', '--data', 'second', '--socket', socket]);
  await second.prints(/wiretime {2}http/);
  await until(
    () => fetchOk(`${origin}/work`),
    () => hasWork('second', ENOUGH),
  );
  await fetchOk(`${origin}/release`);
  await held;
  app.child.kill('SIGTERM');
  await app.ended;
  second.child.kill('SIGTERM');
  await second.ended;
  checkSecond(await reportOf('second'));
});

function checkSecond(report: Report): void {
  const work = report.endpoints.find(({ service, route }) => service === 'app' && route === '/work');
  assert.ok(work, JSON.stringify(report.endpoints));
  // Every request that is kept is whole.
  const seen = work.operations.map(({ statement, dependency, perRequest, callSite }) => [
    statement.replace(/^GET .nap.*/, 'GET /nap'),
    dependency,
    perRequest,
    callSite.replace(/^.*\//, '').replace(/:\d+$/, ''),
  ]);
  assert.deepEqual(seen.toSorted(), [
    ['GET /nap', 'backend', 1, 'restarted-app.cjs:19'],
    ['GET wiretime:restarted', 'Redis', 1, 'restarted-app.cjs:30'],
    [UNSEEN, 'Postgres', 1, 'restarted-app.cjs:29'],
    ['select ? as one', 'Postgres', 1, 'restarted-app.cjs:28'],
  ]);
  for (const { name, newConnections } of report.dependencies) assert.equal(newConnections, 0, name);
  // Its start was not seen.
  assert.equal(
    report.endpoints.some(({ route }) => route === '/hold'),
    false,
  );
  const nap = report.endpoints.find(({ service }) => service === 'backend');
  assert.ok(nap !== undefined && nap.requests >= work.requests, JSON.stringify(nap));
  assert.equal(report.coverage.dropped, 0);
  assert.equal(report.coverage.notVisible, 0);
}

function variablesOf(exports: string): Record<string, string> {
  const lines = [...exports.matchAll(/^export (\w+)='(.*)'$/gm)];
  return Object.fromEntries(lines.map(([, name, value]) => [name, value]));
}

async function fetchOk(url: string): Promise<void> {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  await response.text();
}

async function reportOf(data: string): Promise<Report> {
  const { stdout, stderr } = await place.run(['report', '--data', data, '--format', 'json']);
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Report;
}

async function hasWork(data: string, requests: number): Promise<boolean> {
  const { endpoints } = await reportOf(data);
  return endpoints.some(({ route, requests: seen }) => route === '/work' && seen >= requests);
}

/** Does it until it is enough. */
async function until(act: () => Promise<void>, isEnough: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    for (let round = 0; round < 5; round++) await act();
    if (await isEnough()) return;
    assert.ok(performance.now() < deadline, 'not within 25 s');
    await sleep(100);
  }
}
