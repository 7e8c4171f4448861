import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ResultTable } from '../../store/query.ts';
import type { Batch, Store } from '../../store/store.ts';
import { WatchedStore } from './watched-store.ts';

const TABLE: ResultTable = { rowCount: 0, names: [], columns: [] };

function brokenStore(parts: Partial<Store>): Store {
  const refuse = () => Promise.reject(new Error('disk full'));
  return {
    append: refuse,
    ask: refuse,
    lastIds: refuse,
    expire: refuse,
    sizeBytes: refuse,
    close: refuse,
    ...parts,
  };
}

/** Only the lengths are looked at. */
function batchOf(requests: number, operations: number): Batch {
  const rows = (count: number) => Array.from({ length: count }, () => ({}));
  return {
    processes: [],
    requests: rows(requests),
    operations: rows(operations),
    rollups: [],
    counters: [],
  } as unknown as Batch;
}

test('every lost batch is counted, the first one is told, and the failure goes on to the caller', async () => {
  const told: unknown[] = [];
  const store = new WatchedStore(brokenStore({}), (error) => told.push(error));
  await assert.rejects(store.append(batchOf(2, 30)), /disk full/);
  await assert.rejects(store.append(batchOf(1, 4)), /disk full/);
  assert.deepEqual(store.losses, { requests: 3, operations: 34 });
  assert.equal(told.length, 1);
});

test('a store is not closed under a question', async () => {
  const events: string[] = [];
  let answer: ((table: ResultTable) => void) | undefined;
  const pending = new Promise<ResultTable>((resolve) => (answer = resolve));
  const store = new WatchedStore(
    brokenStore({
      ask: () => pending,
      close: async () => void events.push('closed'),
    }),
  );
  const asked = store.ask({ from: 'requests', select: {} }).then(() => events.push('answered'));
  const closed = store.close();
  await new Promise(setImmediate);
  assert.deepEqual(events, []);
  answer?.(TABLE);
  await Promise.all([asked, closed]);
  assert.deepEqual(events, ['answered', 'closed']);
});

test('a question that failed does not keep the store open', async () => {
  let isClosed = false;
  const store = new WatchedStore(brokenStore({ close: async () => void (isClosed = true) }));
  await assert.rejects(store.ask({ from: 'requests', select: {} }), /disk full/);
  await store.close();
  assert.ok(isClosed);
});
