// Messages that nats (2.x) publishes carry the trace of their request. In: the classes that nats.ts has found. Out: headers. Not on
// subjects of the server's own ($JS, $SYS), on answers, and where the server knows no headers or the message would become too long.

import { currentContext } from '../requests/context.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type Method } from '../hook.ts';
import { hasMethod } from './operation.ts';
import { TRACEPARENT, traceparentFor } from './sent-message.ts';

/** Makes empty headers, as the library has them. */
export type HeaderMaker = () => unknown;

let makeHeaders: HeaderMaker | undefined;
/** Traces are told where all servers that were seen may hear of them. */
const servers = new Set<string>();
const SERVER_LIMIT = 100;
/** `NATS/1.0`, the header, its end. */
const HEADER_BYTES = 120;

interface Handler {
  readonly info?: { readonly headers?: unknown; readonly max_payload?: unknown };
}

interface Options {
  readonly headers?: unknown;
}

export function setHeaderMaker(maker: HeaderMaker): void {
  makeHeaders = maker;
}

export function noteServer(target: string): void {
  if (servers.size < SERVER_LIMIT) servers.add(target);
}

export function headerMakerIn(exports: unknown): HeaderMaker | undefined {
  if (typeof exports !== 'object' || exports === null) return undefined;
  const { headers, MsgHdrsImpl: known } = Object.getOwnPropertyDescriptors(exports) as Partial<
    Record<string, PropertyDescriptor>
  >;
  return typeof known?.value === 'function' && typeof headers?.value === 'function'
    ? headers.value
    : undefined;
}

/** `ProtocolHandler` */
export function hookPublishing(prototype: object): void {
  wrap(prototype, 'publish', (original) => {
    return function publish(this: Handler, ...args: unknown[]): unknown {
      if (active) guarded(tell, this, args);
      return original.apply(this, args);
    };
  });
}

function tell({ info }: Handler, args: unknown[]): void {
  const [subject, payload, options] = args;
  if (makeHeaders === undefined || info?.headers !== true || typeof subject !== 'string') return;
  if (subject.startsWith('$') || subject.startsWith('_INBOX')) return;
  const { headers } = (options ?? {}) as Options;
  const room = Number(info.max_payload) - HEADER_BYTES - sizeOf(payload);
  if (headers !== undefined || !(room > 0)) return;
  const traceparent = traceparentOf();
  const made = traceparent === '' ? undefined : makeHeaders();
  if (!hasMethod(made, 'set')) return;
  Reflect.apply(Reflect.get(made, 'set') as Method, made, [TRACEPARENT, traceparent]);
  args[2] = { ...(options as object | undefined), headers: made };
}

function traceparentOf(): string {
  const context = currentContext();
  let traceparent = '';
  for (const server of servers) {
    traceparent = traceparentFor(context, server);
    if (traceparent === '') return '';
  }
  return traceparent;
}

function sizeOf(payload: unknown): number {
  if (typeof payload === 'string') return payload.length * 3;
  return payload instanceof Uint8Array ? payload.length : 0;
}
