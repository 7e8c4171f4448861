// Whose fault is a late answer? A query of 20 ms on a quiet loop, and the same query while the loop is blocked for 60 ms.
// The database must not be blamed for the loop, nor the loop for the database. Bounds hold on slow machines: they compare.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import type { Report, ReportEndpoint } from '../../src/answer/api.ts';
import { testServers } from '../servers.ts';
import { Workplace } from './command.ts';

const BLOCK_MS = 60;
const SLEEP_MS = 20;

const workplace = new Workplace();
let report: Report;

before(async () => {
  const { postgres } = await testServers(['postgres']);
  const program = resolve('test/e2e/blocking-server.cjs');
  const args = [
    'run',
    '--no-ui',
    '--summary',
    'none',
    '--json',
    'report.json',
    '--',
    process.execPath,
    program,
  ];
  const ended = await workplace.run(args, { DATABASE_URL: postgres.url });
  assert.equal(ended.code, 0, ended.stderr);
  report = JSON.parse(readFileSync(workplace.path('report.json'), 'utf8')) as Report;
});

after(() => workplace.remove());

function endpoint(route: string): ReportEndpoint {
  const found = report.endpoints.find((each) => each.route === route);
  assert.ok(found, route);
  return found;
}

function msOf(route: string, key: string): number {
  return endpoint(route).categories.find((each) => each.key === key)?.msPerRequest ?? 0;
}

test('the blocking is own code of the request that blocks', () => {
  assert.ok(msOf('/block', 'own') >= BLOCK_MS * 0.9);
  assert.equal(msOf('/block', 'db'), 0);
});

test('on a quiet loop the answer is the database’s time', () => {
  assert.ok(msOf('/quiet', 'db') >= SLEEP_MS * 0.9);
  assert.ok(msOf('/quiet', 'loop') < msOf('/quiet', 'db') * 0.5);
});

test('on a blocked loop the rest of the block is event-loop wait, not the database’s', () => {
  // The query was sent some 5 ms before the block: of its 60 ms about 45 are left when the answer is there.
  assert.ok(msOf('/disturbed', 'loop') >= (BLOCK_MS - SLEEP_MS) * 0.6, `${msOf('/disturbed', 'loop')} ms`);
  assert.ok(msOf('/disturbed', 'db') >= SLEEP_MS * 0.9);
  assert.ok(msOf('/disturbed', 'db') < endpoint('/disturbed').ms.mean * 0.7);
});

test('parts add up to the mean', () => {
  for (const { ms, categories } of report.endpoints) {
    const sum = categories.reduce((total, { msPerRequest }) => total + msPerRequest, 0);
    assert.ok(Math.abs(sum - ms.mean) < 0.01);
  }
});
