import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nanos } from '../../base/time.ts';
import { CATEGORY_COUNT, CategoryIndex, type CategoryKey } from '../../model/category.ts';
import { Operation } from '../../model/operation.ts';
import type { CategoryVector } from '../../model/row.ts';
import { apportion } from './apportion.ts';
import { breakdown } from './breakdown.ts';

/** Times in µs. */
type Times = Partial<
  Record<
    | 'called'
    | 'granted'
    | 'connectStart'
    | 'resolved'
    | 'connected'
    | 'secured'
    | 'sent'
    | 'written'
    | 'firstByte'
    | 'end',
    number
  >
>;

function operation(category: CategoryKey, times: Times, more: Partial<Operation> = {}): Operation {
  const made = Object.assign(new Operation(), { category, ...more });
  for (const [name, us] of Object.entries(times)) Object.assign(made, { [name]: nanos(us * 1000) });
  return made;
}

const allOwn = (from: number, to: number) => ({ own: to - from, loop: 0, other: 0 });
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function parts(
  endUs: number,
  operations: Operation[],
  callees = new Map<Operation, CategoryVector>(),
): Record<string, number> {
  const { categories } = breakdown({
    startUs: 0,
    endUs,
    operations,
    gap: allOwn,
    callee: (each) => callees.get(each),
  });
  assert.equal(sum(categories), endUs);
  return Object.fromEntries(
    Object.entries(CategoryIndex)
      .map(([key, at]) => [key, categories[at] ?? 0])
      .filter(([, us]) => us !== 0),
  );
}

test('the first operation on a connection: pool, set-up, wire', () => {
  const first = operation('db', {
    called: 0,
    connectStart: 200,
    resolved: 300,
    connected: 400,
    secured: 900,
    sent: 950,
    written: 1000,
    firstByte: 2000,
    end: 2500,
  });
  assert.deepEqual(parts(3000, [first]), { own: 550, pool: 200, conn: 700, db: 1550 });
});

test('what the application does between getting a connection and using it is its own', () => {
  const held = operation('db', {
    called: 0,
    granted: 1000,
    sent: 4000,
    written: 4000,
    firstByte: 5000,
    end: 5000,
  });
  const between = operation('ext', { sent: 1500, written: 1500, firstByte: 3500, end: 3500 });
  assert.deepEqual(parts(5000, [held, between]), { own: 1000, pool: 1000, db: 1000, ext: 2000 });
});

test('a pool wait of less than 100 µs is the driver at work', () => {
  assert.deepEqual(
    parts(500, [
      operation('db', { called: 0, granted: 99, sent: 99, written: 99, firstByte: 500, end: 500 }),
    ]),
    {
      own: 99,
      db: 401,
    },
  );
});

test('logging in is opening a connection', () => {
  const login = operation(
    'conn',
    { connectStart: 0, connected: 100, sent: 100, written: 100, firstByte: 600, end: 700 },
    { role: 'setup' },
  );
  assert.deepEqual(parts(700, [login]), { conn: 700 });
});

test('an answer that lay before a busy loop is a gap: the loop clock says who was running', () => {
  const late = operation(
    'db',
    { sent: 0, written: 0, firstByte: 1000, end: 1200 },
    { deliveryLagNs: 300_000 },
  );
  const gap = (from: number, to: number) => ({ own: 100, loop: to - from - 100, other: 0 });
  const { categories } = breakdown({
    startUs: 0,
    endUs: 1200,
    operations: [late],
    gap,
    callee: () => undefined,
  });
  assert.equal(categories[CategoryIndex.db], 900);
  assert.equal(categories[CategoryIndex.own], 100);
  assert.equal(categories[CategoryIndex.loop], 200);
});

test('inside a traced callee its own parts count, and one that took longer than the call is scaled to fit', () => {
  const call = operation('http', { sent: 0, written: 0, firstByte: 1000, end: 1000 });
  const vector = Array.from({ length: CATEGORY_COUNT }, () => 0);
  vector[CategoryIndex.db] = 600;
  assert.deepEqual(parts(1000, [call], new Map([[call, vector]])), { db: 600, http: 400 });
  vector[CategoryIndex.own] = 1400;
  assert.deepEqual(parts(1000, [call], new Map([[call, vector]])), { own: 700, db: 300 });
});

test('whatever an agent reports: vectors and phases add up, nothing is negative', () => {
  const time = fc.option(fc.integer({ min: -5, max: 5000 }), { nil: undefined });
  const names = [
    'called',
    'granted',
    'connectStart',
    'resolved',
    'connected',
    'secured',
    'sent',
    'written',
    'firstByte',
  ] as const;
  const reported = fc
    .record({
      ...Object.fromEntries(names.map((name) => [name, time])),
      end: fc.integer({ min: 0, max: 5000 }),
      lag: fc.integer({ min: 0, max: 9_000_000 }),
    })
    .map((each) => {
      const { lag, ...times } = each as Record<string, number | undefined>;
      const known = Object.fromEntries(Object.entries(times).filter(([, us]) => us !== undefined));
      return operation('db', known as Times, { deliveryLagNs: lag ?? 0 });
    });
  const gap = (from: number, to: number) => {
    const [own = 0, loop = 0, other = 0] = apportion(to - from, [3, 2, 1]);
    return { own, loop, other };
  };
  fc.assert(
    fc.property(
      fc.array(reported, { maxLength: 12 }),
      fc.integer({ min: 0, max: 4000 }),
      fc.integer({ min: 0, max: 3000 }),
      (operations, startUs, length) => {
        const result = breakdown({
          startUs,
          endUs: startUs + length,
          operations,
          gap,
          callee: () => undefined,
        });
        assert.equal(sum(result.categories), length);
        assert.equal(sum(result.ownCategories), length);
        assert.ok(sum(result.exclusiveUs) <= length);
        for (const each of result.phased) {
          assert.equal(sum(each.lengths), each.endUs - each.startUs);
          assert.ok(each.lengths.every((us) => us >= 0));
        }
      },
    ),
  );
});

test('apportion: whole parts add up to the total', () => {
  fc.assert(
    fc.property(
      fc.nat(1_000_000),
      fc.array(fc.nat(10_000), { minLength: 1, maxLength: 10 }),
      (total, weights) => {
        const split = apportion(total, weights);
        assert.equal(sum(split), total);
        assert.ok(split.every((each) => Number.isInteger(each) && each >= 0));
      },
    ),
  );
});
