// The route template a framework chose. In: the request at the end of its response. Out: `/users/:id`, or '' when nobody left a trace of it
// (the collector then learns templates from the paths it sees). One file per framework in routes/.

import { expressRoute } from './routes/express.ts';
import { koaRoute } from './routes/koa.ts';
import { nextRoute } from './routes/next.ts';

/** Never throws: a framework may have getters that do. */
export function routeOf(request: object): string {
  try {
    return expressRoute(request) || koaRoute(request) || nextRoute(request);
  } catch {
    return '';
  }
}
