// The line that called, in what a person wrote. In: a stack as an agent sends it (only frames of the application, innermost first).
// Out: `file:line:column`. Not here: how source maps are read (source-maps.ts).

import { SourceMaps } from './source-maps.ts';

const PLACE_LIMIT = 400;
/** More than agents send. */
const FRAMES_LIMIT = 64;

/** Processes of one application run the same files. */
const sourceMaps = new SourceMaps();

/** The innermost frame and those that called it; in a bundle those that are not a package's. `root`: where the process was started. */
export function callersIn(stack: string, root: string, atMost: number): string[] {
  const callers: string[] = [];
  for (const line of stack.split('\n', FRAMES_LIMIT)) {
    if (callers.length >= atMost) break;
    const place = placeOf(line);
    const source = placeInSource(place, root);
    if (source === place || !isPackaged(source, root)) callers.push(source);
  }
  return callers;
}

/** The innermost of them; '' when there is none. */
export function callerIn(stack: string, root: string): string {
  return callersIn(stack, root, 1)[0] ?? '';
}

/** The place in what a person wrote; `place` itself when there is no map for it. */
export function placeInSource(place: string, root: string): string {
  // An application that is installed as a package: what its map names was seldom published with it.
  const original = isPackaged(place, root) ? undefined : sourceMaps.original(place, root);
  return original === undefined ? place : original.slice(0, PLACE_LIMIT);
}

/** `file:line:column`, without the name of the function. */
function placeOf(line: string): string {
  return (/^(.*?:\d+:\d+)(?: |$)/.exec(line)?.[1] ?? '').slice(0, PLACE_LIMIT);
}

/** `node_modules/.cache` is no package: names of packages do not begin with a dot. */
const PACKAGES = /\/node_modules\/(?!\.)/;

/** Code that a bundler has put in: packages, and its own. */
export function isPackaged(place: string, root: string): boolean {
  return PACKAGES.test(place) || place.startsWith(`${root}/webpack/`);
}
