// How long ago the same question was asked, by any process. In: finished operations with a hash of their values. Out: an age in µs.
// Bounded: what was forgotten counts as never asked, so that repeats are missed but never invented.

import { nanosToMicros } from '../base/time.ts';
import { NO_HASH } from '../base/salted-hash.ts';
import { operationStart, type Operation } from '../model/operation.ts';
import { REPEAT_NEVER, REPEAT_UNKNOWN } from '../model/repeat.ts';

/** Statements × values at some 60 bytes: 30 MB when all are in use. */
const STATEMENTS = 500;
const VALUES_EACH = 1000;

export class Repeats {
  /** Dependency and statement → hash of the values → start of the last one, µs; the one that was asked longest ago first. */
  readonly #known = new Map<string, Map<number, number>>();

  /** Notes it, too. */
  ageUs(operation: Operation): number {
    const { argumentHash, role } = operation;
    if (argumentHash === NO_HASH || role !== 'work') return REPEAT_UNKNOWN;
    const values = this.#valuesOf(`${operation.dependency}\n${operation.statement}`);
    const startUs: number = nanosToMicros(operationStart(operation));
    const lastUs = values.get(argumentHash);
    values.delete(argumentHash);
    // Two at once end in any order.
    values.set(argumentHash, Math.max(startUs, lastUs ?? startUs));
    if (values.size > VALUES_EACH) dropOldest(values);
    return lastUs === undefined ? REPEAT_NEVER : Math.max(0, startUs - lastUs);
  }

  #valuesOf(key: string): Map<number, number> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= STATEMENTS) dropOldest(this.#known);
    const values = new Map<number, number>();
    this.#known.set(key, values);
    return values;
  }
}

function dropOldest(map: Map<unknown, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
