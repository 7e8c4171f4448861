// The two laws of replay, over whatever an agent may report: unchanged it is exact, and shortening never lengthens. And known cases.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PHASES, type PhaseKey } from '../../model/row.ts';
import { Recording, type Told } from '../../../test/contracts/recorded-requests.ts';
import { emptyChange, NO_PHASES, withPhases, type ChangeBuilder } from './change.ts';
import { replayUs } from './replay.ts';
import type { RequestNode } from '../sample/request-tree.ts';

function recorded(operations: readonly Told[], tailUs = 100): RequestNode {
  const recording = new Recording();
  recording.add({ operations, tailUs });
  const root = recording.sample(1).nodes.find(({ request }) => request.parentOperation === 0);
  assert.ok(root !== undefined);
  return root;
}

/** Removes operations by their place in the request. */
function without(node: RequestNode, ...indices: readonly number[]): ChangeBuilder {
  const change = emptyChange();
  for (const index of indices) change.phases.set(node.operations[index]?.id ?? 0, NO_PHASES);
  return change;
}

const phases = fc.record(
  Object.fromEntries(PHASES.map(({ key }) => [key, fc.nat(3000)])) as Record<PhaseKey, fc.Arbitrary<number>>,
  { requiredKeys: [] },
);
const leaf = fc.record({ phases, gapUs: fc.nat(500), withLast: fc.boolean() });
const calling = fc.record({
  phases,
  gapUs: fc.nat(500),
  withLast: fc.boolean(),
  callee: fc.record({ operations: fc.array(leaf, { maxLength: 4 }), tailUs: fc.nat(300) }),
});
const operations = fc.array(fc.oneof(leaf, calling), { maxLength: 10 });

test('without a change a request takes exactly as long as it did', () => {
  fc.assert(
    fc.property(operations, fc.nat(2000), (told, tailUs) => {
      const node = recorded(told, tailUs);
      assert.equal(replayUs(node, emptyChange()), node.request.durationUs);
    }),
    { numRuns: 500 },
  );
});

test('shortening any operations never makes a request longer, and shortening more never less short', () => {
  fc.assert(
    fc.property(operations, fc.array(fc.nat(9)), fc.nat(100), (told, places, percent) => {
      const node = recorded(told);
      const some = emptyChange();
      const gone = emptyChange();
      for (const place of places) {
        const operation = node.operations[place];
        if (operation === undefined) continue;
        some.phases.set(
          operation.id,
          operation.phases.map((us) => Math.floor((us * percent) / 100)),
        );
        gone.phases.set(operation.id, NO_PHASES);
      }
      assert.ok(replayUs(node, some) <= node.request.durationUs);
      assert.ok(replayUs(node, gone) <= replayUs(node, some));
      assert.ok(replayUs(node, gone) >= 0);
    }),
    { numRuns: 500 },
  );
});

test('what is not touched takes as long as it did: looking at touched requests only changes nothing', () => {
  fc.assert(
    fc.property(operations, fc.nat(9), (told, place) => {
      const node = recorded(told);
      const inside = [node, ...node.callees.values()].flatMap((each) => each.operations);
      const id = inside[place % Math.max(1, inside.length)]?.id ?? 0;
      const change = emptyChange();
      change.phases.set(id, NO_PHASES);
      const callee = [...node.callees.values()].find((each) => each.operations.some((one) => one.id === id));
      const touched = new Set(inside.length === 0 ? [] : [node, ...(callee === undefined ? [] : [callee])]);
      assert.equal(replayUs(node, change, touched), replayUs(node, change));
    }),
    { numRuns: 500 },
  );
});

test('starting operations together never makes a request longer', () => {
  fc.assert(
    fc.property(operations, fc.nat(9), fc.array(fc.nat(9)), (told, first, others) => {
      const node = recorded(told);
      const leader = node.operations[first];
      const change = emptyChange();
      for (const other of others) {
        const operation = node.operations[first + 1 + other];
        if (leader !== undefined && operation !== undefined) change.together.set(operation.id, leader.id);
      }
      assert.ok(replayUs(node, change) <= node.request.durationUs);
    }),
    { numRuns: 500 },
  );
});

test('one of a chain that goes saves its length; own code around it stays', () => {
  const node = recorded([{ phases: { wait: 1000 } }, { phases: { wait: 2000 } }, { phases: { wait: 3000 } }]);
  assert.equal(replayUs(node, without(node, 1)), node.request.durationUs - 2000);
});

test('the longest of two in parallel saves only what it was longer', () => {
  const node = recorded([{ phases: { wait: 5000 } }, { withLast: true, phases: { wait: 4000 } }, {}]);
  assert.equal(replayUs(node, without(node, 0)), node.request.durationUs - 1000);
  assert.equal(replayUs(node, without(node, 1)), node.request.durationUs);
});

test('one that outlives the response was not waited for', () => {
  const node = recorded([{ phases: { wait: 1000 } }, { withLast: true, phases: { wait: 9000 } }], -5000);
  assert.equal(replayUs(node, without(node, 1)), node.request.durationUs);
});

test('three in a row, started together, take as long as the longest and all own code before them', () => {
  const node = recorded([
    { gapUs: 100, phases: { wait: 1000 } },
    { gapUs: 200, phases: { wait: 3000 } },
    { gapUs: 300, phases: { wait: 2000 } },
  ]);
  const change = emptyChange();
  const [first, second, third] = node.operations.map(({ id }) => id);
  for (const id of [second, third]) change.together.set(id ?? 0, first ?? 0);
  assert.equal(replayUs(node, change), 100 + 3000 + 200 + 300 + 100);
});

test('what is faster in a callee is faster for its caller', () => {
  const callee = { operations: [{ phases: { wait: 2000 } }, { phases: { wait: 1000 } }] };
  const node = recorded([{ phases: { wait: 4000 }, callee }]);
  const inner = [...node.callees.values()][0];
  assert.ok(inner !== undefined);
  assert.equal(replayUs(node, without(inner, 0)), node.request.durationUs - 2000);
});

test('a pool wait that goes moves the rest forward; own code between grant and use stays', () => {
  const node = recorded([{ phases: { pool: 3000, own: 500, wait: 1000 } }]);
  const change = emptyChange();
  const operation = node.operations[0];
  assert.ok(operation !== undefined);
  change.phases.set(operation.id, withPhases(operation.phases, { pool: 0 }));
  assert.equal(replayUs(node, change), node.request.durationUs - 3000);
});

test('who waited in line for a connection of the same request does not wait for it when there are enough', () => {
  const query = { pool: 0, own: 500, wait: 10_000 };
  const node = recorded([{ phases: query }, { phases: { ...query, pool: 10_000 }, withLast: true }]);
  assert.equal(node.request.durationUs, 100 + 20_500 + 100);
  const [, second] = node.operations;
  assert.ok(second !== undefined);
  const shortened = (pool: number): number => {
    const change = emptyChange();
    change.phases.set(second.id, withPhases(second.phases, { pool }));
    return replayUs(node, change);
  };
  assert.equal(shortened(0), 100 + 10_500 + 100);
  assert.equal(shortened(6000), 100 + 16_500 + 100);
});
