// One trace of a recording worked out by hand: every number follows from its rows.

import { after, before, test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import type { CategoryKey } from '../../model/category.ts';
import { CategoryIndex } from '../../model/category.ts';
import { openAnswers, said } from '../../../test/contracts/open-answers.ts';
import { NOON, SELECT } from '../../../test/contracts/small-recording.ts';
import { batchOf, operation, phases, request, traceIdOf } from '../../../test/contracts/store-rows.ts';
import type { Answers } from '../answers.ts';

let answers: Answers;
let close: () => Promise<void>;

before(async () => {
  ({ answers, close } = await openAnswers());
});

after(() => close());

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
    '2 queries on cart, one after the other, take 350 µs of 1.00 ms; own code takes 250 µs.',
  );
  const order = await answers.trace(traceIdOf(3));
  // Its one operation was not kept: all of its time is still there.
  equal(said(order?.sentence ?? []), '3.00 ms of 3.00 ms is the database.');
});

test('trace: one that is not there', async () => {
  equal(await answers.trace(traceIdOf(77)), undefined);
  equal(await answers.trace('not a trace id'), undefined);
});

test('trace: what was consumed in it stands behind it, at its own time and with its own operations', async () => {
  const same = { traceId: traceIdOf(1) };
  const consumed = { method: 'CONSUME', route: 'orders', service: 'mail', atUs: NOON * 1000 + 5000 };
  const own = await openAnswers(
    batchOf({
      requests: [
        request({ id: 1, ...same }),
        request({ id: 2, ...same, ...consumed, durationUs: 700 }),
        request({ id: 3, ...same, atUs: NOON * 1000 + 6000 }),
      ],
      operations: [operation({ id: 1, request: 2, service: 'mail', atUs: NOON * 1000 + 5100 })],
    }),
  );
  const trace = await own.answers.trace(traceIdOf(1));
  await own.close();
  deepEqual(
    trace?.requests.map((row) => [row.id, row.method, row.startUs, row.durationUs]),
    [
      [1, 'GET', 0, 1000],
      [2, 'CONSUME', 5000, 700],
    ],
  );
  deepEqual(
    trace.operations.map((row) => [row.id, row.request, row.startUs]),
    [[1, 2, 5100]],
  );
  equal(trace.durationUs, 1000);
});

test('trace: what is asked again after a failure, and what is asked with equal values', async () => {
  const at = (us: number) => ({ atUs: NOON * 1000 + us });
  const failed = { outcome: 'error', errorType: '40001' } as const;
  const own = await openAnswers(
    batchOf({
      requests: [request({ id: 1 })],
      operations: [
        operation({ id: 1, ...at(0), ...failed, repeatAgeUs: -2 }),
        // The same again, then another value, then the first one; nobody saw what the last one asked with.
        operation({ id: 2, ...at(200), repeatAgeUs: 200 }),
        operation({ id: 3, ...at(400), ...failed, repeatAgeUs: -2 }),
        operation({ id: 4, ...at(600), repeatAgeUs: 400 }),
        operation({ id: 5, ...at(800), repeatAgeUs: -1 }),
      ],
    }),
  );
  const trace = await own.answers.trace(traceIdOf(1));
  await own.close();
  deepEqual(
    trace?.operations.map(({ isRetry, question }) => [isRetry, question]),
    [
      [false, 1],
      [true, 1],
      [false, 2],
      [false, 1],
      [false, 0],
    ],
  );
});

test('trace: a call that was given up is asked again before its end is seen; calls beside one another are not', async () => {
  const call = (id: number, us: number, wait: number) =>
    operation({
      id,
      atUs: NOON * 1000 + us,
      outcome: 'unfinished',
      phases: phases({ wait }),
      repeatAgeUs: -1,
    });
  const own = await openAnswers(
    batchOf({
      requests: [request({ id: 1, durationUs: 5000 })],
      operations: [call(1, 0, 1000), call(2, 100, 1000), call(3, 1000, 1000)],
    }),
  );
  const trace = await own.answers.trace(traceIdOf(1));
  await own.close();
  deepEqual(
    trace?.operations.map(({ isRetry }) => isRetry),
    [false, false, true],
  );
});
