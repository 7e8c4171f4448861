// One loop clock per thread of a process. In: the moments that agents note, with the thread that noted them. Out: how a gap of a
// request splits, over all threads that worked for it. Node has one thread (0); Python has many, of which each is idle while it
// does not run, or, with an event loop, while that waits. docs/decisions/0010-clocks-of-threads.md

import { BoundedMap } from '../base/bounded.ts';
import type { Nanos } from '../base/time.ts';
import { LoopClock, type GapSplit } from './loop-clock.ts';

/** Threads beyond these are forgotten, oldest first: the gaps of their requests are `other`. */
const THREAD_LIMIT = 256;
/** The first threads of a process may run event loops with thousands of requests at once; the others one request at a time. */
const LOOP_THREADS = 4;
/** 1000 requests of 8 records: at 32 bytes each 256 KB a thread. */
const SMALL_CAPACITY = 1 << 13;

export class ThreadClocks {
  readonly #clocks = new BoundedMap<number, LoopClock>(THREAD_LIMIT);
  #current = new LoopClock();
  /** The thread that noted the last moment. */
  thread = 0;
  #readsAhead = false;

  constructor() {
    this.#clocks.set(0, this.#current);
  }

  /** Loops of this process read several answers before they run anything. Call before the first moment. */
  readAhead(): void {
    this.#readsAhead = true;
    this.#current.readsAhead = true;
  }

  /** A record was noted. Call for every record, in order. */
  moment(time: Nanos, idleNs: number, thread: number): void {
    if (thread !== this.thread) {
      this.thread = thread;
      this.#current = this.#clockOf(thread);
    }
    this.#current.moment(time, idleNs);
  }

  /** As `LoopClock.wake`, for the thread of the last moment. */
  wake(request: number): void {
    this.#current.wake(request);
  }

  /** As `LoopClock.acted`, for the thread of the last moment. */
  acted(request: number): void {
    this.#current.acted(request);
  }

  /** As `LoopClock.ownerAt`, for any thread. */
  ownerAt(time: Nanos, thread: number): number {
    return this.#clocks.get(thread)?.ownerAt(time) ?? 0;
  }

  /** As `LoopClock.lag`, for the thread of the last moment. */
  lag(time: Nanos, sinceAtLeast: Nanos): number {
    return this.#current.lag(time, sinceAtLeast);
  }

  /**
   * Splits [startNs, endNs] of `request`, in ns. `threads`: those that worked for it, first the one where it began: only there can it
   * have waited for others; what it did in the others is own, too.
   */
  split(startNs: number, endNs: number, request: number, threads: readonly number[]): GapSplit {
    const length = Math.max(0, endNs - startNs);
    let own = 0;
    let loop = 0;
    for (const [index, thread] of threads.entries()) {
      const split = this.#clocks.get(thread)?.split(startNs, endNs, request);
      own += split?.own ?? 0;
      if (index === 0) loop = split?.loop ?? 0;
    }
    own = Math.min(own, length);
    loop = Math.min(loop, length - own);
    return { own, loop, other: length - own - loop };
  }

  #clockOf(thread: number): LoopClock {
    let clock = this.#clocks.get(thread);
    if (clock === undefined) {
      clock = thread <= LOOP_THREADS ? new LoopClock() : new LoopClock(SMALL_CAPACITY);
      clock.readsAhead = this.#readsAhead;
      this.#clocks.set(thread, clock);
    }
    return clock;
  }
}
