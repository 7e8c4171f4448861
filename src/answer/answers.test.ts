// Home, lists, status and report over a recording worked out by hand: every number follows from its rows.

import { after, before, test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import { CategoryIndex } from '../model/category.ts';
import type { Store } from '../store/store.ts';
import { openAnswers, said } from '../../test/contracts/open-answers.ts';
import { NOON, SELECT } from '../../test/contracts/small-recording.ts';
import { traceIdOf } from '../../test/contracts/store-rows.ts';
import type { Answers } from './answers.ts';
import { createAnswers } from './answers.ts';

let store: Store;
let answers: Answers;
let close: () => Promise<void>;

before(async () => {
  ({ store, answers, close } = await openAnswers());
});

after(() => close());

test('home: the time of the entry requests, by category', async () => {
  const home = await answers.home({});
  deepEqual([home.requests, home.totalUs], [2, 4000]);
  const us = Object.fromEntries(
    home.categories.filter((each) => each.us > 0).map((each) => [each.key, each.us]),
  );
  deepEqual(us, { own: 330, loop: 60, pool: 150, db: 3200, cache: 120, http: 100, other: 40 });
  equal(home.categories[CategoryIndex.db]?.share, 0.8);
  deepEqual(home.window, { from: NOON, to: NOON + 120_003, seconds: 120.004 });
  equal(home.project, 'gateway');
});

test('home: says what takes the most, and on what that is based', async () => {
  const home = await answers.home({});
  equal(
    said(home.sentence),
    'Your backend spends 80% of its time waiting for Postgres, 90% of that for INSERT at src/cart.ts:12.',
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
    unseenShare: 40 / 4200,
    coreWaits: [{ service: 'pricing', ranUs: 900, waitedUs: 100, throttledUs: 90 }],
    toldCpu: [],
    ownCode: [],
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
  deepEqual([order?.services, cart?.services], [1, 2]);
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

test('status: of saved data, and of a running collector', async () => {
  const saved = await answers.status();
  deepEqual([saved.isLive, saved.lastRequestAt, saved.processes.length], [false, NOON + 120_000, 3]);
  deepEqual(saved.counters, {
    'records.droppedByAgent': 3,
    'decode.postgres.resyncs': 3,
    'cores.ranUs': 900,
    'cores.waitedUs': 100,
    'cores.throttledUs': 160,
  });
  const live = createAnswers(
    store,
    {
      isLive: true,
      processes: () => [],
      underWay: () => [],
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
    to: '2026-11-25T12:02:00.003Z',
    seconds: 120.004,
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
