// A recording small enough to be worked out by hand: two entry requests, one of them with a traced callee. Times are µs.

import type { Batch } from '../../src/store/store.ts';
import {
  NOON_US,
  batchOf,
  categories,
  operation,
  phases,
  processRow,
  request,
  rollup,
  traceIdOf,
} from './store-rows.ts';

export const SELECT = 'SELECT * FROM cart WHERE id = $1';
export const NOON = NOON_US / 1000;
const MINUTE = NOON_US / 60_000_000;

/**
 * gateway GET /cart/:id, 1000 long:          |0 own 100| SELECT 250 |350 own| SELECT 100 |500 own| POST /quote 300 |900 own 1000|
 *   pricing POST /quote inside of it:                                            at 650, 200 long: own 50, Redis 120, own 30
 * gateway POST /order, two minutes later, 3000 long, all of it one INSERT, which failed.
 */
export function smallRecording(): Batch {
  const gateway = { service: 'gateway', route: '/cart/:id' } as const;
  const quote = { service: 'gateway', protocol: 'http', category: 'http', dependency: 'pricing' } as const;
  return batchOf({
    requests: [
      request({
        ...gateway,
        id: 1,
        durationUs: 1000,
        categories: categories({ own: 330, loop: 60, pool: 150, db: 200, cache: 120, http: 100, other: 40 }),
        ownCategories: categories({ own: 250, loop: 60, pool: 150, db: 200, http: 300, other: 40 }),
        treeOperationCount: 5,
      }),
      request({
        id: 2,
        traceId: traceIdOf(1),
        parentOperation: 4,
        service: 'pricing',
        method: 'POST',
        route: '/quote',
        atUs: NOON_US + 650,
        durationUs: 200,
        categories: categories({ own: 80, cache: 120 }),
      }),
      request({
        id: 3,
        service: 'gateway',
        method: 'POST',
        route: '/order',
        status: 500,
        isError: true,
        atUs: NOON_US + 120_000_000,
        durationUs: 3000,
        categories: categories({ db: 3000 }),
      }),
    ],
    operations: [
      operation({
        id: 1,
        atUs: NOON_US + 100,
        phases: phases({ pool: 150, send: 10, wait: 80, receive: 10 }),
      }),
      operation({ id: 2, atUs: NOON_US + 400, phases: phases({ wait: 100 }) }),
      // In parallel with the second SELECT, which ended after it: nobody waited for it.
      operation({
        id: 3,
        atUs: NOON_US + 450,
        phases: phases({ wait: 30 }),
        statement: 'SELECT 1',
        exclusiveUs: 0,
        isBlocking: false,
      }),
      operation({
        ...quote,
        id: 4,
        statement: 'POST /quote',
        atUs: NOON_US + 600,
        phases: phases({ send: 10, wait: 280, receive: 10 }),
      }),
      operation({
        id: 5,
        request: 2,
        service: 'pricing',
        protocol: 'redis',
        category: 'cache',
        dependency: 'Redis',
        statement: 'GET price:*',
        atUs: NOON_US + 700,
        phases: phases({ wait: 120 }),
      }),
    ],
    rollups: [
      rollup({
        ...gateway,
        count: 2,
        totalUs: 350,
        exclusiveUs: 350,
        phases: phases({ pool: 150, send: 10, wait: 180, receive: 10 }),
        histogram: new Map([
          [107, 1],
          [127, 1],
        ]),
      }),
      rollup({
        ...gateway,
        count: 1,
        totalUs: 30,
        exclusiveUs: 0,
        statement: 'SELECT 1',
        phases: phases({ wait: 25, own: 5 }),
      }),
      rollup({
        ...gateway,
        role: 'setup',
        attribution: 'none',
        statement: 'login',
        totalUs: 50,
        phases: phases({ tcp: 20, wait: 30 }),
        newConnections: 1,
      }),
      rollup({
        ...gateway,
        ...quote,
        count: 1,
        totalUs: 300,
        exclusiveUs: 300,
        statement: 'POST /quote',
        phases: phases({ wait: 300 }),
      }),
      rollup({
        minute: MINUTE + 2,
        service: 'gateway',
        method: 'POST',
        route: '/order',
        statement: 'INSERT',
        attribution: 'hidden',
        count: 4,
        errors: 1,
        totalUs: 3000,
        exclusiveUs: 3000,
        phases: phases({ wait: 3000 }),
      }),
    ],
    processes: [
      processRow({ id: 1, service: 'gateway', notVisible: ['pg-native'] }),
      processRow({ id: 2, service: 'pricing', runtime: 'python', version: '3.12' }),
      processRow({ id: 3, service: 'pricing', runtime: 'python', version: '3.12' }),
    ],
    counters: [
      { process: 1, name: 'records.droppedByAgent', value: 3 },
      { process: 1, name: 'decode.postgres.resyncs', value: 2 },
      { process: 2, name: 'decode.postgres.resyncs', value: 1 },
      { process: 2, name: 'cores.ranUs', value: 400 },
      { process: 2, name: 'cores.throttledUs', value: 90 },
      { process: 3, name: 'cores.ranUs', value: 500 },
      { process: 3, name: 'cores.waitedUs', value: 100 },
      { process: 3, name: 'cores.throttledUs', value: 70 },
    ],
  });
}
