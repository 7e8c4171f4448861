// Templates of frameworks that decide before anything of theirs is on Node's request. In: the context of a request, a template.
// Out: the template, at the end of its response.

import type { Context } from '../requests/context.ts';
import { sideTable } from '../hints/side-table.ts';

/** By the context in which the request runs. */
const routes = sideTable<string>();

export function noteRoute(context: Context, route: string): void {
  if (context.request !== 0) routes.set(context.requestContext, route);
}

/** '' when none was noted. */
export function notedRoute(context: Context): string {
  return routes.get(context.requestContext) ?? '';
}
