import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { CallGroup, CallMeans, CallNode } from '../../../src/answer/api.ts';
import type { CategoryKey } from '../../../src/model/category.ts';
import { callBlocks, callRows } from '../../../src/ui/canvas/call-rows.ts';
import { categories } from '../../contracts/store-rows.ts';

type Parts = Partial<Record<CategoryKey, number>>;

function node(
  depth: number,
  kind: CallNode['kind'],
  name: string,
  means: Partial<Record<CallGroup, readonly [number, Parts]>>,
): CallNode {
  const of = (group: CallGroup): CallMeans => {
    const [calls, parts] = means[group] ?? [0, {}];
    return { calls, self: categories(parts) };
  };
  return {
    kind,
    depth,
    name,
    service: 'shop',
    category: 'db',
    dependency: 'Postgres',
    callSite: '',
    meanUs: 1,
    p95Us: undefined,
    isParallel: false,
    means: { all: of('all'), typical: of('typical'), slow: of('slow') },
  };
}

/** GET /a: own 100; SELECT 50 with 10 of pool wait; a call to cart with 20 of network, in it own 30 and SELECT 40. */
const TREE: readonly CallNode[] = [
  node(0, 'request', 'GET /a', {
    all: [1, { own: 100 }],
    slow: [1, { own: 100 }],
    typical: [1, { own: 120 }],
  }),
  node(1, 'call', 'SELECT 1', {
    all: [2, { db: 40, pool: 10 }],
    slow: [3, { db: 60 }],
    typical: [2, { db: 40 }],
  }),
  node(1, 'call', 'GET /cart', { all: [1, { http: 20 }] }),
  node(2, 'request', 'GET /cart', { all: [1, { own: 30 }] }),
  node(3, 'call', 'SELECT 2', { all: [1, { db: 40 }] }),
  node(1, 'call', 'only slow', { slow: [1, { db: 5 }] }),
];

test('a call and what it caused are one row; each row has what is below it', () => {
  const rows = callRows(TREE, 'all');
  deepEqual(
    rows.map(({ node, depth, us, parent }) => [node.name, depth, us, parent]),
    [
      ['GET /a', 0, 240, -1],
      ['SELECT 1', 1, 50, 0],
      ['GET /cart', 1, 90, 0],
      ['SELECT 2', 2, 40, 2],
    ],
  );
  equal(rows[2]?.callee?.kind, 'request');
  deepEqual(rows[2]?.self, categories({ http: 20, own: 30 }));
});

test('the difference has what either side has, with its sign', () => {
  const rows = callRows(TREE, 'difference');
  deepEqual(
    rows.map(({ node, us, calls }) => [node.name, us, calls]),
    [
      ['GET /a', 5, 0],
      ['SELECT 1', 20, 1],
      ['only slow', 5, 1],
    ],
  );
});

test('blocks of a level do not overlap, and the children of a block fill it', () => {
  const rows = callRows(TREE, 'all');
  const blocks = callBlocks(rows, 0);
  for (const level of [0, 1, 2, 3]) {
    const inLevel = blocks.filter((block) => block.level === level).toSorted((a, b) => a.x - b.x);
    inLevel.forEach((block, index) => {
      const next = inLevel[index + 1];
      ok(next === undefined || block.x + block.width <= next.x + 1e-9);
    });
  }
  const widthAt = (level: number) =>
    blocks.filter((block) => block.level === level).reduce((sum, { width }) => sum + width, 0);
  ok(Math.abs(widthAt(0) - 1) < 1e-9);
  ok(Math.abs(widthAt(1) - 1) < 1e-9);
  ok(Math.abs(widthAt(2) - 90 / 240) < 1e-9);
});

test('zoomed in, a row is the whole', () => {
  const rows = callRows(TREE, 'all');
  const [first] = callBlocks(rows, 2);
  deepEqual([first?.row, first?.width, first?.us], [2, 1, 90]);
  deepEqual(callBlocks(rows, 9), []);
});
