import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inColumns } from '../../../src/model/trace-columns.ts';
import { repeatsIn } from '../../../src/base/repeats.ts';
import { buildTree, defaultOpen, NodeKind, visibleRows } from '../../../src/ui/canvas/rows.ts';
import { cartTrace, reindexTrace } from '../shop.ts';

const repeats = (text: string) =>
  repeatsIn([...text]).map(({ from, period, times }) => [from, period, times]);

test('a pattern is found from four times on, with what stands before, between and after', () => {
  assert.deepEqual(repeats('abcabcabc'), []);
  assert.deepEqual(repeats('abcabcabcabc'), [[0, 3, 4]]);
  assert.deepEqual(repeats('xyabababababz'), [[2, 2, 5]]);
  assert.deepEqual(repeats('aaaaaa'), [[0, 1, 6]]);
  assert.deepEqual(repeats('ababababcdcdcdcd'), [
    [0, 2, 4],
    [8, 2, 4],
  ]);
  assert.deepEqual(repeats(''), []);
});

test('whatever the keys: stretches do not overlap, and each really repeats', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 }), (keys) => {
      let end = 0;
      for (const { from, period, times } of repeatsIn(keys)) {
        assert.ok(from >= end && times >= 4 && period >= 1);
        end = from + period * times;
        assert.ok(end <= keys.length);
        for (let at = from + period; at < end; at++) assert.equal(keys[at], keys[at - period]);
      }
    }),
  );
});

test('a large trace: 40 times the same batch is one row; unfolded, everything is there', () => {
  const answer = reindexTrace();
  const tree = buildTree(inColumns(answer));
  const groups = Array.from({ length: tree.count }, (_, node) => node).filter(
    (node) => tree.kind[node] === NodeKind.group,
  );
  assert.equal(groups.length, 1);
  assert.equal(tree.times[groups[0] ?? 0], 40);
  assert.equal(visibleRows(tree, defaultOpen(tree), 0).nodes.length, 2);
  const all = visibleRows(tree, new Uint8Array(tree.count).fill(1), 0);
  assert.equal(all.nodes.length, tree.count);
  const operations = [...tree.kind].filter((kind) => kind === NodeKind.operation).length;
  assert.equal(operations + answer.requests.length - 1, answer.operations.length);
});

test('a small trace has no groups', () =>
  assert.ok(!buildTree(inColumns(cartTrace())).kind.includes(NodeKind.group)));
