// Route templates of Koa's routers. In: Koa applications, which are emitters. Out: the context of each request, and what its router
// has left there at the end of the response: the template (koa-router, @koa/router) or only the values in the path (koa-tree-router).

import type { Recognizer } from '../emitter-init.ts';
import { hasAll, wrapOwner } from '../hints/operation.ts';
import { sideTable } from '../hints/side-table.ts';
import type { Method } from '../hook.ts';
import { named, pathOf } from './named-path.ts';

interface KoaContext {
  readonly _matchedRoute?: unknown;
  /** Layers of the routers whose path matches, in order. */
  readonly matched?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly originalUrl?: unknown;
}

/** What a router has its middleware under, of any path: `router.use(authenticate)`. It is no route, even when it answers. */
const ANY_PATH = /\((?:\[\^\/\]|\.)\*\)$/;

/** By Node's request. */
const contexts = sideTable<KoaContext>();

export const recognizeKoa: Recognizer = (prototype) => {
  if (hasAll(prototype, 'createContext', 'handleRequest', 'callback', 'onerror'))
    wrapOwner(prototype, 'createContext', (original: Method) => {
      return function createContext(this: unknown, request: object, response: unknown): unknown {
        const context = original.call(this, request, response);
        noteContext(request, context);
        return context;
      };
    });
  return undefined;
};

function noteContext(request: unknown, context: unknown): void {
  if (isObject(request) && isObject(context)) contexts.set(request, context);
}

/** '' when no router of Koa has answered. */
export function koaRoute(request: object): string {
  const context = contexts.get(request);
  if (context === undefined) return '';
  const { _matchedRoute: last, params, originalUrl } = context;
  const route = typeof last === 'string' && ANY_PATH.test(last) ? routeAround(context) : last;
  const path = typeof originalUrl === 'string' ? pathOf(originalUrl) : '';
  if (typeof route === 'string') return mounted(route, path);
  if (route instanceof RegExp) return String(route);
  return isObject(params) ? valuesNamed(path, params) : '';
}

/** The route that the middleware is for; undefined: there was none to go on to. */
function routeAround({ matched, method }: KoaContext): unknown {
  if (!Array.isArray(matched)) return undefined;
  return matched.filter((layer) => isObject(layer) && hasMethodName(layer, method)).pop()?.path;
}

function hasMethodName({ methods }: { readonly methods?: unknown }, method: unknown): boolean {
  return Array.isArray(methods) && methods.includes(method);
}

/** koa-mount takes its prefix off the path before the router sees it. */
function mounted(template: string, path: string): string {
  if (/[*({?+]/.test(template)) return template;
  const parts = template.split('/').slice(1);
  const segments = path.split('/').slice(1);
  const prefix = segments.length - parts.length;
  const isMounted =
    prefix > 0 && parts.every((part, index) => part.startsWith(':') || part === segments[prefix + index]);
  return isMounted ? `/${segments.slice(0, prefix).join('/')}${template}` : template;
}

/** '' when there are no values in the path: then it may be any. */
function valuesNamed(path: string, params: object): string {
  const template = named(path, params, false);
  return template === path ? '' : template;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
