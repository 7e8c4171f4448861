import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inColumns } from '../../../src/model/trace-columns.ts';
import { buildTree, NodeKind } from '../../../src/ui/canvas/rows.ts';
import { rowJson } from '../../../src/ui/state/row-json.ts';
import { extremesOf, kindKey } from '../../../src/ui/canvas/call-extremes.ts';
import { matchesOf, nextRow, rowsWith } from '../../../src/ui/canvas/find.ts';
import { defaultOpen, visibleRows } from '../../../src/ui/canvas/rows.ts';
import { cartTrace } from '../shop.ts';

const answer = inColumns(cartTrace());
const tree = buildTree(answer);
const nodeOf = (kind: number) => tree.kind.indexOf(kind);

test('a row as JSON is what the answer has of it, its phases by name; of a run all of its calls', () => {
  const one = JSON.parse(rowJson({ answer, tree }, nodeOf(NodeKind.operation)));
  const operation = answer.operations.at(tree.operation[nodeOf(NodeKind.operation)] ?? -1);
  assert.equal(one.traceId, answer.id);
  assert.equal(one.operation.statement, operation?.statement);
  const phases: number[] = Object.values(one.operation.phasesUs);
  assert.equal(
    phases.reduce((sum, us) => sum + us, 0),
    operation?.durationUs,
  );
  assert.equal(JSON.parse(rowJson({ answer, tree }, nodeOf(NodeKind.run))).operations.length, 24);
  assert.equal(JSON.parse(rowJson({ answer, tree }, 0)).request.route, answer.requests[0]?.route);
});

test('what is looked for is found in statements, peers, places and routes, whatever its case; a closed fold stands for what is in it', () => {
  const rows = visibleRows(tree, defaultOpen(tree), 0);
  const rowsOf = (text: string) => [...rowsWith(matchesOf(answer, tree, text), rows)];
  const run = rows.rowOf[nodeOf(NodeKind.run)] ?? -1;
  const count = (text: string) => rowsOf(text).reduce((sum, each) => sum + each, 0);
  assert.equal(rowsOf('FROM Products')[run], 1);
  assert.equal(count('from products'), 1);
  assert.equal(count('carts.js:41'), 1);
  assert.equal(rowsOf('/api/cart')[0], 1);
  assert.equal(count('no such thing'), 0);
  assert.equal(count('  '), 0);
  const redis = rowsWith(matchesOf(answer, tree, 'redis'), rows);
  const at = [...redis.keys()].filter((row) => redis[row] === 1);
  assert.ok(at.length >= 2);
  assert.equal(nextRow(redis, -1, 1), at[0]);
  assert.equal(nextRow(redis, at[0] ?? -1, 1), at[1]);
  assert.equal(nextRow(redis, at.at(-1) ?? -1, 1), at[0]);
  assert.equal(nextRow(redis, at[0] ?? -1, -1), at.at(-1));
  assert.equal(nextRow(new Uint8Array(5), 2, 1), -1);
});

test('the shortest and the longest call of each kind are those of its calls', () => {
  const trace = cartTrace();
  const extremes = extremesOf(answer);
  const kinds = trace.byOperation.filter(({ statement, calls }) => statement !== '' && calls > 0);
  assert.ok(kinds.length > 3);
  for (const kind of kinds) {
    const services = new Set(
      trace.requests.filter(({ service }) => service === kind.service).map(({ id }) => id),
    );
    const durations = trace.operations
      .filter(
        (each) =>
          services.has(each.request) &&
          each.statement === kind.statement &&
          each.callSite === kind.callSite &&
          each.dependency === kind.dependency,
      )
      .map(({ durationUs }) => durationUs);
    assert.deepEqual(extremes.get(kindKey(kind)), {
      leastUs: Math.min(...durations),
      mostUs: Math.max(...durations),
    });
  }
});
