// Call sites that a library carries to where it asks its driver, because the stack does not lead there. In: what runs for a call site. Out: the
// call site, wherever that goes on; it may be found after the beginning. Costs nothing until somebody carries one.

import { AsyncLocalStorage } from 'node:async_hooks';

export interface Carried {
  /** 0: not found. */
  callSite: number;
}

let storage: AsyncLocalStorage<Carried> | undefined;

/** The call site that what runs now is for, 0: none is carried. */
export function carriedSite(): number {
  return storage?.getStore()?.callSite ?? 0;
}

/** Runs `fn`, and everything asynchronous that it starts, for a call site. */
export function runCarrying<T>(carried: Carried, fn: () => T): T {
  storage ??= new AsyncLocalStorage();
  return storage.run(carried, fn);
}
