import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PoolOperations } from '../../../src/answer/api.ts';
import { geometryOf, operationAt, poolLanes } from '../../../src/ui/canvas/pool-lanes.ts';

/** joined, granted, done, connection. */
function operations(all: readonly (readonly [number, number, number, number])[]): PoolOperations {
  const zeros = all.map(() => 0);
  return {
    originUs: 0,
    joined: all.map(([joined]) => joined),
    granted: all.map(([, granted]) => granted),
    ready: all.map(([, granted]) => granted),
    done: all.map(([, , done]) => done),
    connection: all.map(([, , , connection]) => connection),
    isNew: zeros,
    user: zeros,
    trace: zeros,
    operation: all.map((_, index) => index),
  };
}

test('the height of the line is its length; a place that is free again is taken', () => {
  const lanes = poolLanes(
    operations([
      [0, 3000, 4000, 7],
      [1000, 4000, 5000, 8],
      [3500, 5000, 6000, 7],
      [4500, 4600, 7000, 9],
    ]),
  );
  deepEqual(Array.from(lanes.place), [0, 1, 0, -1]);
  deepEqual([lanes.places, lanes.connections], [2, [7, 8, 9]]);
  deepEqual(Array.from(lanes.lane), [0, 1, 0, 2]);
});

test('nobody is in two places, no place holds two', () => {
  const call = fc
    .tuple(fc.nat(10_000), fc.nat(5000))
    .map(([at, wait]) => [at, at + wait, at + wait + 1, 1] as const);
  fc.assert(
    fc.property(fc.array(call, { maxLength: 40 }), (unsorted) => {
      const all = unsorted.toSorted((a, b) => a[0] - b[0]);
      const { place, places } = poolLanes(operations(all));
      all.forEach(([joined, granted], index) => {
        equal((place[index] ?? -1) >= 0, granted - joined >= 500);
        all.forEach(([otherJoined, otherGranted], other) => {
          if (other <= index || place[index] !== place[other] || (place[index] ?? -1) < 0) return;
          ok(otherJoined >= granted || joined >= otherGranted);
        });
      });
      ok(places <= all.length);
    }),
  );
});

test('what is under the pointer is what is drawn there', () => {
  const all = operations([
    [0, 50_000, 60_000, 1],
    [0, 0, 50_000, 1],
  ]);
  const lanes = poolLanes(all);
  const geometry = geometryOf(lanes, 1000);
  const xOf = (us: number) => geometry.left + (us / 100_000) * (geometry.right - geometry.left);
  const at = (us: number, y: number) => operationAt(all, lanes, geometry, 100_000, xOf(us), y);
  equal(at(25_000, geometry.lineBottom - 2), 0);
  equal(at(25_000, geometry.lanesTop + 5), 1);
  equal(at(55_000, geometry.lanesTop + 5), 0);
  equal(at(90_000, geometry.lanesTop + 5), -1);
});
