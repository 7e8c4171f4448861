// The life of a finding over a stored recording: found, changed, verified with the prediction beside what was measured, back again.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Finding } from '../../model/finding.ts';
import { openStore } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import {
  batchOf,
  categories,
  NOON_US,
  operation,
  phases,
  processRow,
  request,
} from '../../../test/contracts/store-rows.ts';
import { createFindingDesk } from './finding-desk.ts';
import type { FindingAnswers } from './finding-answers.ts';
import { createFindings, type FindingsSource } from './findings.ts';

const CALL_US = 1000;
const ITEM = 'SELECT name FROM products WHERE id = $1';
let ids = 0;

/** 200 requests of `calls` queries each, of a process that starts with them. */
function hour(nth: number, calls: number) {
  const startUs = NOON_US + nth * 3600e6;
  const requests = [];
  const operations = [];
  for (let index = 0; index < 200; index++) {
    const id = ++ids;
    const atUs = startUs + 1e6 + index * 1e6;
    const durationUs = calls * CALL_US;
    const traceId = id.toString(16).padStart(32, '0');
    const vector = categories({ db: durationUs });
    requests.push(
      request({
        id,
        traceId,
        atUs,
        durationUs,
        categories: vector,
        operationCount: calls,
        treeOperationCount: calls,
      }),
    );
    for (let call = 0; call < calls; call++)
      operations.push(
        operation({
          id: id * 20 + call,
          request: id,
          atUs: atUs + call * CALL_US,
          durationUs: CALL_US,
          phases: phases({ wait: CALL_US }),
          statement: ITEM,
          rows: 1,
          bytesOut: 40 + call,
          callSite: 'src/cart.ts:20:5',
        }),
      );
  }
  return batchOf({
    requests,
    operations,
    processes: [
      processRow({
        id: nth + 1,
        startedAtUs: startUs,
        pools: [{ library: 'pg', callSite: 'src/db.ts:3:1' }],
      }),
    ],
  });
}

let folder = '';
let store: Store;
let clock = NOON_US / 1000;
let source: FindingsSource;
let desk: FindingAnswers;
let loop: Finding;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wiretime-desk-'));
  store = await openStore(folder);
  source = createFindings(store, store, () => clock);
  desk = createFindingDesk(store, source);
});

after(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The requests of an hour, and somebody who looks at its end. */
async function pass(nth: number, calls: number): Promise<void> {
  await store.append(hour(nth, calls));
  clock = NOON_US / 1000 + nth * 3600e3 + 1800e3;
  await source.findings({}, true);
}

const stateOf = async () => (await desk.finding(loop.id, {}))?.life.state;

test('what is found is open, and its page has numbers that agree', async () => {
  await pass(0, 10);
  const { lists, sentence } = await desk.findingLists({});
  const [line] = lists.open;
  assert.ok(line !== undefined && lists.open.length === 1);
  assert.equal(line.life.state, 'open');
  assert.match(
    sentence.map(({ text }) => text).join(''),
    /^Fixing everything here would cut request time by 9\d%\.$/,
  );
  const page = await desk.finding(line.id, {});
  assert.ok(page !== undefined);
  loop = page.finding;
  const { comparison, evidence, howToFix } = page;
  const { now, after: predicted, distribution } = comparison;
  assert.deepEqual(
    [now.meanUs, predicted.meanUs, now.callsPerRequest, predicted.callsPerRequest],
    [10_000, 1000, 10, 1],
  );
  assert.equal(
    distribution.now.reduce((sum, count) => sum + count, 0),
    200,
  );
  assert.equal(distribution.after[Math.floor(1000 / distribution.stepUs)], 200);
  assert.deepEqual([evidence.countName, evidence.counts], ['calls', [[10, 200]]]);
  assert.deepEqual([evidence.traces.length, evidence.traces[0]?.count], [20, 10]);
  assert.ok(howToFix.diff.length > 0 && howToFix.text !== '');
  assert.equal(howToFix.library, 'pg');
});

test('a person says it is changed, but it is still there', async () => {
  const life = await desk.actOnFinding(loop.id, 'verify', '');
  assert.equal(life?.state, 'verifying');
  assert.deepEqual([life.verification?.measured.requests, life.verification?.secondsLeft], [0, undefined]);
  await pass(1, 10);
  const page = await desk.finding(loop.id, {});
  assert.equal(page?.life.state, 'no-change');
  assert.equal(page.life.history.at(-1)?.note, 'Still there in 100% of 200 requests.');
});

test('a restart with other code: it is verified by itself, with the prediction beside what was measured', async () => {
  await pass(2, 1);
  await source.findings({}, true);
  const { lists, calibration } = await desk.findingLists({});
  assert.deepEqual([lists.open.length, lists.verified.length], [0, 1]);
  const verification = lists.verified[0]?.life.verification;
  assert.deepEqual(
    [verification?.before.meanUs, verification?.predicted.meanUs, verification?.measured.meanUs],
    [10_000, 1000, 1000],
  );
  assert.deepEqual([calibration.verified, calibration.medianError], [1, 0]);
  assert.deepEqual(
    (await source.findings({})).findings,
    [],
    'it is not told again, though the range has both',
  );
});

test('it comes back, and is ignored', async () => {
  await pass(3, 10);
  assert.equal(await stateOf(), 'reopened');
  const life = await desk.actOnFinding(loop.id, 'ignore', 'a report, once a day');
  assert.deepEqual([life?.state, life?.history.at(-1)?.note], ['ignored', 'a report, once a day']);
  await pass(4, 10);
  assert.equal(await stateOf(), 'ignored');
  assert.deepEqual((await source.findings({})).findings, []);
});

test('states survive, and are known to whoever opens the recording next', async () => {
  const again = createFindingDesk(
    store,
    createFindings(store, store, () => clock),
  );
  const page = await again.finding(loop.id, {});
  assert.deepEqual(
    page?.life.history.map(({ state }) => state),
    ['open', 'verifying', 'no-change', 'verifying', 'verified', 'reopened', 'ignored'],
  );
  assert.equal(await again.finding('n-plus-one-00000000', {}), undefined);
  assert.equal(await again.actOnFinding('n-plus-one-00000000', 'verify', ''), undefined);
});
