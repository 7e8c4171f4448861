import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CategoryIndex } from '../../../src/model/category.ts';
import { inColumns } from '../../../src/model/trace-columns.ts';
import { buildBarData } from '../../../src/ui/canvas/bar-data.ts';
import { findCriticalPath } from '../../../src/ui/canvas/critical-path.ts';
import { rangeSums } from '../../../src/ui/canvas/range-sums.ts';
import { buildTree } from '../../../src/ui/canvas/rows.ts';
import { cartTrace, reindexTrace } from '../shop.ts';

function partsOf(trace: ReturnType<typeof cartTrace>) {
  const data = inColumns(trace);
  const [tree, bars] = [buildTree(data), buildBarData(data)];
  return { tree, bars, path: findCriticalPath(data, tree, bars) };
}

for (const [name, trace] of [
  ['cart', cartTrace()],
  ['reindex', reindexTrace()],
] as const) {
  const parts = partsOf(trace);

  test(`${name}: the whole trace as a stretch is what the head of the page says, by category`, () => {
    const { categories, totalUs } = rangeSums(parts, { from: -1e9, to: 1e9 });
    assert.equal(totalUs, trace.durationUs);
    assert.deepEqual([...categories], [...trace.categories]);
  });

  test(`${name}: whatever the stretch, its parts add up, and two neighbours are what both are together`, () => {
    const at = fc.integer({ min: -1000, max: trace.durationUs + 1000 });
    fc.assert(
      fc.property(at, at, at, (...unsorted) => {
        const [a = 0, b = 0, c = 0] = unsorted.toSorted((x, y) => x - y);
        const [left, right, both] = [
          rangeSums(parts, { from: a, to: b }),
          rangeSums(parts, { from: b, to: c }),
          rangeSums(parts, { from: a, to: c }),
        ];
        const inside = Math.max(0, Math.min(trace.durationUs, c) - Math.max(0, a));
        assert.equal(both.totalUs, inside);
        assert.equal(
          both.categories.reduce((sum, us) => sum + us, 0),
          inside,
        );
        both.categories.forEach((us, category) =>
          assert.equal((left.categories[category] ?? 0) + (right.categories[category] ?? 0), us),
        );
        assert.equal(
          [...both.nodes.values()].reduce((sum, us) => sum + us, 0),
          inside,
        );
      }),
      { numRuns: 100 },
    );
  });
}

test('nothing ran outside of the trace', () => {
  const { totalUs, categories, nodes } = rangeSums(partsOf(cartTrace()), { from: -50, to: -1 });
  assert.deepEqual([totalUs, nodes.size, categories[CategoryIndex.db]], [0, 0, 0]);
});
