import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TraceAnswer } from '../../../src/answer/api.ts';
import { inColumns } from '../../../src/model/trace-columns.ts';
import { buildBarData, PHASE_COUNT } from '../../../src/ui/canvas/bar-data.ts';
import { findCriticalPath, PathLine } from '../../../src/ui/canvas/critical-path.ts';
import {
  buildTree,
  defaultOpen,
  membersOf,
  NodeKind,
  visibleRows,
  type TraceTree,
} from '../../../src/ui/canvas/rows.ts';
import { cartTrace, reindexTrace } from '../shop.ts';
import { buildTrace, type RequestBuilder } from '../trace-builder.ts';

const nodesOf = (tree: TraceTree, kind: number) =>
  Array.from({ length: tree.count }, (_, node) => node).filter((node) => tree.kind[node] === kind);

const pathOf = (trace: TraceAnswer, tree: TraceTree) =>
  findCriticalPath(inColumns(trace), tree, buildBarData(inColumns(trace)));

const QUERY = { category: 'db', callSite: 'a.js:1:1', dependency: 'Postgres', waitUs: 100 } as const;
const HEAD = { id: '1', at: 0, service: 'a', method: 'GET', route: '/', sentence: [] };

test('four equal calls in a row are one row, three are not', () => {
  for (const [count, runs] of [
    [3, 0],
    [4, 1],
  ] as const) {
    const trace = buildTrace(HEAD, (request) => {
      for (let call = 0; call < count; call++) request.own(1).call({ ...QUERY, statement: 'SELECT 1' });
    });
    const tree = buildTree(inColumns(trace));
    assert.equal(nodesOf(tree, NodeKind.run).length, runs, `${count} calls`);
    assert.equal(nodesOf(tree, NodeKind.operation).length, count);
  }
});

test('another call site, statement or callee in between ends a run', () => {
  const trace = buildTrace(HEAD, (request) => {
    for (let call = 0; call < 4; call++) request.call({ ...QUERY, statement: 'SELECT 1' });
    for (let call = 0; call < 5; call++)
      request.call({ ...QUERY, statement: 'SELECT 1', callSite: 'b.js:1:1' });
    for (let call = 0; call < 4; call++)
      request.callee({
        service: 'b',
        method: 'GET',
        route: '/x',
        callSite: 'a.js:9:1',
        networkUs: 5,
        body: (inner) => void inner.own(3),
      });
  });
  const tree = buildTree(inColumns(trace));
  assert.deepEqual(
    nodesOf(tree, NodeKind.run).map((run) => membersOf(tree, run)),
    [4, 5],
  );
  assert.equal(nodesOf(tree, NodeKind.request).length, 5);
});

test('a callee stands in the row of its call, from its start to its end', () => {
  const trace = cartTrace();
  const tree = buildTree(inColumns(trace));
  const requests = nodesOf(tree, NodeKind.request);
  assert.deepEqual(
    requests.map((node) => trace.requests[tree.request[node] ?? 0]?.service),
    ['gateway', 'cart', 'pricing'],
  );
  for (const node of requests.slice(1)) {
    const call = trace.operations[tree.operation[node] ?? 0];
    assert.equal(tree.startUs[node], call?.startUs);
    assert.equal(tree.depth[node], 1);
  }
});

test('folding hides what is below and keeps where it went', () => {
  const tree = buildTree(inColumns(cartTrace()));
  const [run = -1] = nodesOf(tree, NodeKind.run);
  const folded = visibleRows(tree, defaultOpen(tree), 0);
  assert.equal(folded.nodes.length, 11);
  for (let member = run + 1; member < (tree.after[run] ?? 0); member++)
    assert.equal(folded.rowOf[member], folded.rowOf[run]);
  const all = visibleRows(tree, defaultOpen(tree).fill(1), 0);
  assert.equal(all.nodes.length, tree.count);
  const long = visibleRows(tree, defaultOpen(tree), 1000);
  assert.ok(long.nodes.length < folded.nodes.length);
  assert.ok(
    [...long.nodes].every(
      (node) =>
        tree.kind[node] === NodeKind.request || (tree.endUs[node] ?? 0) - (tree.startUs[node] ?? 0) >= 1000,
    ),
  );
});

for (const [name, make] of [
  ['small', cartTrace],
  ['10 000 operations', reindexTrace],
] as const)
  test(`the critical path covers the ${name} trace without gap or overlap`, () => {
    const trace = make();
    const tree = buildTree(inColumns(trace));
    const path = pathOf(trace, tree);
    let now = 0;
    for (let step = 0; step < path.count; step++) {
      assert.equal(path.startUs[step], now);
      now = path.endUs[step] ?? 0;
    }
    assert.equal(now, trace.durationUs);
    for (let node = 0; node < tree.count; node++) {
      const operation = trace.operations[tree.operation[node] ?? -1];
      if (tree.kind[node] === NodeKind.operation) assert.equal(path.isOn[node] === 1, operation?.isBlocking);
    }
  });

test('a line of the critical path joins short steps and loses no time', () => {
  const trace = reindexTrace();
  const tree = buildTree(inColumns(trace));
  const path = pathOf(trace, tree);
  const { rowOf } = visibleRows(tree, defaultOpen(tree), 0);
  const line = new PathLine(path);
  line.update(path, rowOf, trace.durationUs / 100);
  assert.ok(line.count < 100, `${line.count} steps`);
  assert.equal(line.startUs[0], 0);
  assert.equal(line.endUs[line.count - 1], trace.durationUs);
});

test('phases and own time are those of the answer', () => {
  const trace = cartTrace();
  const bars = buildBarData(inColumns(trace));
  trace.operations.forEach((operation, index) =>
    assert.deepEqual(
      Array.from(bars.phasesUs.slice(index * PHASE_COUNT, (index + 1) * PHASE_COUNT)),
      operation.phases,
    ),
  );
  assert.equal(
    bars.ownStartUs.length,
    trace.requests.reduce((sum, { own }) => sum + own.length, 0),
  );
});

/** Any tree of calls: own time, queries, parallel queries, callees. */
const action: fc.Arbitrary<(request: RequestBuilder, depth: number) => void> = fc.letrec((tie) => ({
  action: fc.oneof(
    { depthSize: 'small' },
    fc.nat(500).map((us) => (request: RequestBuilder) => void request.own(us)),
    fc
      .constantFrom('A', 'B')
      .map((statement) => (request: RequestBuilder) => void request.call({ ...QUERY, statement })),
    fc
      .constantFrom('A', 'B')
      .map((statement) => (request: RequestBuilder) => void request.parallel({ ...QUERY, statement })),
    fc.array(tie('action') as fc.Arbitrary<(request: RequestBuilder) => void>, { maxLength: 6 }).map(
      (actions) => (request: RequestBuilder) =>
        void request.callee({
          service: 'b',
          method: 'GET',
          route: '/',
          callSite: '',
          networkUs: 7,
          body: (inner) => actions.forEach((each) => each(inner)),
        }),
    ),
  ),
})).action;

test('any trace: every operation has one node, the rows are in order, the path adds up', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 20 }), (actions) => {
      const trace = buildTrace(HEAD, (request) => actions.forEach((each) => each(request, 0)));
      const tree = buildTree(inColumns(trace));
      const shown = nodesOf(tree, NodeKind.operation).concat(nodesOf(tree, NodeKind.request).slice(1));
      assert.deepEqual(
        shown.map((node) => tree.operation[node] ?? -1).sort((a, b) => a - b),
        trace.operations.map((_, index) => index),
      );
      for (let node = 1; node < tree.count; node++)
        assert.ok((tree.parent[node] ?? -1) < node && (tree.after[tree.parent[node] ?? 0] ?? 0) > node);
      const path = pathOf(trace, tree);
      const sum = path.endUs.reduce((total, end, step) => total + end - (path.startUs[step] ?? 0), 0);
      assert.equal(sum, trace.durationUs);
    }),
    { numRuns: 200 },
  );
});
