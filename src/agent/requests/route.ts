// The route of a request, at the end of its response. In: what frameworks left on Node's request, or noted while they worked. Out: `/users/:id`,
// with the name of the operation where many are behind one route: `/graphql query GetUser`, `/trpc/user.byId`. One file per framework in routes/.
// '' when nobody left a trace of it: the collector then learns templates from the paths it sees, and puts ` query GetUser` behind those.

import type { Context } from './context.ts';
import { expressRoute } from '../routes/express.ts';
import { graphqlOperation, type RequestBody } from '../routes/graphql.ts';
import { hapiRoute } from '../routes/hapi.ts';
import { koaRoute } from '../routes/koa.ts';
import { pathOf } from '../routes/named-path.ts';
import { nextRoute } from '../routes/next.ts';
import { notedRoute } from '../routes/noted-route.ts';
import { trpcRoute } from '../routes/trpc.ts';

/** What is known while the request runs. */
export interface Routed {
  /** As it came: routers within routers change `url`. */
  readonly target: string;
  readonly context: Context;
  /** '' until a framework has told. */
  readonly route: string;
  readonly body: RequestBody | undefined;
}

const FIRST_ERROR = 400;

/** Never throws: a framework may have getters that do. */
export function routeOf(request: object, routed: Routed, status: number): string {
  try {
    const template = templateOf(request, routed);
    const { target } = routed;
    const procedures = target.includes('/trpc/') ? trpcRoute(pathOf(target), status) : '';
    if (procedures !== '') return procedures;
    const operation = graphqlOperation(request, target, routed.body, status < FIRST_ERROR);
    return operation === '' ? template : `${template} ${operation}`;
  } catch {
    return routed.route;
  }
}

/** Next comes first: a server around it has one route for all of its pages. */
function templateOf(request: object, { route, context }: Routed): string {
  return (
    nextRoute(request) ||
    route ||
    notedRoute(context) ||
    expressRoute(request) ||
    koaRoute(request) ||
    hapiRoute(request)
  );
}
