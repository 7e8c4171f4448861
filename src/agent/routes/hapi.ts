// Route templates of Hapi (18 on). In: the class of its requests, found when a server listens. Out: `/shops/{shop}/orders/{id}`, asked at
// the end of the response. Not here: how the class is found (loaded-modules.ts).

import { sideTable } from '../hints/side-table.ts';
import { noteHooked } from '../sending/coverage.ts';
import { wrap, type Method } from '../hook.ts';
import { onLoadedModule } from './loaded-modules.ts';

interface HapiRequest {
  readonly route?: { readonly path?: unknown; readonly method?: unknown };
}

/** By Node's request. */
const requests = sideTable<HapiRequest>();

/** Once per thread. */
export function installHapi(): void {
  onLoadedModule({ ending: '/@hapi/hapi/lib/request.js', found: hookRequests });
}

function hookRequests(exports: object): void {
  wrap(exports, 'generate', (original: Method) => {
    return function generate(this: unknown, server: unknown, message: unknown, ...more: unknown[]): unknown {
      const request = original.call(this, server, message, ...more);
      if (isObject(message) && isObject(request)) requests.set(message, request);
      return request;
    };
  });
  noteHooked('hapi');
}

/** '' when no route has answered: Hapi's own for that has the method `_special`. */
export function hapiRoute(request: object): string {
  const route = requests.get(request)?.route;
  return typeof route?.path === 'string' && route.method !== '_special' ? route.path : '';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
