// Hints for nats (2.x), which is no emitter and gathers messages until the next turn of the event loop. In: the first write on a NATS
// connection; then the driver's class, found among the modules that were loaded. Out: calls, and for each write the contexts of what
// is in it. Where the class is not found (bundles) operations are hidden: they would be given to the wrong request.

import { HIDDEN_CONTEXT, currentContext, type Context, type WriteContext } from '../requests/context.ts';
import { newCall } from '../calls/calls.ts';
import type { ConnectionState, WriteSource } from '../connections/connection-state.ts';
import { noteHooked, noteNotVisible } from '../sending/coverage.ts';
import { onFirstWrite } from '../connections/first-write.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { isNatsLogin } from '../later/later.ts';
import { hookSubscriptions } from './nats-consume.ts';
import {
  headerMakerIn,
  hookPublishing,
  noteServer,
  setHeaderMaker,
  type HeaderMaker,
} from './nats-publish.ts';
import { hasAll } from './operation.ts';
import { sideTable } from './side-table.ts';

/** By `ProtocolHandler`: the contexts of what it has gathered. */
const gathered = sideTable<Context[]>();
/** While there is no connection messages are kept. Beyond it the write has more operations than contexts, and all are hidden. */
const GATHERED_LIMIT = 100_000;
/** What is being written now. */
let flushing: readonly Context[] | undefined;

class NatsWrites implements WriteSource {
  take(chunk: unknown): WriteContext {
    const starts = operationsIn(chunk);
    if (starts === 0) return currentContext();
    // The login and its ping are one operation, of whoever connects.
    if (flushing === undefined) return isNatsLogin(chunk) ? currentContext() : HIDDEN_CONTEXT;
    if (flushing.length !== starts) return HIDDEN_CONTEXT;
    return flushing.length === 1 ? (flushing[0] ?? HIDDEN_CONTEXT) : flushing;
  }
}

const writes = new NatsWrites();
let isSearched = false;

export function installNats(): void {
  onFirstWrite((state: ConnectionState, chunk: unknown) => {
    if (!isNatsLogin(chunk)) return;
    state.source = writes;
    noteServer(state.target);
    if (!isSearched) guarded(search, undefined, undefined);
    isSearched = true;
  });
}

/** Modules that are loaded as CommonJS, which nats is also when ESM imports it. Looks at no getter. */
function search(): void {
  const { _cache: cache } = process.getBuiltinModule('node:module') as unknown as {
    readonly _cache?: Readonly<Record<string, { readonly exports?: unknown } | undefined>>;
  };
  let found = 0;
  let makeHeaders: HeaderMaker | undefined;
  for (const name of Object.keys(cache ?? {})) {
    const exports = cache?.[name]?.exports;
    makeHeaders ??= headerMakerIn(exports);
    const prototype = prototypeIn(exports);
    if (
      prototype !== undefined &&
      hasAll(prototype, 'sendCommand', 'flushPending', 'resetOutbound', 'flush')
    ) {
      hook(prototype);
      found++;
    }
  }
  if (makeHeaders !== undefined) setHeaderMaker(makeHeaders);
  if (found > 0) noteHooked('nats');
  else noteNotVisible('nats');
}

function prototypeIn(exports: unknown): object | undefined {
  if (typeof exports !== 'object' || exports === null) return undefined;
  const handler: unknown = Object.getOwnPropertyDescriptor(exports, 'ProtocolHandler')?.value;
  const prototype: unknown = typeof handler === 'function' ? handler.prototype : undefined;
  return typeof prototype === 'object' && prototype !== null ? prototype : undefined;
}

function hook(prototype: object): void {
  hookSubscriptions(prototype);
  hookPublishing(prototype);
  wrap(prototype, 'sendCommand', sending);
  wrap(prototype, 'flush', pinging);
  wrap(prototype, 'flushPending', writing);
  wrap(prototype, 'resetOutbound', forgetting);
}

function sending(original: Method): AnyMethod {
  return function sendCommand(this: object, ...args: unknown[]): unknown {
    if (active && isPublish(args[0])) gather(this, newCall('nats'));
    return original.apply(this, args);
  };
}

/** The heartbeat comes this way, too: of no request. */
function pinging(original: Method): AnyMethod {
  return function flush(this: object, ...args: unknown[]): unknown {
    if (active) gather(this, newCall('nats'));
    return original.apply(this, args);
  };
}

function gather(handler: object, context: Context): void {
  const list = gathered.get(handler);
  if (list === undefined) gathered.set(handler, [context]);
  else if (list.length < GATHERED_LIMIT) list.push(context);
}

function writing(original: Method): AnyMethod {
  return function flushPending(this: Handler, ...args: unknown[]): unknown {
    if (!active || !isWriting(this)) return original.apply(this, args);
    const outer = flushing;
    flushing = gathered.get(this) ?? [];
    gathered.set(this, undefined);
    try {
      return original.apply(this, args);
    } finally {
      flushing = outer;
    }
  };
}

interface Handler {
  readonly infoReceived?: unknown;
  readonly connected?: unknown;
  readonly outbound?: { size?(): unknown };
}

/** Before the login nothing is written, and what was gathered stays. */
function isWriting({ infoReceived, connected }: Handler): boolean {
  return infoReceived === true && connected === true;
}

function forgetting(original: Method): AnyMethod {
  return function resetOutbound(this: object, ...args: unknown[]): unknown {
    gathered.set(this, undefined);
    return original.apply(this, args);
  };
}

function isPublish(command: unknown): boolean {
  const start =
    typeof command === 'string'
      ? command.slice(0, 5)
      : command instanceof Uint8Array
        ? text(command, 0, 5)
        : '';
  return start.startsWith('PUB ') || start === 'HPUB ';
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

const NEWLINE = 10;

/** How many operations begin in a write: PUB, HPUB and PING; -1 when it is not understood. */
function operationsIn(chunk: unknown): number {
  if (!(chunk instanceof Uint8Array)) return -1;
  let count = 0;
  let at = 0;
  while (at < chunk.length) {
    const end = chunk.indexOf(NEWLINE, at);
    if (end < 0) return -1;
    const word = text(chunk, at, Math.min(end, at + 5));
    const isMessage = word.startsWith('PUB ') || word === 'HPUB ';
    if (isMessage || word.startsWith('PING') || word === 'CONNE') count++;
    at = end + 1 + (isMessage ? payloadBytes(chunk, at, end) : 0);
  }
  return at === chunk.length ? count : -1;
}

/** The last number of its line, and the end of line behind the payload. */
function payloadBytes(chunk: Uint8Array, start: number, end: number): number {
  const line = text(chunk, Math.max(start, end - 12), end).trim();
  return Number(line.slice(line.lastIndexOf(' ') + 1)) + 2;
}
