// Modules of Node that the application has loaded. In: names, and what to do once each is there. Out: done, soon after it was loaded, and
// without loading anything. Node keeps a list that only grows: while its length is the same nothing is new.

import { guarded } from '../guard.ts';

interface LoadList {
  readonly moduleLoadList?: readonly string[];
}

/** Kept here: to read it from `process` costs 50-60 ns (Node 20.20, 24.21, 26.10, 2026-11), its length 1 ns. */
const { moduleLoadList: list = [] } = process as unknown as LoadList;
const waiting = new Map<string, () => void>();
let seen = 0;

/** `name` as in `node:dns`, without the prefix. Register at start-up. */
export function onBuiltin(name: string, loaded: () => void): void {
  waiting.set(`NativeModule ${name}`, loaded);
}

export function isBuiltinLoaded(name: string): boolean {
  return list.includes(`NativeModule ${name}`);
}

/** Cheap: called wherever something new may have been loaded. */
export function checkBuiltins(): void {
  if (list.length !== seen) guarded(look, undefined, undefined);
}

function look(): void {
  const from = seen;
  seen = list.length;
  for (let index = from; index < list.length; index++) {
    const name = list[index] ?? '';
    const loaded = waiting.get(name);
    if (loaded === undefined) continue;
    waiting.delete(name);
    loaded();
  }
}
