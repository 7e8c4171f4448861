// A recording that has something on every page: two services, a pool of two that is too small, a connection for every call to an
// API outside, a traced callee. In: nothing. Out: one batch for a store. Whole µs, no chance.

import type { OperationRow, RequestRow, RollupRow } from '../../src/model/row.ts';
import { bucketOf } from '../../src/base/histogram.ts';
import type { Batch } from '../../src/store/store.ts';
import {
  batchOf,
  categories,
  NOON_US,
  operation,
  phases,
  processRow,
  request,
  rollup,
  traceIdOf,
} from '../contracts/store-rows.ts';

const REQUESTS = 120;
const GAP_US = 2_500;
/** A query under way, and everyone waits for the one before on the same connection. */
const QUERY_US = 6_000;

/** Request 10·n of gateway asks cart (10·n + 1), which asks Postgres, and a payments API. */
export function fullRecording(): Batch {
  const requests: RequestRow[] = [];
  const operations: OperationRow[] = [];
  const free = [0, 0];
  for (let n = 1; n <= REQUESTS; n++) {
    const [id, at] = [n * 10, n * GAP_US];
    const lane = n % 2;
    const granted = Math.max(at, free[lane] ?? 0);
    const [pool, db, ext, conn] = [granted - at, QUERY_US, 2_000 + n * 10, 1_000];
    free[lane] = granted + db;
    const inside = pool + db;
    const own = 500;
    const total = inside + 300 + ext + conn + own;
    const root = { traceId: traceIdOf(id), atUs: NOON_US + at };
    const isError = n % 30 === 0;
    requests.push(
      request({
        ...root,
        id,
        service: 'gateway',
        route: '/api/cart/:id',
        durationUs: total,
        status: isError ? 500 : 200,
        isError,
        categories: categories({ own, pool, db, http: 300, ext, conn }),
        ownCategories: categories({ own, http: inside + 300, ext, conn }),
        operationCount: 2,
        treeOperationCount: 3,
      }),
      request({
        ...root,
        id: id + 1,
        process: 2,
        service: 'cart',
        route: '/carts/:id',
        parentOperation: id,
        atUs: NOON_US + at + 150,
        durationUs: inside,
        categories: categories({ pool, db }),
        operationCount: 1,
        treeOperationCount: 1,
      }),
    );
    operations.push(
      operation({
        ...GATEWAY,
        id,
        request: id,
        protocol: 'http',
        category: 'http',
        statement: 'GET /carts/:id',
        dependency: 'cart',
        callSite: 'gateway/src/routes/cart.js:22:14',
        connection: 40,
        nthOnConnection: n,
        atUs: NOON_US + at,
        phases: phases({ wait: inside + 300 }),
      }),
      operation({
        id: id + 1,
        request: id + 1,
        process: 2,
        service: 'cart',
        dependency: 'Postgres shop',
        statement: 'SELECT id, name FROM products WHERE id = $1',
        callSite: 'cart/src/routes/carts.js:41:18',
        connection: 50 + lane,
        nthOnConnection: n,
        atUs: NOON_US + at + 150,
        phases: phases({ pool, wait: db }),
      }),
      operation({
        ...GATEWAY,
        id: id + 2,
        request: id,
        protocol: 'http',
        category: 'ext',
        statement: 'POST /charge',
        dependency: 'payments.example',
        callSite: 'gateway/src/payments.js:33:5',
        connection: 1000 + n,
        nthOnConnection: 1,
        atUs: NOON_US + at + inside + 300,
        phases: phases({ tcp: conn, wait: ext }),
      }),
    );
  }
  return batchOf({
    processes: [processRow({ id: 1, service: 'gateway' }), processRow({ id: 2, service: 'cart', pid: 4712 })],
    requests,
    operations,
    rollups: rollupsOf(operations, requests),
    // No connection to the API is used twice.
    closings: operations
      .filter(({ category }) => category === 'ext')
      .map(({ connection, atUs, durationUs }) => ({ connection, atUs: atUs + durationUs + 50 })),
  });
}

const GATEWAY = { service: 'gateway', process: 1 } as const;

/** Exact sums of the minute, as the collector makes them. */
function rollupsOf(operations: readonly OperationRow[], requests: readonly RequestRow[]): RollupRow[] {
  const found = new Map<string, RollupRow>();
  for (const each of operations) {
    const cause = requests.find(({ id }) => id === each.request);
    const { service, protocol, category, statement, dependency, callSite } = each;
    const key = `${service} ${statement}`;
    const before =
      found.get(key) ??
      rollup({
        service,
        method: cause?.method ?? '',
        route: cause?.route ?? '',
        protocol,
        category,
        statement,
        dependency,
        callSite,
        count: 0,
        totalUs: 0,
        exclusiveUs: 0,
        bytesIn: 0,
        bytesOut: 0,
        rows: 0,
        phases: phases({}),
        histogram: new Map(),
      });
    const bucket = bucketOf(each.durationUs);
    found.set(key, {
      ...before,
      count: before.count + 1,
      totalUs: before.totalUs + each.durationUs,
      exclusiveUs: before.exclusiveUs + each.exclusiveUs,
      phases: before.phases.map((us, index) => us + (each.phases[index] ?? 0)),
      bytesIn: before.bytesIn + each.bytesIn,
      bytesOut: before.bytesOut + each.bytesOut,
      newConnections: before.newConnections + (category === 'ext' ? 1 : 0),
      histogram: new Map([...before.histogram, [bucket, (before.histogram.get(bucket) ?? 0) + 1]]),
    });
  }
  return [...found.values()];
}
