// What the event loop of one thread was doing, from the moments its agent noted. In: each record's time, the loop's idle time
// until then, and the request it belongs to. Out: how a gap of a request splits into its own code, waiting for the loop, and
// neither; and how long an answer may have waited for a busy loop.
//
// The rule: JavaScript that runs after a record runs because of it. After "request 7 was read an answer" the loop works for
// request 7 until the next record, unless it went idle between: then whoever wrote next was running.
// Of asyncio another one: it reads all answers that are there, and runs what waited for them afterwards. There whoever writes next was running.
// Kept as columns in a ring: at 24 bytes a moment, the limit of 2^17 moments is 4 MB per process.

import type { Nanos } from '../base/time.ts';

const FIRST_CAPACITY = 1 << 10;
const CAPACITY_LIMIT = 1 << 17;

export interface GapSplit {
  readonly own: number;
  readonly loop: number;
  readonly other: number;
}

export class LoopClock {
  #capacity = FIRST_CAPACITY;
  #times = new Float64Array(FIRST_CAPACITY);
  /** Busy ns since the first moment, up to this moment. */
  #busy = new Float64Array(FIRST_CAPACITY);
  /** Since when the loop has been busy without a pause. */
  #busySince = new Float64Array(FIRST_CAPACITY);
  /** For whom the loop works from this moment on; 0 nobody known. */
  #owners = new Float64Array(FIRST_CAPACITY);
  #count = 0;
  #lastIdle = -1;
  #wentIdle = false;
  /** It reads several answers before it runs anything (asyncio). */
  readsAhead = false;
  /** False until a moment came with an idle time: then nothing is known about gaps. */
  hasEvidence = false;
  readonly #capacityLimit: number;

  constructor(capacityLimit = CAPACITY_LIMIT) {
    this.#capacityLimit = capacityLimit;
  }

  /** A record was noted. Call for every record, in order. */
  moment(time: Nanos, idleNs: number): void {
    // Told later than it happened, or by a thread without a clock: it says nothing about what ran.
    if (idleNs < 0 && this.hasEvidence) return;
    const last = this.#count - 1;
    if (last < 0) {
      this.#push(time, 0, time, 0);
    } else {
      const from = this.#at(this.#times, last);
      const wallNs = Math.max(0, time - from);
      const idle =
        idleNs >= 0 && this.#lastIdle >= 0 ? Math.min(wallNs, Math.max(0, idleNs - this.#lastIdle)) : 0;
      this.#wentIdle = idle > 0;
      const since = this.#wentIdle ? time : this.#at(this.#busySince, last);
      this.#push(
        Math.max(time, from),
        this.#at(this.#busy, last) + wallNs - idle,
        since,
        this.#at(this.#owners, last),
      );
    }
    if (idleNs >= 0) {
      this.#lastIdle = idleNs;
      this.hasEvidence = true;
    }
  }

  /** The record of the last `moment` woke this request up: an answer was read, or it began. */
  wake(request: number): void {
    this.#owners[(this.#count - 1) % this.#capacity] = request;
  }

  /** This request itself did what the last `moment` noted (it wrote, it ended): so it was running, at least since the loop woke. */
  acted(request: number): void {
    if ((this.#wentIdle || this.readsAhead) && this.#count > 1)
      this.#owners[(this.#count - 2) % this.#capacity] = request;
    this.wake(request);
  }

  /** For whom the loop worked at that time; 0 nobody known, or too long ago. */
  ownerAt(time: Nanos): number {
    const index = this.#indexAt(time);
    return index < 0 ? 0 : this.#at(this.#owners, index);
  }

  /** How long an answer that was read at `time` may have waited because the loop was busy, at most, in ns. */
  lag(time: Nanos, sinceAtLeast: Nanos): number {
    const index = this.#indexAt(time);
    if (index < 0 || !this.hasEvidence) return 0;
    return Math.max(0, time - Math.max(this.#at(this.#busySince, index), sinceAtLeast));
  }

  /**
   * Splits [startNs, endNs] of `request`, in ns. What is not known (too long ago, no evidence) is `other`, and so is what the loop did for
   * others before it paused last: had the request been ready, it would have run then (it sleeps, or waits for a thread).
   */
  split(startNs: number, endNs: number, request: number): GapSplit {
    let own = 0;
    let loop = 0;
    if (this.hasEvidence) {
      const readyNs = this.#busySinceAt(endNs);
      for (let index = Math.max(this.#indexAt(startNs), this.#first()); index < this.#count - 1; index++) {
        const from = this.#at(this.#times, index);
        const to = this.#at(this.#times, index + 1);
        if (from >= endNs) break;
        const busy = this.#busyWithin(index, from, to, startNs, endNs);
        if (this.#at(this.#owners, index) === request) own += busy;
        else if (from >= readyNs) loop += busy;
      }
    }
    return { own, loop, other: Math.max(0, endNs - startNs - own - loop) };
  }

  /** Busy ns between two moments, as far as they lie in the asked range; in proportion when only a part does. */
  #busyWithin(index: number, from: number, to: number, startNs: number, endNs: number): number {
    const overlap = Math.min(to, endNs) - Math.max(from, startNs);
    if (overlap <= 0 || to <= from) return 0;
    const busy = this.#at(this.#busy, index + 1) - this.#at(this.#busy, index);
    return busy * (overlap / (to - from));
  }

  /** Since when the loop had been busy without a pause. Gaps begin and end at moments, but in whole µs. */
  #busySinceAt(time: number): number {
    const index = this.#indexAt(time + 1000);
    return index < 0 ? time : this.#at(this.#busySince, index);
  }

  #first(): number {
    return Math.max(0, this.#count - this.#capacity);
  }

  /** Index of the last moment at or before `time`; -1 when it is older than all that are kept. */
  #indexAt(time: number): number {
    let low = this.#first();
    let high = this.#count - 1;
    if (high < 0 || this.#at(this.#times, low) > time) return -1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#at(this.#times, middle) <= time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #at(column: Float64Array, index: number): number {
    return column[index % this.#capacity] ?? 0;
  }

  #push(time: number, busy: number, busySince: number, owner: number): void {
    if (this.#count === this.#capacity && this.#capacity < this.#capacityLimit) this.#grow();
    const slot = this.#count % this.#capacity;
    this.#times[slot] = time;
    this.#busy[slot] = busy;
    this.#busySince[slot] = busySince;
    this.#owners[slot] = owner;
    this.#count++;
  }

  /** Only while nothing has been overwritten, so that slots and indices agree. */
  #grow(): void {
    this.#capacity *= 2;
    this.#times = grown(this.#times, this.#capacity);
    this.#busy = grown(this.#busy, this.#capacity);
    this.#busySince = grown(this.#busySince, this.#capacity);
    this.#owners = grown(this.#owners, this.#capacity);
  }
}

function grown(column: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}
