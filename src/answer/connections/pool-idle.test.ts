import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleStretches, type Marks } from './pool-idle.ts';

type Told = readonly [id: number, request: number, connection: number, ready: number, done: number];

function heldOf(told: readonly Told[]) {
  const column = (at: number) => told.map((each) => each[at] ?? 0);
  return { id: column(0), request: column(1), connection: column(2), ready: column(3), done: column(4) };
}

const TRANSACTION: readonly Told[] = [
  [1, 7, 50, 0, 1000],
  [2, 7, 50, 5000, 6000],
  [3, 7, 50, 6100, 7000],
  [4, 7, 50, 9000, 9500],
];
const MARKS: Marks = new Map([
  [1, 'opens'],
  [4, 'ends'],
]);

test('between the statements of a transaction its connection is held and idle; what is short is not', () => {
  assert.deepEqual(idleStretches(heldOf(TRANSACTION), MARKS), [
    { connection: 50, request: 7, fromUs: 1000, toUs: 5000 },
    { connection: 50, request: 7, fromUs: 7000, toUs: 9000 },
  ]);
});

test('without a transaction, and after its end, a connection is free', () => {
  assert.deepEqual(idleStretches(heldOf(TRANSACTION), new Map()), []);
  const after: Told = [5, 7, 50, 20_000, 21_000];
  assert.equal(idleStretches(heldOf([...TRANSACTION, after]), MARKS).length, 2);
});

test('an end that was not seen ends with the next request; other connections are apart', () => {
  const next: Told = [5, 8, 50, 20_000, 21_000];
  const other: Told = [6, 7, 51, 2000, 3000];
  const marks: Marks = new Map([[1, 'opens']]);
  assert.deepEqual(
    idleStretches(heldOf([...TRANSACTION.slice(0, 2), next, other]), marks).map(({ toUs }) => toUs),
    [5000],
  );
});
