import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nanos } from '../base/time.ts';
import { LoopClock } from './loop-clock.ts';

/** [time, idle so far] in ns. */
function moments(clock: LoopClock, ...list: [number, number, 'wake' | 'acted', number][]): void {
  for (const [time, idle, what, request] of list) {
    clock.moment(nanos(time), idle);
    clock[what](request);
  }
}

test('what runs after a record runs because of it', () => {
  const clock = new LoopClock();
  // Request 1 begins and works for 40; request 2 begins at 40 and works for 60.
  moments(clock, [0, 0, 'wake', 1], [40, 0, 'wake', 2], [100, 0, 'acted', 2]);
  assert.deepEqual(clock.split(0, 100, 1), { own: 40, loop: 60, other: 0 });
  assert.deepEqual(clock.split(40, 100, 2), { own: 60, loop: 0, other: 0 });
});

test('time in which the loop was idle is neither', () => {
  const clock = new LoopClock();
  moments(clock, [0, 0, 'wake', 1], [100, 70, 'acted', 1]);
  assert.deepEqual(clock.split(0, 100, 1), { own: 30, loop: 0, other: 70 });
});

test('after a pause it is the one who writes that was running', () => {
  const clock = new LoopClock();
  moments(clock, [0, 0, 'wake', 1], [10, 0, 'wake', 2], [100, 50, 'acted', 1]);
  assert.deepEqual(clock.split(0, 100, 1), { own: 50, loop: 0, other: 50 });
});

test('who sleeps while the loop pauses does not wait for it, until it is ready and the loop is busy', () => {
  const clock = new LoopClock();
  // Request 1 sets a timer at 10; others work until 50; a pause of 20; others work from 70 on, and the timer has its turn at 100.
  const at = (ms: number): number => ms * 1e6;
  moments(
    clock,
    [at(0), 0, 'wake', 1],
    [at(10), 0, 'wake', 2],
    [at(50), 0, 'wake', 2],
    [at(70), at(20), 'wake', 3],
    [at(100), at(20), 'acted', 1],
  );
  assert.deepEqual(clock.split(at(10), at(100), 1), { own: 0, loop: at(30), other: at(60) });
  assert.deepEqual(clock.split(at(10), at(50), 1), { own: 0, loop: at(40), other: 0 });
});

test('where answers are read ahead, it is the one who writes that was running', () => {
  const ran: readonly [number, number, 'wake' | 'acted', number][] = [
    [0, 0, 'wake', 1],
    [10, 0, 'wake', 2],
    [100, 0, 'acted', 1],
  ];
  const node = new LoopClock();
  moments(node, ...ran);
  assert.deepEqual(node.split(0, 100, 1), { own: 10, loop: 90, other: 0 });
  const asyncio = new LoopClock();
  asyncio.readsAhead = true;
  moments(asyncio, ...ran);
  assert.deepEqual(asyncio.split(0, 100, 1), { own: 100, loop: 0, other: 0 });
});

test('a part of an interval counts in proportion', () => {
  const clock = new LoopClock();
  moments(clock, [0, 0, 'wake', 1], [100, 50, 'wake', 0]);
  assert.deepEqual(clock.split(20, 40, 1), { own: 10, loop: 0, other: 10 });
});

test('an answer may have waited since the loop became busy, or since the request was sent', () => {
  const clock = new LoopClock();
  moments(clock, [0, 0, 'wake', 1], [10, 10, 'wake', 2], [60, 10, 'wake', 1]);
  assert.equal(clock.lag(nanos(60), nanos(0)), 50);
  assert.equal(clock.lag(nanos(60), nanos(40)), 20);
  assert.equal(clock.lag(nanos(10), nanos(0)), 0);
});

test('without idle times nothing is known: all of it is other', () => {
  const clock = new LoopClock();
  moments(clock, [0, -1, 'wake', 1], [100, -1, 'acted', 1]);
  assert.deepEqual(clock.split(0, 100, 1), { own: 0, loop: 0, other: 100 });
});

test('long ago is not known any more, and memory stays bounded', () => {
  const clock = new LoopClock();
  for (let time = 0; time < 300_000; time++) clock.moment(nanos(time), 0);
  assert.deepEqual(clock.split(0, 10, 1), { own: 0, loop: 0, other: 10 });
  assert.equal(clock.split(299_900, 299_950, 1).loop, 50);
});
