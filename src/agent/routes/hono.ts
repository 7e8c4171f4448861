// Route templates of Hono (4 on) on Node. In: the class of its default router, found when a server listens; ESM keeps no list of modules,
// so there it is imported, which gives the one that the application has. Out: the template, noted for the request that is running.
// Not seen: Hono in a bundle, and other routers than the default one: the collector learns routes from their paths.

import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { currentContext } from '../requests/context.ts';
import { noteHooked } from '../sending/coverage.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { noteRoute } from './noted-route.ts';
import { onLoadedModule } from './loaded-modules.ts';

const ROUTER = 'router/smart-router/router.js';

let isHooked = false;
let isAsked = false;

/** Once per thread. */
export function installHono(): void {
  onLoadedModule({ ending: `/hono/dist/cjs/${ROUTER}`, found: hookExports });
}

/** After the loaded modules were searched: is Hono there as ESM? Its adapter for Node replaces the global `Response`. */
export function searchHono(): void {
  if (isHooked || isAsked || !hasAdapter()) return;
  isAsked = true;
  const file = routerFile();
  if (file === undefined) return;
  import(pathToFileURL(file).href).then(
    (exports: object) => guarded(hookExports, exports, undefined),
    () => undefined,
  );
}

const UNDICI = 'NativeModule internal/deps/undici/undici';

/** Node's own is a getter or, from Node 22 on, a lazy value: to look at it is to load it, with all of HTTP/2 and crypto. */
function hasAdapter(): boolean {
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList?: readonly string[] };
  if (moduleLoadList?.includes(UNDICI) !== true) return false;
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'Response');
  return typeof descriptor?.value === 'function';
}

function routerFile(): string | undefined {
  try {
    const { resolve } = process.getBuiltinModule('node:module').createRequire(process.argv[1] ?? '');
    const entry = resolve('hono');
    const root = entry.slice(0, entry.lastIndexOf(join('hono', 'dist')) + join('hono', 'dist').length);
    return entry.startsWith(root) && dirname(root) !== root ? join(root, ROUTER) : undefined;
  } catch {
    return undefined;
  }
}

function hookExports(exports: object): void {
  const router: unknown = Reflect.get(exports, 'SmartRouter');
  if (typeof router !== 'function' || isHooked) return;
  const prototype: unknown = router.prototype;
  if (typeof prototype !== 'object' || prototype === null) return;
  isHooked = true;
  wrap(prototype, 'match', matchingFirst);
  noteHooked('hono');
}

/** The first call puts a faster method on the router itself. */
function matchingFirst(original: Method): AnyMethod {
  return function match(this: object, ...args: unknown[]): unknown {
    const result = original.apply(this, args);
    if (active) guarded(noteMatch, result, undefined);
    if (Object.hasOwn(this, 'match')) wrap(this, 'match', matching);
    return result;
  };
}

function matching(original: Method): AnyMethod {
  return function match(this: unknown, ...args: unknown[]): unknown {
    const result = original.apply(this, args);
    if (active) guarded(noteMatch, result, undefined);
    return result;
  };
}

interface HonoRoute {
  readonly path?: unknown;
  readonly method?: unknown;
}

function noteMatch(result: unknown): void {
  const route = templateIn(result);
  if (route !== '') noteRoute(currentContext(), route);
}

/** A result is `[[[[handler, route], params], …], …]`: middleware and handlers that fit, in their order. */
function templateIn(result: unknown): string {
  const matches: unknown = Array.isArray(result) ? result[0] : undefined;
  if (!Array.isArray(matches)) return '';
  let found = '';
  for (const match of matches as readonly (readonly [readonly [unknown, HonoRoute]])[]) {
    const { path, method } = match?.[0]?.[1] ?? {};
    if (typeof path !== 'string') continue;
    if (method !== 'ALL' && !isCatchAll(path)) return path;
    if (found === '' && (method !== 'ALL' || !path.endsWith('*'))) found = path;
  }
  return found;
}

function isCatchAll(path: string): boolean {
  return path === '*' || path === '/*';
}
