import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { NOON, SELECT, smallRecording } from '../../../test/contracts/small-recording.ts';
import { NOON_US, batchOf, categories, request } from '../../../test/contracts/store-rows.ts';
import { openStore } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import type { CallNode, EndpointName } from '../api.ts';
import { endpointRequests } from './endpoint-requests.ts';
import { endpoint } from './endpoint.ts';

const folder = mkdtempSync(join(tmpdir(), 'wiretime-endpoint-'));
const CART: EndpointName = { service: 'gateway', method: 'GET', route: '/cart/:id' };
const MANY: EndpointName = { service: 'many', method: 'GET', route: '/' };
let store: Store;

before(async () => {
  store = await openStore(folder);
  await store.append(smallRecording());
  await store.append(
    batchOf({
      requests: Array.from({ length: 3000 }, (_, index) =>
        request({
          id: 1000 + index,
          service: 'many',
          route: '/',
          atUs: NOON_US + index * 1000,
          durationUs: 100 + index,
          categories: categories({ own: 100, db: index }),
        }),
      ),
    }),
  );
});
after(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const selfUs = (tree: readonly CallNode[]) =>
  tree.reduce((sum, { means }) => sum + means.all.self.reduce((a, b) => a + b, 0), 0);

test('the tree adds up to the mean request, down into the traced callee', async () => {
  const { tree, requests, duration, treeRequests, share, totalUs } = await endpoint(store, CART, {
    from: NOON,
    to: NOON + 200_000,
  });
  deepEqual([requests, totalUs, treeRequests.all], [1, 1000, 1]);
  ok(share > 0 && share < 0.001);
  equal(duration.p50Us, undefined, 'one request has no median');
  ok(Math.abs(selfUs(tree) - 1000) < 1e-6, `${selfUs(tree)}`);
  const [root] = tree;
  equal(root?.name, 'GET /cart/:id');
  const select = tree.find(({ name }) => name === SELECT);
  equal(select?.means.all.calls, 2);
  const callee = tree.find(({ kind, service }) => kind === 'request' && service === 'pricing');
  equal(callee?.depth, 2);
});

test('an endpoint without requests is an answer, not a failure', async () => {
  const nothing = await endpoint(store, { ...CART, route: '/none' }, {});
  deepEqual([nothing.requests, nothing.tree, nothing.share, nothing.operationsPerRequest], [0, [], 0, 0]);
  const { at, total } = await endpointRequests(store, { ...CART, route: '/none' }, {});
  deepEqual([at.length, total], [0, 0]);
});

test('few requests are all there, by time', async () => {
  const columns = await endpointRequests(store, MANY, {});
  deepEqual([columns.total, columns.at.length, columns.completeFromUs], [3000, 3000, 0]);
  equal(columns.originMs, NOON);
  deepEqual(Array.from(columns.at.subarray(0, 3)), [0, 1, 2]);
  columns.durationUs.forEach((us, index) => {
    const parts = columns.categories.reduce((sum, column) => sum + (column[index] ?? 0), 0);
    equal(parts, us);
  });
});

test('of too many, the slow ones are all there and each other one stands for several', async () => {
  const { total, at, durationUs, completeFromUs, weightBelow } = await endpointRequests(
    store,
    MANY,
    {},
    1000,
  );
  equal(total, 3000);
  ok(at.length <= 1000 && at.length > 500, `${at.length}`);
  equal(completeFromUs, 100 + 2850 - 1, 'p95');
  const slow = durationUs.filter((us) => us >= completeFromUs).length;
  equal(slow, 151);
  equal(slow + (at.length - slow) * weightBelow, 3000);
  deepEqual(
    [...at],
    [...at].toSorted((a, b) => a - b),
  );
});

test('why slow requests are slow: the parts add up to the difference of both means', async () => {
  const { tail } = await endpoint(store, MANY, {});
  ok(tail !== undefined);
  const { slowUs, typicalUs, parts, restUs } = tail;
  const partsUs = parts.reduce((us, part) => us + part.us, 0);
  ok(Math.abs(partsUs + restUs - (slowUs - typicalUs)) < 1e-6);
  // 100 µs to 3099 µs: those from p95 up are 3025 µs on average, those in the middle 1600.
  ok(Math.abs(slowUs - 3025) < 20 && Math.abs(typicalUs - 1600) < 40, `${slowUs} ${typicalUs}`);
  deepEqual([parts.length, parts[0]?.category], [1, 'db']);
  // They get longer and longer, so the slow ones are the last 150 ms, and more and more of them run at once.
  const [last, crowded] = tail.inCommon;
  deepEqual(
    [last?.slowShare, last?.typicalShare, last?.time],
    [1, 0, { from: NOON + 2699, to: NOON + 3000 }],
  );
  equal(crowded?.title, 'while 2 or more others were under way in their process');
  equal((await endpoint(store, CART, {})).tail, undefined, 'one request');
});
