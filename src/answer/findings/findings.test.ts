// Findings over a stored recording: the same in home, in the report and asked alone; scaled to all requests; with words of their own.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openStore } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import {
  batchOf,
  categories,
  NOON_US,
  operation,
  phases,
  request,
  rollup,
} from '../../../test/contracts/store-rows.ts';
import { createAnswers, type Answers } from '../answers.ts';
import type { Words } from '../api.ts';

/** More than twelve blocks of 500, so that a sample is drawn. */
const REQUESTS = 8000;
const LIST = 'SELECT product_id FROM cart_items WHERE cart_id = $1';
const ITEM = 'SELECT name FROM products WHERE id = $1';
const GAP_US = 100;
const CALL_US = 1000;

/** A list of 4 to 12 rows and a query for each: 100 µs of own code before each call and after the last. */
function loopRecording() {
  const requests = [];
  const operations = [];
  let totalUs = 0;
  for (let index = 0; index < REQUESTS; index++) {
    const rows = 4 + (index % 9);
    const calls = 1 + rows;
    const durationUs = calls * (GAP_US + CALL_US) + GAP_US;
    const atUs = NOON_US + index * 20_000;
    totalUs += calls * CALL_US;
    requests.push(
      request({
        id: index + 1,
        atUs,
        durationUs,
        categories: categories({ own: (calls + 1) * GAP_US, db: calls * CALL_US }),
        operationCount: calls,
      }),
    );
    for (let call = 0; call < calls; call++)
      operations.push(
        operation({
          id: index * 20 + call + 1,
          request: index + 1,
          atUs: atUs + GAP_US + call * (GAP_US + CALL_US),
          phases: phases({ wait: CALL_US }),
          statement: call === 0 ? LIST : ITEM,
          rows: call === 0 ? rows : 1,
          callSite: call === 0 ? 'src/cart.ts:12:9' : 'src/cart.ts:20:5',
        }),
      );
  }
  const rollups = [rollup({ statement: ITEM, count: operations.length, totalUs, exclusiveUs: totalUs })];
  return batchOf({ requests, operations, rollups });
}

let folder = '';
let store: Store;
let answers: Answers;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wiretime-findings-'));
  store = await openStore(folder);
  await store.append(loopRecording());
  answers = createAnswers(store);
});

after(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const said = (words: readonly Words[]): string => words.map(({ text }) => text).join('');

test('a loop is found, and its saving is scaled to all requests', async () => {
  const { findings, togetherShare } = await answers.findings({});
  const [loop] = findings;
  assert.ok(loop !== undefined && findings.length === 1);
  assert.equal(loop.kind, 'n-plus-one');
  assert.equal(loop.title, 'One query per row of cart_items: 8 per request');
  assert.equal(loop.callSite, 'src/cart.ts:20');
  assert.equal(loop.confidence, 'high');
  assert.equal(loop.effects[0]?.requests, REQUESTS);
  assert.ok(loop.evidence.lookedAt < REQUESTS && loop.evidence.lookedAt >= 3600, 'a sample was drawn');
  // 4 to 12 queries of 1 ms, as fast as a round trip, become one, and the 0.1 ms between them go: 7.7 ms of the 10 ms that a request takes.
  assert.ok(Math.abs(loop.saving.meanUs - 7700) < 100, `saves ${loop.saving.meanUs} µs`);
  assert.ok(Math.abs(loop.share - 0.77) < 0.01 && loop.share === togetherShare);
});

test('home has the rows without evidence, and says what is to be gained', async () => {
  const all = await answers.findings({});
  const home = await answers.home({});
  assert.deepEqual(
    home.findings?.rows.map(({ id }) => id),
    all.findings.map(({ id }) => id),
  );
  assert.ok(!('evidence' in (home.findings?.rows[0] ?? {})));
  assert.equal(home.findings?.rows[0]?.effect.route, '/cart/:id');
  assert.match(said(home.sentence), /, and one loop in shop causes more than half of that\.$/);
  assert.match(said(home.second), /^Fixing this finding would cut all request time by 77%\. Based on /);
});

test('the report has them in ms, with evidence', async () => {
  const [finding] = (await answers.report({})).findings;
  assert.ok(finding !== undefined);
  assert.ok(finding.savingMs.low <= finding.savingMs.mean && finding.savingMs.mean <= finding.savingMs.high);
  assert.equal(finding.evidence.traceIds.length, 20);
  assert.ok((finding.effects[0]?.p95.afterMs ?? 0) < (finding.effects[0]?.p95.nowMs ?? 0));
});

test('the same rows give the same findings', async () => {
  const again = createAnswers(store);
  assert.deepEqual(await again.findings({}, true), await answers.findings({}, true));
});

test('a range without requests has none, and says nothing about them', async () => {
  const none = { from: 1000, to: 2000 };
  assert.deepEqual((await answers.findings(none)).findings, []);
  assert.equal(said((await answers.home(none)).second), '');
});

/** Requests of one query each; from `from` on every `every`-th is one of `route`, with ten queries. */
function mostlyPlain(route: string, from: number, every: number) {
  const requests = [];
  const operations = [];
  for (let index = 0; index < REQUESTS; index++) {
    const isLoop = index >= from && index % every === 0;
    const calls = isLoop ? 10 : 1;
    const atUs = NOON_US + index * 20_000;
    const durationUs = calls * (GAP_US + CALL_US) + GAP_US;
    const own = categories({ own: (calls + 1) * GAP_US, db: calls * CALL_US });
    requests.push(
      request({
        id: index + 1,
        traceId: (index + 1).toString(16).padStart(32, '0'),
        atUs,
        durationUs,
        categories: own,
        operationCount: calls,
        route: isLoop ? route : '/plain',
      }),
    );
    for (let call = 0; call < calls; call++)
      operations.push(
        operation({
          id: index * 20 + call + 1,
          request: index + 1,
          atUs: atUs + GAP_US + call * (GAP_US + CALL_US),
          phases: phases({ wait: CALL_US }),
          statement: isLoop ? ITEM : LIST,
          bytesOut: 40 + call,
          rows: 1,
          callSite: 'src/rare.ts:7:1',
        }),
      );
  }
  return batchOf({ requests, operations });
}

async function findingsIn(batch: ReturnType<typeof batchOf>) {
  const ownFolder = mkdtempSync(join(tmpdir(), 'wiretime-findings-'));
  const own = await openStore(ownFolder);
  try {
    await own.append(batch);
    return (await createAnswers(own).findings({})).findings;
  } finally {
    await own.close();
    rmSync(ownFolder, { recursive: true, force: true });
  }
}

test('what begins shows with its hundredth request, with the numbers of the time since', async () => {
  const [loop, ...others] = await findingsIn(mostlyPlain('/new', REQUESTS - 100, 1));
  assert.equal(loop?.kind, 'n-plus-one');
  assert.equal(others.length, 0);
  assert.ok((loop.newSince ?? 0) > NOON_US / 1000);
  assert.ok(loop.share > 0.3, `${loop.share} of the time since`);
});

test('an endpoint that is too rare for blocks of time gets requests of its own', async () => {
  const [loop] = await findingsIn(mostlyPlain('/rare', 0, 250));
  assert.equal(loop?.endpoint.route, '/rare');
  assert.equal(loop.newSince, undefined);
  assert.equal(loop.effects[0]?.requests, 32);
  assert.ok(loop.evidence.requests >= 20 && loop.evidence.requests <= 32);
});

test('a request with more operations than can be looked at is left out, whole ones beside it are not', async () => {
  const batch = mostlyPlain('/loop', 0, 1);
  const [first] = batch.requests;
  const [ask] = batch.operations;
  assert.ok(first !== undefined && ask !== undefined);
  const huge = { ...first, id: 1, durationUs: 60_000_000 };
  const many = Array.from({ length: 5000 }, (_, index) => ({ ...ask, id: 1_000_000 + index, request: 1 }));
  const few = batch.requests.slice(1, 200);
  const operations = [...many, ...batch.operations.filter(({ request: id }) => id > 1 && id <= 200)];
  const [loop] = await findingsIn({ ...batch, requests: [huge, ...few], operations });
  assert.equal(loop?.kind, 'n-plus-one');
  assert.deepEqual([loop.evidence.requests, loop.evidence.lookedAt], [199, 199]);
});
