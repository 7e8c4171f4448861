// Route templates of Express 4 and 5 and of what is built upon them (Nest, feathers, json-server …). In: the request at the end of its
// response. Out: `/shops/:shop/orders/:id`. Express leaves `req.route`, with its template, and `req.baseUrl`, where the routers
// around it are mounted, with the values of this request: their templates are found on the way from the application to the route.
// Nothing here changes the application; fields of it are only read.

import { decoded, named, pathOf } from './named-path.ts';

/** Routers in routers in routers: more than anybody can follow. */
const DEPTH_LIMIT = 12;
/** Layers that are looked at to find a route, once per route. */
const LAYER_LIMIT = 20_000;

interface Routed {
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown } | null;
  readonly app?: unknown;
  readonly params?: unknown;
  /** Within its router. */
  readonly url?: unknown;
}

interface App {
  /** Express 4. */
  readonly _router?: { readonly stack?: unknown };
  /** Express 5; in Express 4 a getter that throws. */
  readonly router?: { readonly stack?: unknown };
  readonly mountpath?: unknown;
  readonly parent?: App;
}

interface Layer {
  readonly route?: object;
  readonly handle?: { readonly stack?: unknown };
  /** Express 4. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
  readonly keys?: readonly { readonly name: string | number }[];
  /** Express 5. */
  readonly slash?: boolean;
  readonly matchers?: readonly ((path: string) => Match | false)[];
}

interface Match {
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Layers from the application's router to a route, the route's own left out. */
type Chain = readonly Layer[];

const chainsByRoute = new WeakMap<object, readonly Chain[]>();

/** '' when no route of Express has answered. */
export function expressRoute(request: object): string {
  // What is not there, or behind its prototypes, takes V8 long to find in a request of Express: it is asked only where it is needed.
  const routed: Routed = request;
  const { route, baseUrl } = routed;
  if (typeof route !== 'object' || route === null || route.path === undefined) return '';
  const base =
    typeof baseUrl === 'string' && baseUrl !== ''
      ? baseTemplate(baseUrl, route, routed.app, routed.params)
      : '';
  const template = base + textOf(route.path, routed);
  // A router mounted at /orders with the route '/' is /orders.
  const isExpression = route.path instanceof RegExp;
  return template.length > 1 && template.endsWith('/') && !isExpression ? template.slice(0, -1) : template;
}

/** `app.get(['/orders', '/orders/:id'], …)`: the one that is as the path is, else all. */
function textOf(template: unknown, request: Routed): string {
  if (!Array.isArray(template)) return String(template);
  const path = typeof request.url === 'string' ? pathOf(request.url) : '';
  const alternatives = template.map(String);
  return alternatives.find((alternative) => fits(alternative, path)) ?? alternatives.join(',');
}

function fits(template: string, path: string): boolean {
  const segments = withoutEnd(path).split('/');
  const parts = withoutEnd(template).split('/');
  return (
    parts.length === segments.length &&
    parts.every((part, index) => /[:*({?+]/.test(part) || part === segments[index])
  );
}

function baseTemplate(baseUrl: string, route: object, app: unknown, params: unknown): string {
  const found = isObject(app) ? alongChains(baseUrl, route, app) : undefined;
  return found ?? named(baseUrl, isObject(params) ? params : {}, false);
}

function alongChains(baseUrl: string, route: object, app: App): string | undefined {
  const mount = mountTemplate(app);
  const mounted = take(baseUrl, mount.split('/').length - 1);
  for (const chain of chainsTo(route, app)) {
    const inner = along(chain, baseUrl.slice(mounted.length));
    if (inner !== undefined) return mount + inner;
  }
  return undefined;
}

/** Where an application within an application is mounted. */
function mountTemplate(app: App, depth = 0): string {
  const { parent, mountpath } = app;
  if (!isObject(parent) || depth > DEPTH_LIMIT) return '';
  const path: unknown = Array.isArray(mountpath) ? mountpath[0] : mountpath;
  return mountTemplate(parent, depth + 1) + (typeof path === 'string' ? withoutEnd(path) : '');
}

/** The first `count` segments. */
function take(path: string, count: number): string {
  return path.split('/', count + 1).join('/');
}

function chainsTo(route: object, app: App): readonly Chain[] {
  const known = chainsByRoute.get(route);
  if (known !== undefined) return known;
  const chains: Chain[] = [];
  collect(stackOf(app._router ?? app.router), route, [], chains, { left: LAYER_LIMIT });
  chainsByRoute.set(route, chains);
  return chains;
}

function collect(
  layers: readonly Layer[],
  route: object,
  above: Chain,
  chains: Chain[],
  budget: { left: number },
): void {
  for (const layer of layers) {
    if (--budget.left < 0) return;
    if (layer.route === route) chains.push(above);
    else if (above.length < DEPTH_LIMIT)
      collect(stackOf(layer.handle), route, [...above, layer], chains, budget);
  }
}

function stackOf(router: { readonly stack?: unknown } | undefined): readonly Layer[] {
  const stack = router?.stack;
  return Array.isArray(stack) ? (stack as Layer[]) : [];
}

/** The template of `path`, if it leads through these layers. */
function along(chain: Chain, path: string): string | undefined {
  let template = '';
  let rest = path;
  for (const layer of chain) {
    const match = matchOf(layer, rest);
    if (match === undefined) return undefined;
    const matched = withoutEnd(match.path);
    template += named(matched, match.params, true);
    rest = rest.slice(matched.length);
  }
  return rest === '' ? template : undefined;
}

function matchOf(layer: Layer, path: string): Match | undefined {
  if (layer.slash === true || layer.regexp?.fast_slash === true) return { path: '', params: {} };
  for (const matcher of layer.matchers ?? []) {
    const match = matcher(path);
    if (match !== false) return match;
  }
  const match = layer.regexp?.exec(path);
  if (!match) return undefined;
  const values = (layer.keys ?? []).map(
    ({ name }, index) => [name, decoded(match[index + 1] ?? '')] as const,
  );
  return { path: match[0], params: Object.fromEntries(values) };
}

function withoutEnd(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
