// Modules of Node that the application has loaded. In: names, and what to do once each is there. Out: done, soon after it was loaded, and
// without loading anything. Node keeps a list that only grows: while its length is the same nothing is new (4 ns, Node 20-26, 2026-11).

import { guarded } from './guard.ts';

interface LoadList {
  readonly moduleLoadList?: readonly string[];
}

const waiting = new Map<string, () => void>();
let seen = 0;

/** `name` as in `node:dns`, without the prefix. Register at start-up. */
export function onBuiltin(name: string, loaded: () => void): void {
  waiting.set(`NativeModule ${name}`, loaded);
}

/** Cheap: called wherever something new may have been loaded. */
export function checkBuiltins(): void {
  const { moduleLoadList: list } = process as unknown as LoadList;
  if (list !== undefined && list.length !== seen) guarded(look, list, undefined);
}

function look(list: readonly string[]): void {
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
