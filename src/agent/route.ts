// The route template a framework chose. In: the request at the end of its response. Out: `/users/:id`, or '' when nobody left a trace of it
// (the collector then learns templates from the paths it sees). Frameworks that tell by a channel: patches/fastify.ts.

interface Routed {
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown } | null;
}

/** Express (4 and 5) and frameworks upon it leave `route.path` and the mount path `baseUrl` on the request. */
export function routeOf(request: object): string {
  const routed: Routed = request;
  const path = routed.route?.path;
  if (path === undefined || path === null) return '';
  const base = typeof routed.baseUrl === 'string' ? routed.baseUrl : '';
  const template = `${base}${String(path)}`;
  // A router mounted at /orders with the route '/' is /orders.
  return template.length > 1 && template.endsWith('/') ? template.slice(0, -1) : template;
}
