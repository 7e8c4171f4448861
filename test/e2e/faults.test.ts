// A slice of `npm run bench:faults`: one fault of one backend is found at its line, and its look-alikes are left alone with it and without it.
// All faults, strengths and backends: bench/faults/run.ts.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { judgeCell, type Judged } from '../../bench/faults/app-judge.ts';
import { recordCell, type Cell } from '../../bench/faults/app-record.ts';
import { APP_FAULTS, decoysOf } from '../../bench/faults/app-truth.ts';
import { testServers } from '../servers.ts';

const folder = mkdtempSync(join(tmpdir(), 'wiretime-faults-'));
const faults = APP_FAULTS.filter(({ app, name }) => app === 'ledger' && name === 'query-loop');
const cell: Cell = { app: 'ledger', group: 'calls', level: 'high', seed: 1, faults };
let judged: Judged;

before(async () => {
  const servers = await testServers(['postgres', 'redis', 'mariadb']);
  await recordCell(cell, folder, { seconds: { calls: 16, loop: 0 }, times: 3 }, servers);
  judged = await judgeCell(cell, folder);
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('a loop of queries is found at its line', () => {
  const [outcome] = judged.outcomes;
  assert.ok(outcome !== undefined);
  assert.deepEqual(
    { isFound: outcome.isFound, isAtLine: outcome.isAtLine },
    { isFound: true, isAtLine: true },
  );
});

test('what only looks like a fault is left alone', () => {
  assert.ok(decoysOf('ledger').length > 12 && judged.requests > 2 * 16 * 20);
  // Whether the second call needs a value of the first is not seen: those are shown with an "if".
  const misfits = judged.misfits.filter(({ finding }) => finding.kind !== 'sequential-calls');
  assert.deepEqual(
    misfits.map(({ finding }) => `${finding.title} at ${finding.callSite}`),
    [],
  );
});
