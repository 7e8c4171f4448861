// Route templates of Koa's routers (koa-router, @koa/router: they leave `_matchedRoute` on the context). In: Koa applications, which are
// emitters. Out: the context of each request, and what its router has left there at the end of the response.

import type { Recognizer } from '../emitter-init.ts';
import { hasAll, wrapOwner } from '../hints/operation.ts';
import { sideTable } from '../hints/side-table.ts';
import type { Method } from '../hook.ts';

interface KoaContext {
  readonly _matchedRoute?: unknown;
}

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
  const route = contexts.get(request)?._matchedRoute;
  return typeof route === 'string' || route instanceof RegExp ? String(route) : '';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
