import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nanos } from '../base/time.ts';
import { ThreadClocks } from './thread-clocks.ts';

test('threads that take turns are kept apart', () => {
  const clocks = new ThreadClocks();
  // Thread 1 runs 30 of 100 for request 7, thread 2 runs 90 of the same 100 for request 8.
  clocks.moment(nanos(0), 0, 1);
  clocks.wake(7);
  clocks.moment(nanos(0), 500, 2);
  clocks.wake(8);
  clocks.moment(nanos(100), 70, 1);
  clocks.acted(7);
  clocks.moment(nanos(100), 510, 2);
  clocks.acted(8);
  assert.deepEqual(clocks.split(0, 100, 7, [1]), { own: 30, loop: 0, other: 70 });
  assert.deepEqual(clocks.split(0, 100, 8, [2]), { own: 90, loop: 0, other: 10 });
});

test('work for a request in another thread is its own; work of others there is not its waiting', () => {
  const clocks = new ThreadClocks();
  clocks.moment(nanos(0), 0, 1);
  clocks.wake(7);
  clocks.moment(nanos(0), 0, 2);
  clocks.wake(8);
  clocks.moment(nanos(40), 0, 2);
  clocks.wake(7);
  clocks.moment(nanos(90), 0, 2);
  clocks.acted(7);
  clocks.moment(nanos(100), 100, 1);
  clocks.acted(7);
  assert.deepEqual(clocks.split(0, 100, 7, [1, 2]), { own: 50, loop: 0, other: 50 });
});

test('own code in two threads at once is never more than the gap', () => {
  const clocks = new ThreadClocks();
  for (const thread of [1, 2]) {
    clocks.moment(nanos(0), 0, thread);
    clocks.wake(7);
    clocks.moment(nanos(100), 0, thread);
    clocks.acted(7);
  }
  assert.deepEqual(clocks.split(0, 100, 7, [1, 2]), { own: 100, loop: 0, other: 0 });
});

test('a thread that is not known is neither', () => {
  const clocks = new ThreadClocks();
  assert.deepEqual(clocks.split(10, 30, 7, [5]), { own: 0, loop: 0, other: 20 });
  assert.deepEqual(clocks.split(10, 30, 7, []), { own: 0, loop: 0, other: 20 });
});

test('what is told later than it happened does not change what is known', () => {
  const clocks = new ThreadClocks();
  clocks.moment(nanos(0), 0, 1);
  clocks.wake(7);
  clocks.moment(nanos(50), -1, 1);
  clocks.acted(7);
  clocks.moment(nanos(100), 60, 1);
  clocks.acted(7);
  assert.deepEqual(clocks.split(0, 100, 7, [1]), { own: 40, loop: 0, other: 60 });
});

test('more threads than are kept: the oldest are forgotten', () => {
  const clocks = new ThreadClocks();
  for (let thread = 1; thread <= 300; thread++) {
    clocks.moment(nanos(0), 0, thread);
    clocks.wake(thread);
    clocks.moment(nanos(10), 0, thread);
  }
  assert.deepEqual(clocks.split(0, 10, 1, [1]), { own: 0, loop: 0, other: 10 });
  assert.deepEqual(clocks.split(0, 10, 300, [300]), { own: 10, loop: 0, other: 0 });
});
