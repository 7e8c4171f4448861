// When a finished request may be assembled: after its callees, and once the other side of its own call had time to arrive.
// In: requests as they finish, and the collector's ticks. Out: assembled rows, callees before callers.

import type { LiveRequest } from '../trace/live-request.ts';
import type { Joins } from '../trace/join.ts';

/** Agents send at least every 100 ms; after two ticks of 250 ms the other side's records are here. */
const GRACE_TICKS = 2;
/** A caller that is still at work, or a callee whose agent is slow: 60 s, then it goes without. */
const PATIENCE_TICKS = 240;
/** Requests that wait: at some 2 KB each, 100 MB. Beyond it the oldest go without their other side. */
const WAITING_LIMIT = 50_000;

export class Finishing {
  readonly #joins: Joins;
  readonly #assemble: (live: LiveRequest) => void;
  readonly #waiting = new Set<LiveRequest>();

  constructor(joins: Joins, assemble: (live: LiveRequest) => void) {
    this.#joins = joins;
    this.#assemble = assemble;
  }

  get size(): number {
    return this.#waiting.size;
  }

  finished(live: LiveRequest, tick: number): void {
    live.isFinished = true;
    live.finishedTick = tick;
    this.#waiting.add(live);
    if (this.#waiting.size > WAITING_LIMIT)
      for (const oldest of this.#waiting) return this.#withCallees(oldest);
  }

  /** Assembles what is ready. With `isLast` everything is: nothing more will arrive. */
  tick(tick: number, isLast = false): void {
    for (const live of this.#waiting) if (isLast || this.#isReady(live, tick)) this.#withCallees(live);
  }

  #isReady(live: LiveRequest, tick: number): boolean {
    const age = tick - live.finishedTick;
    if (age < GRACE_TICKS) return false;
    if (age >= PATIENCE_TICKS) return true;
    if (this.#joins.isCallerAwaited(live)) return false;
    // Its caller will assemble it on its way; if that one never finishes, patience ends above.
    if (live.caller !== undefined && live.caller.categories === undefined) return false;
    return [...live.callees.values()].every((callee) => callee.isFinished);
  }

  #withCallees(live: LiveRequest): void {
    if (!this.#waiting.delete(live)) return;
    for (const callee of live.callees.values()) this.#withCallees(callee);
    this.#assemble(live);
    this.#joins.forget(live);
  }
}
