// A collector that is killed and started again under a running program: afterwards everything is seen again, as it is.
// In: the built product, PostgreSQL, Redis, python3. Out: what the second collector reports.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Report, ReportEndpoint } from '../../src/answer/api.ts';
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
  assert.deepEqual(perRequest(work), {
    'GET /ask/:id': 1,
    'GET wiretime:restarted': 1,
    'select ? as one': 1,
    [UNSEEN]: 1,
  });
  const named = work.operations.map(({ statement, dependency, callSite }) => [
    statement,
    dependency,
    callSite.replace(/^.*\//, '').replace(/:\d+$/, ''),
  ]);
  for (const expected of [
    ['GET /ask/:id', 'backend', 'restarted-app.cjs:19'],
    ['GET wiretime:restarted', 'Redis', 'restarted-app.cjs:30'],
    ['select ? as one', 'Postgres', 'restarted-app.cjs:28'],
    [UNSEEN, 'Postgres', 'restarted-app.cjs:29'],
  ])
    assert.ok(
      named.some((one) => isDeepStrictEqual(one, expected)),
      JSON.stringify([expected, named]),
    );
  for (const { name, newConnections } of report.dependencies)
    assert.equal(newConnections, 0, `${name}: ${newConnections} new`);
  // Its start was not seen.
  assert.equal(
    report.endpoints.some(({ route }) => route === '/hold'),
    false,
  );
  checkBackend(report);
  const { dropped, notVisible, noRequest } = report.coverage;
  assert.deepEqual({ dropped, noRequest }, { dropped: 0, noRequest: 0 });
  // At most what was left to do of the requests that ran when the two processes came back.
  assert.ok(notVisible <= 5, `${notVisible} not visible`);
}

/** What it asks on a connection that it has kept is seen, too. */
function checkBackend(report: Report): void {
  const asked = report.endpoints.filter(({ service }) => service === 'backend');
  for (const endpoint of asked) assert.deepEqual(perRequest(endpoint), { 'GET /leaf': 1 });
  assert.ok(
    asked.some(({ operations }) => operations.some(({ dependency }) => dependency === 'app')),
    JSON.stringify(asked),
  );
}

/** By statement: until both processes have come back, the other one is an address. */
function perRequest({ operations }: ReportEndpoint): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of operations) sums[one.statement] = (sums[one.statement] ?? 0) + one.perRequest;
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Math.round(sum * 1e6) / 1e6]));
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
  return [/^.work$/, /^.ask./].every((wanted) =>
    endpoints.some(({ route, requests: seen }) => wanted.test(route) && seen >= requests),
  );
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
