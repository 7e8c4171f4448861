// Whatever is recorded, the parts add up to the whole, to the µs. Random trees of requests and operations, taken apart by
// analysis/ as the collector does it, stored, and asked for.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { apportion } from '../analysis/time/apportion.ts';
import { breakdown } from '../analysis/time/breakdown.ts';
import { bucketOf } from '../base/histogram.ts';
import { nanos } from '../base/time.ts';
import { CATEGORIES, CategoryIndex } from '../model/category.ts';
import { Operation } from '../model/operation.ts';
import type { OperationRow, RequestRow } from '../model/row.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { NOON_US, batchOf, operation, request, rollup, traceIdOf } from '../../test/contracts/store-rows.ts';
import type { Answers } from './answers.ts';
import { createAnswers } from './answers.ts';
import type { TraceAnswer } from './api.ts';

/** A call of a random request: when, how long each phase, and perhaps a traced request that it caused. */
interface RandomCall {
  readonly at: number;
  readonly steps: readonly number[];
  readonly kind: number;
  readonly callee: RandomRequest | undefined;
}

interface RandomRequest {
  readonly duration: number;
  readonly split: readonly [number, number, number];
  readonly calls: readonly RandomCall[];
}

const { root: randomTree } = fc.letrec<{ root: RandomRequest; call: RandomCall }>((tie) => ({
  root: fc.record({
    duration: fc.integer({ min: 0, max: 5000 }),
    split: fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)),
    calls: fc.array(tie('call'), { maxLength: 8 }),
  }),
  call: fc.record({
    at: fc.integer({ min: -500, max: 5000 }),
    steps: fc.array(fc.nat(400), { minLength: 6, maxLength: 6 }),
    kind: fc.nat(5),
    callee: fc.option(tie('root'), { nil: undefined, freq: 3, maxDepth: 3 }),
  }),
}));

const KINDS = [
  { category: 'db', protocol: 'postgres', role: 'work', statement: 'SELECT 1', dependency: 'Postgres' },
  { category: 'db', protocol: 'postgres', role: 'work', statement: 'SELECT 2', dependency: 'Postgres' },
  { category: 'cache', protocol: 'redis', role: 'work', statement: 'GET a:*', dependency: 'Redis' },
  { category: 'http', protocol: 'http', role: 'work', statement: 'GET /x', dependency: 'pricing' },
  { category: 'db', protocol: 'postgres', role: 'setup', statement: 'login', dependency: 'Postgres' },
  { category: 'other', protocol: 'unknown', role: 'work', statement: '', dependency: 'queue:5672' },
] as const;

class Recorder {
  readonly requests: RequestRow[] = [];
  readonly operations: OperationRow[] = [];
  #id: number;
  readonly #trace: string;

  constructor(firstId: number) {
    this.#id = firstId;
    this.#trace = traceIdOf(firstId);
  }

  /** Adds a request and everything below it; returns its row. */
  add(made: RandomRequest, startUs: number, parentOperation: number): RequestRow {
    const id = ++this.#id;
    const calls = made.calls.map((call) => ({ call, operation: operationOf(call, startUs, ++this.#id) }));
    const callees = new Map(
      calls.map(({ call, operation }) => [
        operation,
        call.callee && this.add(call.callee, startUs + call.at + 10, operation.id).categories,
      ]),
    );
    const endUs = startUs + made.duration;
    const result = breakdown({
      startUs,
      endUs,
      operations: calls.map(({ operation }) => operation),
      gap: (from, to) => gapOf(to - from, made.split),
      callee: (operation) => callees.get(operation),
    });
    for (const [index, { call, operation: source }] of calls.entries()) {
      const phased = result.phased[index];
      ok(phased);
      const exclusiveUs = result.exclusiveUs[index] ?? 0;
      const times = {
        atUs: NOON_US + phased.startUs,
        phases: phased.lengths,
        exclusiveUs,
        isBlocking: exclusiveUs > 0,
      };
      this.operations.push(operation({ ...KINDS[call.kind], ...times, id: source.id, request: id }));
    }
    const row = request({
      id,
      parentOperation,
      traceId: this.#trace,
      service: parentOperation === 0 ? 'gateway' : 'pricing',
      route: `/r${made.calls.length}`,
      atUs: NOON_US + startUs,
      durationUs: made.duration,
      categories: result.categories,
      ownCategories: result.ownCategories,
    });
    this.requests.push(row);
    return row;
  }
}

function gapOf(length: number, split: readonly number[]) {
  const [own = 0, loop = 0, other = 0] = apportion(length, split);
  return { own, loop, other };
}

function operationOf({ at, steps, kind }: RandomCall, startUs: number, id: number): Operation {
  const made = Object.assign(new Operation(), KINDS[kind], { id });
  let us = startUs + at + 1000;
  const step = (index: number) => nanos((us += steps[index] ?? 0) * 1000);
  made.called = nanos((us -= 1000) * 1000);
  if (id % 3 === 0) made.connectStart = made.resolved = step(0);
  if (id % 3 === 0) made.connected = made.secured = step(1);
  made.sent = step(2);
  made.written = step(3);
  made.firstByte = step(4);
  made.end = step(5);
  made.deliveryLagNs = (steps[0] ?? 0) * 500;
  return made;
}

let folder = '';
let store: Store;
let answers: Answers;
let lastId = 0;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wiretime-sums-'));
  store = await openStore(folder);
  answers = createAnswers(store);
});

after(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const sumOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Stores a random tree, without the operations that `isKept` refuses, and asks for its trace. */
async function traceOf(
  tree: RandomRequest,
  isKept: (index: number) => boolean = () => true,
): Promise<TraceAnswer> {
  const recorder = new Recorder(lastId);
  recorder.add(tree, 1_000_000, 0);
  const { requests, operations } = recorder;
  const kept = operations.filter((_, index) => isKept(index));
  const rollups = operations.map((row) =>
    rollup({
      statement: row.statement,
      dependency: row.dependency,
      totalUs: row.durationUs,
      phases: row.phases,
      histogram: new Map([[bucketOf(row.durationUs), 1]]),
    }),
  );
  await store.append(batchOf({ requests, operations: kept, rollups }));
  const trace = await answers.trace(traceIdOf(lastId));
  lastId += requests.length + operations.length + 1;
  ok(trace);
  return trace;
}

function checkTrace(trace: TraceAnswer): void {
  equal(sumOf(trace.categories), trace.durationUs);
  equal(sumOf(trace.byOperation.map(({ us }) => us)), trace.durationUs);
  for (const { us, poolUs } of trace.byOperation) ok(us >= 0 && poolUs >= 0);
  for (const { id, durationUs, own } of trace.requests) {
    const waited = trace.operations
      .filter(({ request }) => request === id)
      .map(({ exclusiveUs }) => exclusiveUs);
    equal(sumOf(own.map(([, length]) => length)) + sumOf(waited), durationUs);
    for (const [index, [start, length]] of own.entries()) {
      const next = own[index + 1];
      ok(
        length > 0 && (next === undefined || next[0] >= start + length),
        'stretches are in order and do not overlap',
      );
    }
  }
  for (const { phases, durationUs } of trace.operations) equal(sumOf(phases), durationUs);
}

test('a trace: stretches and waits tile each request, and by operation they add up to the root', async () => {
  await fc.assert(
    fc.asyncProperty(randomTree, async (tree) => {
      const trace = await traceOf(tree);
      checkTrace(trace);
      for (const { own, ownCategories } of trace.requests)
        for (const { key } of CATEGORIES) {
          const us = sumOf(
            own.filter(([, , category]) => category === CategoryIndex[key]).map(([, length]) => length),
          );
          ok(us <= (ownCategories[CategoryIndex[key]] ?? 0), 'no more of a category than the request had');
        }
    }),
    { numRuns: 60 },
  );
});

test('a trace whose operations were not all kept still adds up', async () => {
  await fc.assert(
    fc.asyncProperty(randomTree, fc.array(fc.boolean(), { minLength: 5 }), async (tree, kept) => {
      checkTrace(await traceOf(tree, (index) => kept[index % kept.length] ?? true));
    }),
    { numRuns: 30 },
  );
});

test('home: categories, endpoints and dependencies add up', async () => {
  const home = await answers.home({});
  ok(home.requests > 50);
  equal(sumOf(home.categories.map(({ us }) => us)), home.totalUs);
  const entries = home.endpoints.filter(({ isEntry }) => isEntry);
  equal(sumOf(entries.map(({ totalUs }) => totalUs)), home.totalUs);
  equal(sumOf(entries.map(({ requests }) => requests)), home.requests);
  for (const row of home.endpoints) equal(sumOf(row.categories), row.totalUs);
  for (const row of home.dependencies) equal(row.poolUs + row.setupUs + row.wireUs, row.totalUs);
  const { operations, attributed, noRequest, notVisible } = home.coverage;
  equal(attributed + noRequest + notVisible, operations);
});

test('report: categories of an endpoint and phases of an operation add up to their mean, to the µs', async () => {
  const report = await answers.report({});
  ok(report.endpoints.length > 3);
  const us = (values: readonly number[]): number => sumOf(values.map((ms) => Math.round(ms * 1000)));
  for (const { ms, categories, operations } of report.endpoints) {
    equal(us(categories.map(({ msPerRequest }) => msPerRequest)), us([ms.mean]));
    for (const operation of operations) equal(us(Object.values(operation.phases)), us([operation.ms.mean]));
  }
});

test('percentiles are exact, and left out while there are too few requests', async () => {
  const duration = (index: number): number => ((index * 37) % 100) + 1;
  const some = (route: string, count: number) =>
    Array.from({ length: count }, (_, index) =>
      request({ id: ++lastId, service: 'few', route, durationUs: duration(index) }),
    );
  await store.append(
    batchOf({
      requests: [
        ...some('/9', 9),
        ...some('/10', 10),
        ...some('/99', 99),
        ...some('/100', 100),
        ...some('/500', 500),
      ],
    }),
  );
  const { endpoints } = await answers.home({});
  const of = (route: string) => {
    const { p50Us, p95Us, p99Us } = endpoints.find((row) => row.route === route)?.duration ?? {};
    return [p50Us, p95Us, p99Us];
  };
  deepEqual(of('/9'), [undefined, undefined, undefined]);
  ok(of('/10')[0] !== undefined && of('/10')[1] === undefined);
  ok(of('/99')[0] !== undefined && of('/99')[1] === undefined);
  deepEqual(of('/100'), [50, 95, undefined]);
  deepEqual(of('/500'), [50, 95, 99]);
});
