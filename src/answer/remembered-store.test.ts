import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, numbersOf, type Query } from '../store/query.ts';
import { rememberedStore } from './remembered-store.ts';

/** A store with so many rows, which counts how often it is asked. */
function counted(rowCount: number) {
  const asked: Query[] = [];
  let isBroken = false;
  return {
    asked,
    breakDown: () => (isBroken = true),
    repair: () => (isBroken = false),
    ask: async (query: Query) => {
      asked.push(query);
      if (isBroken) throw new Error('the disk is gone');
      return { rowCount, names: ['id'], columns: [Float64Array.from({ length: rowCount }, (_, row) => row)] };
    },
    append: async () => undefined,
  };
}

const IDS: Query = { from: 'requests', select: columns('id') };
const EMPTY = { processes: [], requests: [], operations: [], rollups: [], counters: [] };

test('the same question is asked once, also by two at the same time; another one anew', async () => {
  const store = counted(3);
  const kept = rememberedStore(store);
  await Promise.all([kept.ask(IDS), kept.ask(IDS)]);
  await kept.ask({ ...IDS });
  assert.equal(store.asked.length, 1);
  await kept.ask({ ...IDS, limit: 1 });
  assert.equal(store.asked.length, 2);
});

test('what one does with an answer is nothing to the next', async () => {
  const kept = rememberedStore(counted(3));
  const first = numbersOf(await kept.ask(IDS), 'id');
  structuredClone(first.buffer, { transfer: [first.buffer] });
  assert.deepEqual([...numbersOf(await kept.ask(IDS), 'id')], [0, 1, 2]);
});

test('large answers are not kept, a failure is not kept, and a change forgets everything', async () => {
  const large = counted(2001);
  const kept = rememberedStore(large);
  const both = await Promise.all([kept.ask(IDS), kept.ask(IDS)]);
  assert.equal(large.asked.length, 2);
  assert.notEqual(numbersOf(both[0], 'id'), numbersOf(both[1], 'id'));

  const store = counted(1);
  const again = rememberedStore(store);
  store.breakDown();
  await assert.rejects(again.ask(IDS), /disk/);
  store.repair();
  await again.ask(IDS);
  await again.ask(IDS);
  assert.equal(store.asked.length, 2);
  await again.append?.(EMPTY);
  await again.ask(IDS);
  assert.equal(store.asked.length, 3);
});

test('only so many questions are kept: the oldest goes', async () => {
  const store = counted(1);
  const kept = rememberedStore(store);
  for (let limit = 1; limit <= 300; limit++) await kept.ask({ ...IDS, limit });
  await kept.ask({ ...IDS, limit: 300 });
  assert.equal(store.asked.length, 300);
  await kept.ask({ ...IDS, limit: 1 });
  assert.equal(store.asked.length, 301);
});
