import { deepEqual, equal } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { NOON_US, batchOf, categories, processRow, request } from '../../../test/contracts/store-rows.ts';
import { openStore } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import { endpointConditions } from './endpoint.ts';
import { inCommon } from './in-common.ts';

const folder = mkdtempSync(join(tmpdir(), 'wiretime-in-common-'));
const SERVICE = { service: 'busy', method: 'GET' };
const SPREAD = { ...SERVICE, route: '/spread' };
const CROWDED = { ...SERVICE, route: '/crowded' };
let store: Store;

/** A second apart; every tenth is slow, and `told` says what else is so of it. */
const requests = (from: number, route: string, told: (isSlow: boolean, index: number) => object) =>
  Array.from({ length: 900 }, (_, index) =>
    request({
      ...SERVICE,
      route,
      id: from + index,
      process: 1,
      atUs: NOON_US + index * 1_000_000,
      durationUs: index % 10 === 0 ? 90_000 : 10_000,
      categories: categories({ own: index % 10 === 0 ? 90_000 : 10_000 }),
      ...told(index % 10 === 0, index),
    }),
  );

/** Five others begin shortly before each slow one, and end after it has begun. */
const crowd = requests(5000, '/crowd', () => ({ durationUs: 200_000 }))
  .filter((_, index) => index % 10 === 0)
  .flatMap((one, turn) =>
    Array.from({ length: 5 }, (_, nth) => ({
      ...one,
      id: 5000 + turn * 5 + nth,
      atUs: one.atUs - 1000 - nth,
    })),
  );

before(async () => {
  store = await openStore(folder);
  await store.append(
    batchOf({
      processes: [
        processRow({ id: 1, service: 'busy', pid: 4711 }),
        processRow({ id: 2, service: 'busy', pid: 4712 }),
      ],
      requests: [
        ...requests(1, '/spread', (isSlow, index) => ({
          process: isSlow || index % 3 === 0 ? 2 : 1,
          status: isSlow ? 503 : 200,
        })),
        ...requests(2000, '/crowded', () => ({})),
        ...crowd,
      ],
    }),
  );
});
after(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const told = async (name: typeof SPREAD) =>
  (await inCommon(store, name, {}, endpointConditions(name, {}))).map(({ title, slowShare }) => [
    title,
    slowShare,
  ]);

test('the process, by its number in the system, and the status', async () => {
  deepEqual(await told(SPREAD), [
    ['answered with 503', 1],
    ['in process 4712', 1],
  ]);
});

test('others beside them: the number that tells most', async () => {
  deepEqual(await told(CROWDED), [['while 4 or more others were under way in their process', 1]]);
});

test('few requests have nothing in common', async () => {
  equal((await told({ ...SERVICE, route: '/none' })).length, 0);
});
