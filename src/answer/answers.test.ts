// Answers over a recording small enough to be worked out by hand: two entry requests, one of them with a traced callee.
// Every number here follows from the rows in `recording`; times are µs.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import type { CategoryKey } from '../model/category.ts';
import { CategoryIndex } from '../model/category.ts';
import { openStore } from '../store/open.ts';
import type { Batch, Store } from '../store/store.ts';
import {
  NOON_US,
  batchOf,
  categories,
  operation,
  phases,
  processRow,
  request,
  rollup,
  traceIdOf,
} from '../../test/contracts/store-rows.ts';
import type { Answers } from './answers.ts';
import { createAnswers } from './answers.ts';
import type { Words } from './api.ts';

const SELECT = 'SELECT * FROM cart WHERE id = $1';
const NOON = NOON_US / 1000;
const MINUTE = NOON_US / 60_000_000;

/**
 * gateway GET /cart/:id, 1000 long:          |0 own 100| SELECT 250 |350 own| SELECT 100 |500 own| POST /quote 300 |900 own 1000|
 *   pricing POST /quote inside of it:                                            at 650, 200 long: own 50, Redis 120, own 30
 * gateway POST /order, two minutes later, 3000 long, all of it one INSERT, which failed.
 */
function recording(): Batch {
  const gateway = { service: 'gateway', route: '/cart/:id' } as const;
  const quote = { service: 'gateway', protocol: 'http', category: 'http', dependency: 'pricing' } as const;
  return batchOf({
    requests: [
      request({
        ...gateway,
        id: 1,
        durationUs: 1000,
        categories: categories({ own: 330, loop: 60, pool: 150, db: 200, cache: 120, http: 100, other: 40 }),
        ownCategories: categories({ own: 250, loop: 60, pool: 150, db: 200, http: 300, other: 40 }),
        treeOperationCount: 5,
      }),
      request({
        id: 2,
        traceId: traceIdOf(1),
        parentOperation: 4,
        service: 'pricing',
        method: 'POST',
        route: '/quote',
        atUs: NOON_US + 650,
        durationUs: 200,
        categories: categories({ own: 80, cache: 120 }),
      }),
      request({
        id: 3,
        service: 'gateway',
        method: 'POST',
        route: '/order',
        status: 500,
        isError: true,
        atUs: NOON_US + 120_000_000,
        durationUs: 3000,
        categories: categories({ db: 3000 }),
      }),
    ],
    operations: [
      operation({
        id: 1,
        atUs: NOON_US + 100,
        phases: phases({ pool: 150, send: 10, wait: 80, receive: 10 }),
      }),
      operation({ id: 2, atUs: NOON_US + 400, phases: phases({ wait: 100 }) }),
      // In parallel with the second SELECT, which ended after it: nobody waited for it.
      operation({
        id: 3,
        atUs: NOON_US + 450,
        phases: phases({ wait: 30 }),
        statement: 'SELECT 1',
        exclusiveUs: 0,
        isBlocking: false,
      }),
      operation({
        ...quote,
        id: 4,
        statement: 'POST /quote',
        atUs: NOON_US + 600,
        phases: phases({ send: 10, wait: 280, receive: 10 }),
      }),
      operation({
        id: 5,
        request: 2,
        service: 'pricing',
        protocol: 'redis',
        category: 'cache',
        dependency: 'Redis',
        statement: 'GET price:*',
        atUs: NOON_US + 700,
        phases: phases({ wait: 120 }),
      }),
    ],
    rollups: [
      rollup({
        ...gateway,
        count: 2,
        totalUs: 350,
        exclusiveUs: 350,
        phases: phases({ pool: 150, send: 10, wait: 180, receive: 10 }),
        histogram: new Map([
          [107, 1],
          [127, 1],
        ]),
      }),
      rollup({
        ...gateway,
        count: 1,
        totalUs: 30,
        exclusiveUs: 0,
        statement: 'SELECT 1',
        phases: phases({ wait: 25, own: 5 }),
      }),
      rollup({
        ...gateway,
        role: 'setup',
        attribution: 'none',
        statement: 'login',
        totalUs: 50,
        phases: phases({ tcp: 20, wait: 30 }),
        newConnections: 1,
      }),
      rollup({
        ...gateway,
        ...quote,
        count: 1,
        totalUs: 300,
        exclusiveUs: 300,
        statement: 'POST /quote',
        phases: phases({ wait: 300 }),
      }),
      rollup({
        minute: MINUTE + 2,
        service: 'gateway',
        method: 'POST',
        route: '/order',
        statement: 'INSERT',
        attribution: 'hidden',
        count: 4,
        errors: 1,
        totalUs: 3000,
        exclusiveUs: 3000,
        phases: phases({ wait: 3000 }),
      }),
    ],
    processes: [
      processRow({ id: 1, service: 'gateway', notVisible: ['pg-native'] }),
      processRow({ id: 2, service: 'pricing', runtime: 'python', version: '3.12' }),
      processRow({ id: 3, service: 'pricing', runtime: 'python', version: '3.12' }),
    ],
    counters: [
      { process: 1, name: 'records.droppedByAgent', value: 3 },
      { process: 1, name: 'decode.postgres.resyncs', value: 2 },
      { process: 2, name: 'decode.postgres.resyncs', value: 1 },
    ],
  });
}

let folder = '';
let store: Store;
let answers: Answers;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wiretime-answers-'));
  store = await openStore(folder);
  await store.append(recording());
  answers = createAnswers(store);
});

after(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function said(words: readonly Words[]): string {
  return words
    .map(({ text }) => text)
    .join('')
    .replaceAll('\u202f', ' ');
}

test('home: the time of the entry requests, by category', async () => {
  const home = await answers.home({});
  deepEqual([home.requests, home.totalUs], [2, 4000]);
  const us = Object.fromEntries(
    home.categories.filter((each) => each.us > 0).map((each) => [each.key, each.us]),
  );
  deepEqual(us, { own: 330, loop: 60, pool: 150, db: 3200, cache: 120, http: 100, other: 40 });
  equal(home.categories[CategoryIndex.db]?.share, 0.8);
  deepEqual(home.window, { from: NOON, to: NOON + 120_000, seconds: 120.001 });
  equal(home.project, 'gateway');
});

test('home: says what takes the most, and on what that is based', async () => {
  const home = await answers.home({});
  equal(
    said(home.sentence),
    'Your backend spends 80% of its time waiting for Postgres, spread over 3 operations.',
  );
  deepEqual(home.sentence[1], { text: '80% of its time waiting for Postgres', isStrong: true, swatch: 'db' });
  equal(said(home.second), 'Based on 2 requests in 2.00 min, every one measured.');
});

test('home: endpoints by total time; those that only other services call are marked', async () => {
  const { endpoints } = await answers.home({});
  deepEqual(
    endpoints.map((row) => [
      row.service,
      row.method,
      row.route,
      row.isEntry,
      row.requests,
      row.errors,
      row.totalUs,
    ]),
    [
      ['gateway', 'POST', '/order', true, 1, 1, 3000],
      ['gateway', 'GET', '/cart/:id', true, 1, 0, 1000],
      ['pricing', 'POST', '/quote', false, 1, 0, 200],
    ],
  );
  const [order, cart] = endpoints;
  deepEqual(order?.duration, {
    meanUs: 3000,
    p50Us: undefined,
    p95Us: undefined,
    p99Us: undefined,
    maxUs: 3000,
  });
  deepEqual([cart?.spark[0], cart?.spark[1], order?.spark[29], order?.spark.length], [1000, -1, 3000, 30]);
});

test('home: a dependency is pool wait, set-up and wire; logins are set-up, own code is nobody’s wait', async () => {
  const { dependencies } = await answers.home({});
  const [postgres, pricing] = dependencies;
  deepEqual(postgres, {
    name: 'Postgres',
    protocol: 'postgres',
    category: 'db',
    calls: 7,
    errors: 1,
    p50Us: undefined,
    p95Us: undefined,
    poolUs: 150,
    setupUs: 50,
    wireUs: 200 + 25 + 3000,
    totalUs: 150 + 50 + 3225,
    newConnections: 1,
  });
  deepEqual([pricing?.name, pricing?.calls, pricing?.wireUs, pricing?.category], ['pricing', 1, 300, 'http']);
});

test('home: services and coverage', async () => {
  const { services, coverage } = await answers.home({});
  deepEqual(services, [
    { name: 'gateway', runtime: 'node', version: '20.20.2', instances: 1, requests: 2 },
    { name: 'pricing', runtime: 'python', version: '3.12', instances: 2, requests: 1 },
  ]);
  deepEqual(coverage, {
    requests: 3,
    operations: 9,
    attributed: 4,
    noRequest: 1,
    notVisible: 4,
    dropped: 3,
    resyncs: 3,
    notVisibleNames: ['pg-native'],
  });
});

test('home: of a range, both ends inclusive', async () => {
  const only = await answers.home({ from: NOON + 120_000, to: NOON + 120_000 });
  deepEqual(
    [only.requests, only.totalUs, only.coverage.operations, only.window.seconds],
    [1, 3000, 4, 0.001],
  );
  const before = await answers.home({ to: NOON + 119_999 });
  deepEqual([before.requests, before.totalUs, before.coverage.operations], [1, 1000, 5]);
  const none = await answers.home({ from: NOON + 1_000_000, to: NOON + 2_000_000 });
  deepEqual(
    [none.requests, none.totalUs, said(none.sentence), none.second],
    [0, 0, 'No request was seen in this time.', []],
  );
});

test('traces: entry requests, slowest or newest first, filtered', async () => {
  const all = await answers.traces({});
  deepEqual([all.total, all.traces.map(({ route }) => route)], [2, ['/order', '/cart/:id']]);
  const [order, cart] = all.traces;
  deepEqual([order?.at, order?.status, order?.isError, order?.durationUs], [NOON + 120_000, 500, true, 3000]);
  deepEqual([cart?.operations, cart?.categories[CategoryIndex.cache]], [5, 120]);
  const filtered = await answers.traces({
    route: '/cart/:id',
    method: 'GET',
    service: 'gateway',
    sort: '-at',
  });
  deepEqual([filtered.total, filtered.traces[0]?.traceId], [1, traceIdOf(1)]);
  const newest = await answers.traces({ sort: '-at', limit: 1 });
  deepEqual([newest.total, newest.traces.map(({ route }) => route)], [2, ['/order']]);
});

test('trace: its requests and operations, in µs from its start', async () => {
  const trace = await answers.trace(traceIdOf(1));
  ok(trace);
  deepEqual([trace.at, trace.durationUs, trace.slower, trace.faster], [NOON, 1000, '', '']);
  deepEqual(
    trace.requests.map((row) => [row.id, row.parentOperation, row.service, row.startUs, row.durationUs]),
    [
      [1, 0, 'gateway', 0, 1000],
      [2, 4, 'pricing', 650, 200],
    ],
  );
  deepEqual(
    trace.operations.map((row) => [
      row.id,
      row.request,
      row.startUs,
      row.durationUs,
      row.exclusiveUs,
      row.isBlocking,
    ]),
    [
      [1, 1, 100, 250, 250, true],
      [2, 1, 400, 100, 100, true],
      [3, 1, 450, 30, 0, false],
      [4, 1, 600, 300, 300, true],
      [5, 2, 700, 120, 120, true],
    ],
  );
});

test('trace: what each request did itself fills the gaps between its operations', async () => {
  const trace = await answers.trace(traceIdOf(1));
  const [gateway, pricing] = trace?.requests ?? [];
  ok(gateway);
  const lengths = new Map<number, number>();
  for (const [, length, category] of gateway.own)
    lengths.set(category, (lengths.get(category) ?? 0) + length);
  const of = (key: CategoryKey): number => lengths.get(CategoryIndex[key]) ?? 0;
  deepEqual([of('own'), of('loop'), of('other'), lengths.size], [250, 60, 40, 3]);
  deepEqual(covered(gateway.own), [
    [0, 100],
    [350, 400],
    [500, 600],
    [900, 1000],
  ]);
  deepEqual(pricing?.own, [
    [650, 50, CategoryIndex.own],
    [820, 30, CategoryIndex.own],
  ]);
});

/** Stretches that follow each other without a gap, joined. */
function covered(own: readonly (readonly [number, number, number])[]): number[][] {
  const joined: number[][] = [];
  for (const [start, length] of own) {
    const last = joined.at(-1);
    if (last?.[1] === start) last[1] = start + length;
    else joined.push([start, start + length]);
  }
  return joined;
}

test('trace: exclusive time by operation adds up; a traced callee leaves the network to its call', async () => {
  const trace = await answers.trace(traceIdOf(1));
  deepEqual(
    trace?.byOperation.map((row) => [
      row.service,
      row.statement,
      row.category,
      row.calls,
      row.us,
      row.poolUs,
    ]),
    [
      ['gateway', SELECT, 'db', 2, 350, 150],
      ['gateway', '', 'own', 0, 250, 0],
      ['pricing', 'GET price:*', 'cache', 1, 120, 0],
      ['gateway', 'POST /quote', 'http', 1, 100, 0],
      ['pricing', '', 'own', 0, 80, 0],
      ['gateway', '', 'loop', 0, 60, 0],
      ['gateway', '', 'other', 0, 40, 0],
      ['gateway', 'SELECT 1', 'db', 1, 0, 0],
    ],
  );
});

test('trace: says what the time was spent on', async () => {
  const cart = await answers.trace(traceIdOf(1));
  equal(
    said(cart?.sentence ?? []),
    '2 Postgres queries, one after the other, take 350 µs of 1.00 ms; own code takes 250 µs.',
  );
  const order = await answers.trace(traceIdOf(3));
  // Its one operation was not kept: all of its time is still there.
  equal(said(order?.sentence ?? []), '3.00 ms of 3.00 ms is the database.');
});

test('trace: one that is not there', async () => {
  equal(await answers.trace(traceIdOf(77)), undefined);
  equal(await answers.trace('not a trace id'), undefined);
});

test('status: of saved data, and of a running collector', async () => {
  const saved = await answers.status();
  deepEqual([saved.isLive, saved.lastRequestAt, saved.processes.length], [false, NOON + 120_000, 3]);
  deepEqual(saved.counters, { 'records.droppedByAgent': 3, 'decode.postgres.resyncs': 3 });
  const live = createAnswers(
    store,
    {
      isLive: true,
      processes: () => [],
      counters: () => ({ 'rows.dropped': 5, 'records.droppedByAgent': 2 }),
    },
    { project: 'shop', version: '1.0.0', dataFolder: '/data' },
  );
  const status = await live.status();
  deepEqual(
    [status.isLive, status.project, status.version, status.dataFolder],
    [true, 'shop', '1.0.0', '/data'],
  );
  deepEqual([status.processes, status.coverage.dropped], [[], 8]);
});

test('report: the same numbers in ms, and what one request asks for', async () => {
  const report = await answers.report({});
  equal(report.schema, 'wiretime.report/1');
  deepEqual(report.window, {
    from: '2026-11-25T12:00:00.000Z',
    to: '2026-11-25T12:02:00.000Z',
    seconds: 120.001,
  });
  deepEqual(report.categories[CategoryIndex.db], { key: 'db', name: 'Database', ms: 3.2, share: 0.8 });
  deepEqual(report.services[1], { name: 'pricing', runtime: 'python', instances: 2 });
  const cart = report.endpoints.find(({ route }) => route === '/cart/:id');
  deepEqual(cart?.ms, { mean: 1, p50: null, p95: null, p99: null, max: 1 });
  deepEqual(cart?.categories[CategoryIndex.own], { key: 'own', msPerRequest: 0.33 });
  deepEqual(
    cart?.operations.map(({ statement, perRequest, ms, errors }) => [statement, perRequest, ms.mean, errors]),
    [
      [SELECT, 2, 0.175, 0],
      ['POST /quote', 1, 0.3, 0],
      ['login', 1, 0.05, 0],
      ['SELECT 1', 1, 0.03, 0],
    ],
  );
  equal(cart?.operations[0]?.phases.pool, 0.075);
  deepEqual(report.dependencies[0], {
    name: 'Postgres',
    protocol: 'postgres',
    calls: 7,
    ms: { p50: null, p95: null },
    poolWaitMs: 0.15,
    newConnections: 1,
  });
  deepEqual(JSON.parse(JSON.stringify(report)), report);
});
