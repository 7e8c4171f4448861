// What every store must do, whatever its engine. In: a way to open an empty one and to open it again. Out: tests.
// A new engine is first added to the callers of this suite, and fails. One list, so that it is long: each test is on its own.

import { after, before, describe, test } from 'node:test';
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import fc from 'fast-check';
import type { Condition, Query } from '../../src/store/query.ts';
import {
  columns,
  count,
  max,
  min,
  numbersOf,
  quantile,
  slot,
  sum,
  sums,
  textsOf,
} from '../../src/store/query.ts';
import type { Store } from '../../src/store/store.ts';
import { allOperations, allRequests, countOf, sumsByStatement } from './store-reading.ts';
import { NOON_US, batchOf, operation, phases, processRow, request, rollup, traceIdOf } from './store-rows.ts';

export interface StoreUnderTest {
  /** An empty store of its own for each test. */
  openEmpty(): Promise<Store>;
  /** The store that `openEmpty` made last, closed and opened again. */
  reopen(store: Store): Promise<Store>;
  remove(): Promise<void>;
}

const DAY_US = 86_400_000_000;

export function storeContract(name: string, make: () => StoreUnderTest): void {
  describe(`store: ${name}`, () => {
    let subject: StoreUnderTest;
    before(() => {
      subject = make();
    });
    after(() => subject.remove());

    const withStore = (title: string, body: (store: Store) => Promise<void>): void => {
      test(title, async () => {
        const store = await subject.openEmpty();
        try {
          await body(store);
        } finally {
          await store.close();
        }
      });
    };

    withStore('gives back every column of a request', async (store) => {
      const row = request({
        id: 7,
        traceId: 'fedcba98765432100123456789abcdef',
        parentOperation: 12,
        status: 503,
        isError: true,
        isAborted: true,
        durationUs: 55,
        firstByteUs: -1,
        categories: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        ownCategories: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
        operationCount: 3,
        treeOperationCount: 4,
      });
      await store.append(batchOf({ requests: [row] }));
      deepEqual(await allRequests(store), [row]);
    });

    withStore('gives back every column of an operation', async (store) => {
      const row = operation({
        id: 9,
        request: 7,
        phases: [1, 2, 3, 4, 5, 6, 7, 8, 9],
        exclusiveUs: 40,
        isBlocking: false,
        statement: `SELECT "naïve" FROM 'ta\nble' -- 😀`,
        rows: -1,
        outcome: 'error',
        errorType: '23505',
      });
      await store.append(batchOf({ operations: [row] }));
      deepEqual(await allOperations(store), [row]);
    });

    withStore('keeps numbers beyond 32 bits exactly', async (store) => {
      const long = 3 * DAY_US + 1;
      const bytesIn = 2 ** 52 + 1;
      await store.append(
        batchOf({
          requests: [request({ id: 2 ** 40 + 1, durationUs: long })],
          operations: [operation({ id: 2 ** 41 + 1, phases: phases({ receive: long }), bytesIn })],
        }),
      );
      const [first] = await allRequests(store);
      const [second] = await allOperations(store);
      deepEqual([first?.id, first?.durationUs, second?.id], [2 ** 40 + 1, long, 2 ** 41 + 1]);
      deepEqual([second?.durationUs, second?.bytesIn], [long, bytesIn]);
    });

    test('gives back whatever rows there can be', async () => {
      const store = await subject.openEmpty();
      let id = 0;
      const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.replaceAll('\0', ''));
      const us = fc.integer({ min: 0, max: 2 ** 45 });
      const rows = fc.array(
        fc.record({
          service: text,
          statement: text,
          callSite: text,
          errorType: text,
          us,
          out: us,
          request: us,
        }),
        { maxLength: 30 },
      );
      const property = fc.asyncProperty(rows, async (parts) => {
        const from = id + 1;
        const made = parts.map(({ us: wait, out, ...part }) =>
          operation({ ...part, id: ++id, phases: phases({ wait }), bytesOut: out }),
        );
        await store.append(batchOf({ operations: made }));
        deepEqual(await allOperations(store, from), made);
      });
      await fc.assert(property, { numRuns: 20 });
      await store.close();
    });

    withStore('takes one row in so many, the same ones each time', async (store) => {
      const rows = Array.from({ length: 4000 }, (_, index) => request({ id: index + 1 }));
      await store.append(batchOf({ requests: rows }));
      const sample = async () =>
        numbersOf(
          await store.ask({
            from: 'requests',
            select: columns('id'),
            where: [{ column: 'id', oneIn: 4 }],
            orderBy: [{ by: 'id' }],
          }),
          'id',
        );
      const first = await sample();
      deepEqual(await sample(), first);
      ok(first.length > 800 && first.length < 1200, `${first.length} of 4000`);
      const even = first.filter((id) => id % 2 === 0).length / first.length;
      ok(even > 0.4 && even < 0.6, `${even} of them even`);
    });

    withStore('finds what one of several lists of conditions holds for', async (store) => {
      const rows = ['/a', '/b', '/c'].flatMap((route, index) =>
        ['GET', 'POST'].map((method, nth) => request({ id: index * 2 + nth + 1, method, route })),
      );
      await store.append(batchOf({ requests: rows }));
      const found = async (anyOf: readonly (readonly Condition[])[]) =>
        Array.from(
          numbersOf(
            await store.ask({
              from: 'requests',
              select: columns('id'),
              where: [{ anyOf }],
              orderBy: [{ by: 'id' }],
            }),
            'id',
          ),
        );
      const is = (column: string, value: string): Condition => ({ column, is: value });
      deepEqual(await found([[is('method', 'GET'), is('route', '/a')], [is('route', '/c')]]), [1, 5, 6]);
      deepEqual(await found([]), []);
      deepEqual(await found([[]]), [1, 2, 3, 4, 5, 6]);
    });

    withStore('finds by equality, by list and by range', async (store) => {
      const rows = [1, 2, 3, 4].map((id) =>
        request({
          id,
          durationUs: id * 100,
          parentOperation: id === 4 ? 9 : 0,
          route: id === 2 ? '/b' : '/a',
        }),
      );
      await store.append(batchOf({ requests: rows }));
      const found = async (where: Query['where']): Promise<number[]> => {
        const query = { from: 'requests', select: columns('id'), orderBy: [{ by: 'id' }] } as const;
        return [...numbersOf(await store.ask({ ...query, ...(where && { where }) }), 'id')];
      };
      deepEqual(await found([{ column: 'route', is: '/a' }]), [1, 3, 4]);
      deepEqual(await found([{ column: 'isEntry', is: 1 }]), [1, 2, 3]);
      deepEqual(await found([{ column: 'isEntry', is: 0 }]), [4]);
      deepEqual(await found([{ column: 'parentOperation', is: 0 }]), [1, 2, 3]);
      deepEqual(await found([{ column: 'id', isIn: [2, 4, 77] }]), [2, 4]);
      deepEqual(await found([{ column: 'id', isIn: [] }]), []);
      deepEqual(await found([{ column: 'durationUs', from: 200, to: 300 }]), [2, 3]);
      deepEqual(await found([{ column: 'durationUs', from: 300 }]), [3, 4]);
      const { atUs } = request({ id: 1 });
      deepEqual(await found([{ column: 'endUs', from: atUs + 200, to: atUs + 300 }]), [2, 3]);
      deepEqual(await found([{ column: 'durationUs' }]), [1, 2, 3, 4]);
      deepEqual(await found([{ column: 'traceId', is: traceIdOf(3) }]), [3]);
      deepEqual(await found([{ column: 'traceId', isIn: [traceIdOf(1), traceIdOf(2)] }]), [1, 2]);
      deepEqual(await found([{ column: 'traceId', is: "no' trace" }]), []);
      deepEqual(await found([{ column: 'service', is: "x' OR 1=1 --" }]), []);
      deepEqual(
        await found([
          { column: 'route', is: '/a' },
          { column: 'durationUs', to: 100 },
        ]),
        [1],
      );
    });

    withStore('counts, sums and orders by group', async (store) => {
      const rows = [1, 2, 3, 4, 5].map((id) =>
        request({ id, durationUs: id * 10, isError: id === 5, route: id % 2 === 0 ? '/even' : '/odd' }),
      );
      await store.append(batchOf({ requests: rows }));
      const table = await store.ask({
        from: 'requests',
        select: {
          ...columns('route'),
          n: count(),
          errors: sum('isError'),
          ...sums('durationUs'),
          least: min('durationUs'),
          most: max('durationUs'),
        },
        orderBy: [{ by: 'durationUs', descending: true }],
      });
      deepEqual(table.names, ['route', 'n', 'errors', 'durationUs', 'least', 'most']);
      deepEqual(textsOf(table, 'route'), ['/odd', '/even']);
      deepEqual([...numbersOf(table, 'n')], [3, 2]);
      deepEqual([...numbersOf(table, 'errors')], [1, 0]);
      deepEqual([...numbersOf(table, 'durationUs')], [90, 60]);
      deepEqual([...numbersOf(table, 'least')], [10, 20]);
      deepEqual([...numbersOf(table, 'most')], [50, 40]);
    });

    withStore('finds exact quantiles: the smallest value with enough at or below it', async (store) => {
      const rows = Array.from({ length: 100 }, (_, index) =>
        request({ id: index + 1, durationUs: 100 - index }),
      );
      await store.append(batchOf({ requests: rows }));
      const table = await store.ask({
        from: 'requests',
        select: {
          p50: quantile('durationUs', 0.5),
          p95: quantile('durationUs', 0.95),
          p99: quantile('durationUs', 0.99),
        },
      });
      deepEqual(
        [numbersOf(table, 'p50')[0], numbersOf(table, 'p95')[0], numbersOf(table, 'p99')[0]],
        [50, 95, 99],
      );
    });

    withStore('puts times into slots', async (store) => {
      const rows = [0, 9, 10, 25].map((at, index) => request({ id: index + 1, atUs: NOON_US + at }));
      await store.append(batchOf({ requests: rows }));
      const table = await store.ask({
        from: 'requests',
        select: { slot: slot('atUs', NOON_US, 10), n: count() },
        orderBy: [{ by: 'slot' }],
      });
      deepEqual([...numbersOf(table, 'slot')], [0, 1, 2]);
      deepEqual([...numbersOf(table, 'n')], [2, 1, 1]);
    });

    withStore('an empty store answers with no rows, no sum and no maximum', async (store) => {
      const rows = await store.ask({ from: 'operations', select: columns('id', 'statement') });
      deepEqual([rows.rowCount, rows.names, textsOf(rows, 'statement')], [0, ['id', 'statement'], []]);
      const total = await store.ask({
        from: 'requests',
        select: { n: count(), us: sum('durationUs'), most: max('durationUs') },
      });
      deepEqual(
        [numbersOf(total, 'n')[0], numbersOf(total, 'us')[0], numbersOf(total, 'most')[0]],
        [0, 0, Number.NaN],
      );
      deepEqual(await store.lastIds(), { request: 0, operation: 0, process: 0, connection: 0 });
    });

    withStore('limits after ordering', async (store) => {
      await store.append(batchOf({ requests: [3, 1, 2].map((id) => request({ id, durationUs: id })) }));
      const table = await store.ask({
        from: 'requests',
        select: columns('id'),
        orderBy: [{ by: 'id', descending: true }],
        limit: 2,
      });
      deepEqual([...numbersOf(table, 'id')], [3, 2]);
    });

    withStore(
      'sums of the same place add up, whenever they came, and so do their histograms',
      async (store) => {
        const minute = NOON_US / 60_000_000;
        const first = rollup({
          minute,
          count: 2,
          totalUs: 300,
          histogram: new Map([
            [10, 1],
            [20, 1],
          ]),
        });
        const second = rollup({ minute, count: 1, totalUs: 50, histogram: new Map([[10, 1]]) });
        await store.append(batchOf({ rollups: [first] }));
        await store.append(batchOf({ rollups: [rollup({ minute: minute + 1, statement: 'COMMIT' })] }));
        await store.append(batchOf({ rollups: [second] }));
        await store.append(batchOf({ rollups: [rollup({ minute: minute + 9, statement: 'COMMIT' })] }));
        const expected = [
          ['COMMIT', 2, 200],
          [first.statement, 3, 350],
        ];
        deepEqual(await sumsByStatement(store), expected);
        const reopened = await subject.reopen(store);
        deepEqual(await sumsByStatement(reopened), expected);
        const buckets = await reopened.ask({
          from: 'histograms',
          select: { ...columns('bucket'), ...sums('count') },
          where: [
            { column: 'statement', is: first.statement },
            { column: 'minute', to: minute },
          ],
          orderBy: [{ by: 'bucket' }],
        });
        deepEqual(
          [[...numbersOf(buckets, 'bucket')], [...numbersOf(buckets, 'count')]],
          [
            [10, 20],
            [2, 1],
          ],
        );
        await reopened.close();
      },
    );

    withStore('later counters and processes replace earlier ones', async (store) => {
      const counter = (process: number, value: number) => ({ process, name: 'operations.seen', value });
      await store.append(
        batchOf({ counters: [counter(1, 5), counter(2, 7)], processes: [processRow({ id: 1 })] }),
      );
      await store.append(
        batchOf({
          counters: [counter(1, 6)],
          processes: [processRow({}), processRow({ notVisible: ['pg-native'] })],
        }),
      );
      const counters = await store.ask({
        from: 'counters',
        select: columns('process', 'value'),
        orderBy: [{ by: 'process' }],
      });
      deepEqual([...numbersOf(counters, 'value')], [6, 7]);
      const processes = await store.ask({ from: 'processes', select: columns('id', 'notVisible', 'pid') });
      deepEqual([processes.rowCount, textsOf(processes, 'notVisible')], [1, ['["pg-native"]']]);
    });

    withStore('what happened to findings stays, in the order in which it was told', async (store) => {
      const change = (findingId: string, atUs: number, state: 'open' | 'ignored') => ({
        findingId,
        atUs,
        state,
        isByPerson: state === 'ignored',
        note: 'für später',
        data: '{"a":1}',
      });
      await store.append(
        batchOf({ findingChanges: [change('a', NOON_US, 'open'), change('b', NOON_US, 'open')] }),
      );
      await store.append(batchOf({ findingChanges: [change('a', NOON_US + 1, 'ignored')] }));
      const table = await store.ask({
        from: 'findingChanges',
        select: columns('findingId', 'atUs', 'state', 'isByPerson', 'note', 'data'),
        where: [{ column: 'findingId', is: 'a' }],
        orderBy: [{ by: 'atUs' }],
      });
      deepEqual(textsOf(table, 'state'), ['open', 'ignored']);
      deepEqual([...numbersOf(table, 'isByPerson')], [0, 1]);
      deepEqual([textsOf(table, 'note')[1], textsOf(table, 'data')[1]], ['für später', '{"a":1}']);
    });

    withStore(
      'what is known of equal questions comes back, and so does that nothing is known',
      async (store) => {
        await store.append(
          batchOf({ operations: [operation({ id: 1, repeatAgeUs: 12_345 }), operation({ id: 2 })] }),
        );
        const table = await store.ask({
          from: 'operations',
          select: columns('id', 'repeatAgeUs'),
          orderBy: [{ by: 'id' }],
        });
        deepEqual([...numbersOf(table, 'repeatAgeUs')], [12_345, -1]);
      },
    );

    withStore('knows the highest ids, also after it was opened again', async (store) => {
      await store.append(
        batchOf({
          requests: [request({ id: 17 }), request({ id: 3 })],
          operations: [operation({ id: 40, connection: 8 }), operation({ id: 41, connection: 6 })],
          processes: [processRow({ id: 4 })],
        }),
      );
      const expected = { request: 17, operation: 41, process: 4, connection: 8 };
      deepEqual(await store.lastIds(), expected);
      const reopened = await subject.reopen(store);
      deepEqual(await reopened.lastIds(), expected);
      await reopened.close();
    });

    withStore(
      'a batch that cannot be kept leaves nothing behind, and the next one is whole',
      async (store) => {
        const broken = { process: 1, name: 'broken', value: Number.NaN };
        const batch = batchOf({ requests: [request({ id: 1 })], operations: [operation({ id: 1 })] });
        await rejects(store.append({ ...batch, counters: [broken] }), { name: 'StoreError' });
        equal((await allOperations(store)).length, 0);
        await store.append(batch);
        deepEqual(await allOperations(store), batch.operations);
        deepEqual(await allRequests(store), batch.requests);
      },
    );

    withStore('a question about a column that does not exist is refused', async (store) => {
      await rejects(store.ask({ from: 'requests', select: columns('nonsense') }), { name: 'StoreError' });
      await rejects(store.ask({ from: 'requests', select: { n: sum('route') } }), { name: 'StoreError' });
      equal((await store.ask({ from: 'requests', select: { n: count() } })).rowCount, 1);
    });

    withStore('answers while it appends, and sees whole batches only', async (store) => {
      const size = 500;
      const appending = appendBatches(store, 20, size);
      const state = { isDone: false };
      void appending.finally(() => {
        state.isDone = true;
      });
      let asked = 0;
      while (!state.isDone) {
        const seen = await Promise.all([countOf(store, 'requests'), countOf(store, 'operations')]);
        for (const rows of seen) equal(rows % size, 0);
        asked++;
      }
      await appending;
      ok(asked > 0);
      equal(await countOf(store, 'operations'), 20 * size);
    });

    withStore('forgets whole days that are too old, and rollups later', async (store) => {
      const days = [0, 1, 2, 3, 4];
      await store.append(
        batchOf({
          requests: days.map((day) => request({ id: day + 1, atUs: NOON_US - day * DAY_US })),
          operations: days.map((day) => operation({ id: day + 1, atUs: NOON_US - day * DAY_US })),
          rollups: days.map((day) => rollup({ minute: (NOON_US - day * DAY_US) / 60_000_000 })),
        }),
      );
      const limits = { now: NOON_US / 1000, maxAgeDays: 2, maxBytes: 2 ** 30, rollupMaxAgeDays: 3 };
      deepEqual(await store.expire(limits), { requests: 2, operations: 2 });
      deepEqual(
        (await allRequests(store)).map(({ id }) => id),
        [1, 2, 3],
      );
      equal(await countOf(store, 'rollups'), 4);
      equal(await countOf(store, 'histograms'), 4);
      deepEqual(await store.expire(limits), { requests: 0, operations: 0 });
    });

    withStore('forgets the oldest days when there is too much', async (store) => {
      for (const day of [0, 1, 2])
        await appendBatches(store, 1, 20_000, NOON_US - day * DAY_US, day * 20_000);
      const limits = { now: NOON_US / 1000, maxAgeDays: 99, maxBytes: 1, rollupMaxAgeDays: 99 };
      deepEqual(await store.expire(limits), { requests: 40_000, operations: 40_000 });
      equal(await countOf(store, 'operations'), 20_000);
    });
  });
}

async function appendBatches(
  store: Store,
  batches: number,
  size: number,
  atUs = NOON_US,
  lastId = 0,
): Promise<void> {
  for (let batch = 0; batch < batches; batch++) {
    const ids = Array.from({ length: size }, (_, index) => lastId + batch * size + index + 1);
    await store.append(
      batchOf({
        requests: ids.map((id) => request({ id, atUs })),
        operations: ids.map((id) => operation({ id, request: id, atUs })),
      }),
    );
  }
}
