import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceAnswer } from '../../../src/answer/api.ts';
import { inColumns } from '../../../src/model/trace-columns.ts';
import { buildTree } from '../../../src/ui/canvas/rows.ts';
import { typicalTimes } from '../../../src/ui/canvas/typical.ts';
import { cartTrace } from '../shop.ts';

const treeOf = (trace: TraceAnswer) => {
  const answer = inColumns(trace);
  return { answer, tree: buildTree(answer) };
};

test('a trace beside itself: everything has its counterpart at the same time', () => {
  const trace = treeOf(cartTrace());
  const { startUs, endUs } = typicalTimes(trace, trace);
  assert.deepEqual([...startUs], [...trace.tree.startUs]);
  assert.deepEqual([...endUs], [...trace.tree.endUs]);
});

test('what the typical one does not do has no counterpart; equal calls are told apart by their number', () => {
  const answer = cartTrace();
  const last = answer.operations.filter(({ statement }) => statement.includes('FROM products')).at(-1);
  assert.ok(last);
  const fewer: TraceAnswer = { ...answer, operations: answer.operations.filter(({ id }) => id !== last.id) };
  const trace = treeOf(answer);
  const { startUs } = typicalTimes(trace, treeOf(fewer));
  const without = [...startUs].flatMap((us, node) =>
    Number.isNaN(us) ? [trace.tree.operation[node] ?? -1] : [],
  );
  assert.deepEqual(
    without.map((operation) => answer.operations[operation]?.id),
    [last.id],
  );
  const reversed = typicalTimes(treeOf(fewer), trace);
  assert.ok(![...reversed.startUs].some(Number.isNaN));
});
