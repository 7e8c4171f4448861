// The contexts of writes that wait, against the plain list that they stand for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConnectionState, forgetSocket, newState, Role, stateOf } from './connection-state.ts';
import { Context, NO_CONTEXT, type WriteContext } from '../requests/context.ts';

const CONTEXTS: readonly WriteContext[] = [new Context(1, 0), new Context(2, 7), [new Context(3, 0)]];

/** A connection and its model. */
class Pair {
  readonly state = new ConnectionState(1, Role.client, 0);
  readonly list: WriteContext[] = [];

  push(context: WriteContext): void {
    this.state.pushContext(context);
    this.list.push(context);
  }

  shift(): void {
    assert.equal(this.state.shiftContext(), this.list.shift() ?? NO_CONTEXT);
  }

  /** All next `count` writes together, if one context is theirs. */
  shiftShared(count: number): void {
    const next = this.list.slice(0, count);
    const isShared = next.length === count && next.every((one) => one === next[0] && one instanceof Context);
    assert.equal(this.state.contextChanges(count), changes(next, count));
    assert.equal(this.state.shiftShared(count), isShared ? next[0] : undefined);
    if (isShared) this.list.splice(0, count);
  }

  clear(): void {
    this.state.clearContexts();
    this.list.length = 0;
  }
}

function changes(next: readonly WriteContext[], count: number): number {
  if (next.length < count || next.some((one) => !(one instanceof Context))) return 0;
  return next.filter((one, index) => one !== next[index - 1]).length;
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.nat(2).map((index) => ({ kind: 'push', index }) as const) },
  { weight: 2, arbitrary: fc.constant({ kind: 'shift' } as const) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 5 }).map((count) => ({ kind: 'shared', count }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear' } as const) },
);

test('contexts come out in the order of their writes, whatever is counted together', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pair = new Pair();
      for (const one of steps) {
        if (one.kind === 'push') pair.push(CONTEXTS[one.index] ?? NO_CONTEXT);
        else if (one.kind === 'shift') pair.shift();
        else if (one.kind === 'shared') pair.shiftShared(one.count);
        else pair.clear();
        assert.equal(pair.state.isWriteDue, pair.list.length > 0);
      }
      while (pair.list.length > 0) pair.shift();
    }),
    { numRuns: 500 },
  );
});

test('a socket that connects again has its new state at once', () => {
  const socket = {};
  const first = newState(socket, Role.client, 0);
  assert.equal(stateOf(socket), first);
  assert.equal(stateOf({}), undefined);
  const second = newState(socket, Role.client, 0);
  assert.equal(stateOf(socket), second);
  forgetSocket();
  assert.equal(stateOf(socket), second);
});
