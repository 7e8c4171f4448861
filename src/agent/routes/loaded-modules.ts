// Frameworks whose classes are no emitters are found among the modules that the application has loaded. In: the moment a server listens.
// Out: what the modules of a framework export, once. Never loads a module; CommonJS only, which these are also when ESM imports them.

import { guarded } from '../guard.ts';

/** Shown the exports of a module whose file ends with `ending`. */
export interface ModuleWatch {
  readonly ending: string;
  readonly found: (exports: object) => void;
}

const watches: ModuleWatch[] = [];
/** Modules that were there last time: nothing is looked at twice. */
let seen = 0;

/** At start-up. */
export function onLoadedModule(watch: ModuleWatch): void {
  watches.push(watch);
}

/** Looks at modules that were loaded since the last time: 0.1 ms for 2000 (Node 20.20, 2026-11). */
export function searchLoadedModules(): void {
  const { _cache: cache } = process.getBuiltinModule('node:module') as unknown as {
    readonly _cache?: Readonly<Record<string, { readonly exports?: unknown } | undefined>>;
  };
  if (cache === undefined) return;
  const files = Object.keys(cache);
  for (let index = Math.min(seen, files.length); index < files.length; index++) {
    const file = files[index] ?? '';
    for (const { ending, found } of watches) {
      if (!file.endsWith(ending)) continue;
      const exports = cache[file]?.exports;
      if (isModule(exports)) guarded(found, exports, undefined);
    }
  }
  seen = files.length;
}

function isModule(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
