// Frameworks whose classes are no emitters are found among the modules that the application has loaded. In: the moment a server listens.
// Out: what the modules of a framework export, once. Never loads a module; CommonJS only, which these are also when ESM imports them.

import { isBuiltinLoaded } from '../later/builtins.ts';
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

type Cache = Readonly<Record<string, { readonly exports?: unknown } | undefined>>;

/** Of the agent's bundle, which is CommonJS. */
declare const require: NodeJS.Require | undefined;

/** The list as it is now: it can be replaced by who has loaded `node:module`, and by nobody else. To load that costs 0.5 ms. */
function moduleCache(): Cache | undefined {
  if (typeof require === 'function' && !isBuiltinLoaded('module')) return require.cache;
  return (process.getBuiltinModule('node:module') as unknown as { readonly _cache?: Cache })._cache;
}

/** Looks at modules that were loaded since the last time: 0.1 ms for 2000 (Node 20.20, 2026-11). */
export function searchLoadedModules(): void {
  const cache = moduleCache();
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
