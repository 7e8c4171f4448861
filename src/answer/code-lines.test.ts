// The lines that a profiler saw, asked of a real store: those that block by endpoint, those that take the CPU by service and endpoint.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { batchOf, NOON_US } from '../../test/contracts/store-rows.ts';
import type { CodeLineRow } from '../model/row.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { blockingLines, ownCodeOf } from './code-lines.ts';

const MINUTE = NOON_US / 60_000_000;
const RENDER: CodeLineRow = {
  minute: MINUTE,
  service: 'shop',
  method: 'GET',
  route: '/cart/:id',
  callSite: 'cart.js:33:5',
  name: 'renderCart',
  called: '',
  callers: 'routes.js:8:3 show',
  us: 300_000,
  blockedUs: 200_000,
  looks: 60,
};

const folder = mkdtempSync(join(tmpdir(), 'wiretime-lines-'));
let store: Store;

before(async () => {
  store = await openStore(folder);
  const codeLines = [
    RENDER,
    { ...RENDER, minute: MINUTE + 1, us: 100_000, blockedUs: 0, looks: 20, callers: 'other.js:1:1' },
    {
      ...RENDER,
      route: '/',
      callSite: '',
      name: '',
      called: '(garbage collector)',
      us: 600_000,
      blockedUs: 0,
    },
    // Of Python only what blocks is looked at.
    { ...RENDER, service: 'mail', route: '/send', us: 0, blockedUs: 90_000 },
  ];
  await store.append(batchOf({ codeLines }));
});

after(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

test('what blocks, by endpoint', async () => {
  const lines = await blockingLines(store, {});
  assert.deepEqual([...lines.keys()].toSorted(), ['mail\nGET\n/send', 'shop\nGET\n/cart/:id']);
  const { callSite, name, called, callers } = RENDER;
  assert.deepEqual(lines.get('shop\nGET\n/cart/:id'), [
    { callSite, name, called, callers, blockedUs: 200_000, looks: 60 },
  ]);
});

test('what the CPU goes to, by service; nothing where only what blocks was looked at', async () => {
  assert.deepEqual(await ownCodeOf(store, {}), [
    {
      service: 'shop',
      us: 1_000_000,
      lines: [
        { callSite: '', name: '', called: '(garbage collector)', us: 600_000 },
        { callSite: 'cart.js:33:5', name: 'renderCart', called: '', us: 400_000 },
      ],
    },
  ]);
});

test('of one endpoint, and of a range', async () => {
  const [cart] = await ownCodeOf(store, {}, { service: 'shop', method: 'GET', route: '/cart/:id' });
  assert.equal(cart?.us, 400_000);
  const [early] = await ownCodeOf(
    store,
    { to: NOON_US / 1000 },
    { service: 'shop', method: 'GET', route: '/cart/:id' },
  );
  assert.equal(early?.us, 300_000);
  assert.deepEqual(await ownCodeOf(store, { to: NOON_US / 1000 - 60_000 }), []);
});
