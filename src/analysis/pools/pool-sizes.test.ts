import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recording } from '../../../test/contracts/recorded-requests.ts';
import { poolsOf } from '../sample/connection-use.ts';
import { poolSizes, type PoolSizes } from './pool-sizes.ts';

/** `together` requests at a time, one query of 10 ms each, over two connections: they wait in pairs. */
function starved(together: number) {
  const recording = new Recording();
  for (let round = 0; round < 40; round++)
    for (let nth = 0; nth < together; nth++)
      recording.add({
        // Each a little after the one before: the line has an order.
        atUs: 1_000_000 + round * 200_000 + nth * 10,
        operations: [
          {
            gapUs: 0,
            connection: 1 + (nth % 2),
            phases: { pool: Math.max(0, Math.floor(nth / 2) * (10_000 - 20)), wait: 10_000 },
          },
        ],
      });
  const sample = recording.sample();
  const [pool] = poolsOf(sample.nodes);
  assert.ok(pool);
  return { sample, pool };
}

function sizesOf({ sample, pool }: ReturnType<typeof starved>): PoolSizes {
  const steps = poolSizes(sample, pool);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

test('the first row is as recorded, and every larger pool has less of a line', () => {
  const { sizes, endpoint } = sizesOf(starved(8));
  const [now] = sizes;
  assert.equal(now?.connections, 2);
  assert.equal(now?.waitShare, 6 / 8);
  assert.equal(now?.p95WaitUs, 3 * (10_000 - 20));
  assert.ok(endpoint);
  for (const [index, size] of sizes.entries()) {
    const before = sizes[index - 1];
    if (before === undefined) continue;
    assert.ok(size.connections > before.connections);
    assert.ok(size.waitShare <= before.waitShare, `${size.connections}`);
    assert.ok((size.p95Us ?? 0) <= (before.p95Us ?? 0));
  }
  const enough = sizes.find(({ isEnough }) => isEnough);
  assert.equal(enough?.connections, 8, 'eight at once need eight');
  assert.equal(enough?.p95WaitUs, 0);
});

test('when nobody waits, there is no endpoint to gain', () => {
  const { sizes, endpoint } = sizesOf(starved(2));
  assert.equal(endpoint, undefined);
  assert.equal(sizes[0]?.waitShare, 0);
  assert.equal(sizes[0]?.p95Us, undefined);
});
