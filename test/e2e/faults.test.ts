// A slice of `npm run bench:faults`: one fault of one backend is found at its line, its look-alikes are left alone with it and without it, and
// `diff` and `check` say of the two recordings what is so. All faults, strengths and backends: bench/faults/run.ts.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Log } from 'sarif';
import { judgeCell, type Judged } from '../../bench/faults/app-judge.ts';
import { foldersOf, recordCell, type Cell } from '../../bench/faults/app-record.ts';
import { APP_FAULTS, decoysOf, levelOf } from '../../bench/faults/app-truth.ts';
import type { DiffReport } from '../../src/answer/traces/compare.ts';
import { testServers } from '../servers.ts';
import { Workplace } from './command.ts';

const faults = APP_FAULTS.filter(({ app, name }) => app === 'ledger' && name === 'query-loop');
const turn = [0, 1, 2].find((each) => faults.every((fault) => levelOf(fault, each) === 'high')) ?? 0;
const cell: Cell = { app: 'ledger', group: 'calls', turn, seed: 1, faults, isSame: false };
const ENDPOINT = 'GET /accounts/:id/entries';
let place: Workplace;
let judged: Judged;
let seeded: string;
let clean: string;

before(async () => {
  place = new Workplace();
  const servers = await testServers(['postgres', 'redis', 'mariadb']);
  await recordCell(cell, place.path('.'), { seconds: { calls: 20, loop: 0 }, times: 2.5 }, servers);
  judged = await judgeCell(cell, place.path('.'));
  [seeded, clean] = foldersOf(cell, place.path('.'));
});

after(() => place.remove());

test('a loop of queries is found at its line', () => {
  const [outcome] = judged.outcomes;
  assert.ok(outcome !== undefined);
  assert.deepEqual([outcome.finding?.kind, outcome.isAtLine], ['n-plus-one', true]);
  // What it costs on a busy machine nobody knows; that it was measured, and how well.
  assert.ok(Number.isFinite(outcome.measured.ms) && outcome.measured.errorMs > 0);
});

test('what only looks like a fault is left alone', () => {
  assert.ok(decoysOf('ledger').length > 12 && judged.requests > 2 * 10 * 100);
  // Whether the second call needs a value of the first is not seen: those are shown with an "if".
  const misfits = judged.misfits.filter(({ finding }) => finding.kind !== 'sequential-calls');
  assert.deepEqual(
    misfits.map(({ finding }) => `${finding.title} at ${finding.callSite}`),
    [],
  );
});

test('diff: with and without the loop, counts are exact, and no other endpoint is called slower or faster', async () => {
  const { stdout, stderr } = await place.run(['diff', seeded, clean, '--json']);
  assert.notEqual(stdout, '', stderr);
  const report = JSON.parse(stdout) as DiffReport;
  const own = report.endpoints.find(({ method, route }) => `${method} ${route}` === ENDPOINT);
  assert.ok(own !== undefined);
  // Authorization, the list, and one query or one for each item; now and then a login.
  const { a, b } = own.operationsPerRequest;
  assert.ok(a > 24 && b >= 3 && b < 4, `${a} ${b}`);
  assert.ok(own.verdict !== 'slower' && (own.latency === null || own.latency.p50.ratio < 1));
  const others = report.endpoints.filter(({ verdict }) => verdict === 'faster' || verdict === 'slower');
  assert.deepEqual(
    others.filter((each) => each !== own).map(({ route, verdict }) => `${route} ${verdict}`),
    [],
  );
  assert.ok(report.findings.gone.some(({ kind }) => kind === 'n-plus-one'));
});

test('check: a budget without loops is broken by the one at its line, and kept by the other', async () => {
  writeFileSync(place.path('budget.yml'), `${ENDPOINT}: operations ≤ 6, findings none of n-plus-one\n`);
  const check = (folder: string) =>
    place.run(['check', '--budget', 'budget.yml', '--data', folder, '--sarif', 'check.sarif']);
  assert.equal((await check(seeded)).code, 1);
  const { runs } = JSON.parse(readFileSync(place.path('check.sarif'), 'utf8')) as Log;
  const lines = (runs[0]?.results ?? []).flatMap(
    ({ locations }) => locations?.[0]?.physicalLocation?.region?.startLine ?? [],
  );
  const [fault] = faults;
  assert.equal(lines.length, 2);
  for (const line of lines)
    assert.ok(
      fault?.places.some((each) => Math.abs(each.line - line) <= 3),
      `line ${line}`,
    );
  assert.equal((await check(clean)).code, 0);
});
