// Who may ask, and what a browser may do with the answer. In: requests. Out: refusals, headers, the token's cookie.
// Threats: another site's page (DNS rebinding, framing, injected markup), another machine without the token.

import { timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);
const COOKIE = 'wiretime-token';

/** What of a page's own text is executed or styles it, as hashes of a policy. */
export interface InlineHashes {
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
}

/** Nothing is loaded from anywhere else, nothing inline is executed but what is named by its hash, nobody frames us. */
export function contentPolicy({ scripts, styles }: InlineHashes): string {
  return [
    "default-src 'none'",
    ["script-src 'self'", ...scripts].join(' '),
    ["style-src 'self'", ...styles].join(' '),
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

const SECURITY_HEADERS = {
  'content-security-policy': contentPolicy({ scripts: [], styles: [] }),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Whether only programs on this machine can reach `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** A page says by itself what of it is executed. */
export function securityHeaders(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      if (!headers.has(name)) headers.set(name, value);
  };
}

/** A page of another site can make its own name resolve to 127.0.0.1; its requests still carry that name. */
export function loopbackNamesOnly(): MiddlewareHandler {
  return async (context, next) => {
    const name = (context.req.header('host') ?? '').replace(/:\d+$/, '').toLowerCase();
    if (LOOPBACK_NAMES.has(name)) return next();
    return context.json({ error: 'Open wiretime as localhost or 127.0.0.1.' }, 403);
  };
}

/** Lets in who sends the token as bearer, as cookie, or once as ?token=, which becomes the cookie. */
export function tokenRequired(token: string): MiddlewareHandler {
  return async (context, next) => {
    if (isToken(bearer(context), token) || isToken(getCookie(context, COOKIE), token)) return next();
    if (isToken(context.req.query('token'), token)) return exchangeForCookie(context, token);
    return context.json({ error: 'A token is needed: open the address that wiretime printed.' }, 401);
  };
}

/** The token leaves the address bar, and so the history, at once. */
function exchangeForCookie(context: Context, token: string): Response {
  setCookie(context, COOKIE, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
  const url = new URL(context.req.url);
  url.searchParams.delete('token');
  return context.redirect(url.pathname + url.search, 303);
}

function bearer(context: Context): string | undefined {
  return /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1];
}

function isToken(given: string | undefined, token: string): boolean {
  if (given === undefined) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
