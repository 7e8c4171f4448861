// The door to classes that extend Promise: Node can tell of every promise that is constructed. Open only while something is looked for,
// because it slows all promises down. In: what to look for. Out: the first promise of such a class, under construction.

import { noteNotVisible } from '../sending/coverage.ts';
import { guarded } from '../guard.ts';

/** A search that has seen this many promises has failed: some seconds of a busy server. */
const LIMIT = 50_000;
const SEARCHES = 3;

let searches = 0;
let isSearching = false;
let isFound = false;

/** Begins a search unless one is running, has succeeded, or too many have failed. `name`: what stays unseen then. */
export function searchPromises(
  name: string,
  isWanted: (prototype: object) => boolean,
  found: (prototype: object, promise: object) => void,
): void {
  if (isSearching || isFound || searches === SEARCHES) return;
  isSearching = true;
  searches++;
  let left = LIMIT;
  const stop = process.getBuiltinModule('node:v8').promiseHooks.onInit((promise: object) => {
    if (!isSearching) return;
    const prototype = Object.getPrototypeOf(promise) as object;
    isFound = prototype !== Promise.prototype && isWanted(prototype);
    if (!isFound && --left > 0) return;
    isSearching = false;
    stop();
    if (isFound) guarded(found, prototype, promise);
    else noteNotVisible(name);
  });
}
