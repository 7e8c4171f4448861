// To whom the trace of a request may be told. In: WIRETIME_PROPAGATE, hosts, headers of the application. Out: yes or no.
// Hosts of our own by name or address; others only when they are listed; nobody when it is `off`. What has trace headers, or a
// signature that covers headers (AWS), is left as it is. Not here: the headers (trace.ts), where they are written.

import { BoundedMap } from '../../base/bounded.ts';
import { isPrivateHost } from '../../base/private-host.ts';
import { HIDDEN_REQUEST, NO_REQUEST } from '../../record/layout.ts';
import type { Context } from './context.ts';

/** Answers are remembered: a decision costs 1 µs. */
const HOST_LIMIT = 1000;

/** Cloud metadata and credentials (169.254.169.254, 169.254.170.2): nobody there wants it. */
const LINK_LOCAL = /^169\.254\.|^\[?fe80:/i;

/** Headers that say the application traces by itself, or signs what it sends. */
const TAKEN_NAMES =
  'traceparent|b3|x-b3-[^:\\r\\n]*|uber-trace-id|x-datadog-trace-id|sentry-trace|x-cloud-trace-context|x-amz[^:\\r\\n]*';
const TAKEN = new RegExp(`^(?:${TAKEN_NAMES})$`, 'i');
const SIGNATURE = /^\s*AWS4-/i;
/** In the query of what was signed beforehand. */
const SIGNED_TARGET = /[?&]x-amz-/i;
const TAKEN_LINE = new RegExp(`\\r\\n(?:(?:${TAKEN_NAMES}):|authorization:\\s*AWS4-)`, 'i');

export class Policy {
  readonly #isOff: boolean;
  readonly #listed: readonly string[];
  readonly #known = new BoundedMap<string, boolean>(HOST_LIMIT);

  /** `setting`: `off`, or a list of hosts (`api.example.com`, `.example.com` for all below it, `*` for all). */
  constructor(setting: string) {
    const names = setting
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((name) => name !== '');
    this.#isOff = names.includes('off');
    this.#listed = names.map((name) => name.replace(/^\*\./, '.'));
  }

  /** `authority`: a host with or without a port. */
  allows(authority: string): boolean {
    if (this.#isOff) return false;
    let isAllowed = this.#known.get(authority);
    if (isAllowed === undefined) {
      isAllowed = this.#decide(hostOf(authority.toLowerCase()));
      this.#known.set(authority, isAllowed);
    }
    return isAllowed;
  }

  #decide(host: string): boolean {
    const isListed = this.#listed.some(
      (name) => name === '*' || name === host || (name.startsWith('.') && host.endsWith(name)),
    );
    return isListed || (host !== '' && isPrivateHost(host) && !LINK_LOCAL.test(host));
  }
}

/** Without port, and brackets around IPv6. */
function hostOf(authority: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(authority)?.[1];
  if (bracketed !== undefined) return bracketed;
  const isIpv6 = authority.indexOf(':') !== authority.lastIndexOf(':');
  return isIpv6 ? authority : authority.replace(/:\d*$/, '');
}

let policy: Policy | undefined;
/** The last question: most are the same again, and to look two texts up takes as long as all else here. */
const last = { host: '', other: '', isAllowed: false };

/** May an operation of `context` carry its trace to the hosts it names? All of them must be allowed. */
export function mayTell(context: Context, host: string, other: string = host): boolean {
  if (context.request === NO_REQUEST || context.request === HIDDEN_REQUEST) return false;
  if (policy !== undefined && host === last.host && other === last.other) return last.isAllowed;
  policy ??= new Policy(process.env['WIRETIME_PROPAGATE'] ?? '');
  last.host = host;
  last.other = other;
  return (last.isAllowed = policy.allows(host) && (other === host || policy.allows(other)));
}

/** Does this header say: leave the request as it is? */
export function forbids(name: string, value: unknown): boolean {
  return TAKEN.test(name) || (name.length === 13 && isSignature(name, value));
}

function isSignature(name: string, value: unknown): boolean {
  return name.toLowerCase() === 'authorization' && SIGNATURE.test(String(value));
}

/** Does the target, with its query, say so? An absolute one goes to a proxy, and `*` and authorities to nobody in particular. */
export function targetForbids(target: string): boolean {
  return !target.startsWith('/') || SIGNED_TARGET.test(target);
}

/** Do the headers of a head of HTTP/1? 0.2 µs. */
export function headForbids(head: string): boolean {
  return TAKEN_LINE.test(head);
}
