// Route templates of Next.js (pages, route handlers, app router). In: Node's request at the end of its response. Out: `/posts/[id]`.
// Next keeps what it knows of a request on the request, under a registered symbol.

const META = Symbol.for('NextInternalRequestMeta');

interface NextRequest {
  readonly [META]?: { readonly match?: { readonly definition?: { readonly pathname?: unknown } } };
}

/** '' when Next has found no route; its own pages for that (`/_not-found`, `/_error`) are none. Checked with Next 15.5, `next start`. */
export function nextRoute(request: object): string {
  const next: NextRequest = request;
  const pathname = next[META]?.match?.definition?.pathname;
  return typeof pathname === 'string' && !pathname.startsWith('/_') ? pathname : '';
}
