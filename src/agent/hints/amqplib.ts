// Hints for amqplib (0.8 on): calls that queue on their channel, and publishing. In: new prototypes. Out: calls, and for each write the
// contexts of the operations in it. Frames wait in a buffer for each channel; writes take turns among the channels.
// Follow a call: `sendOrEnqueue` (the application's), `sendMethod` (in its turn), its frame found in a write.

import {
  HIDDEN_CONTEXT,
  bindCallback,
  currentContext,
  type Context,
  type WriteContext,
} from '../requests/context.ts';
import { newCall } from '../calls/calls.ts';
import { stateOf, type WriteSource } from '../connections/connection-state.ts';
import type { Recognizer } from '../emitter-init.ts';
import { active, guarded } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { CONSUME, hookDeliveries, noteAnswer, noteConsumer } from './amqplib-consume.ts';
import { asOperation, hasAll, wrapOwner } from './operation.ts';
import { TRACEPARENT, traceparentFor } from './sent-message.ts';
import { sideTable } from './side-table.ts';

const FRAME_HEADER_BYTES = 7;
const METHOD_FRAME = 1;
const FRAME_END_BYTES = 1;
/** class << 16 | method: parts of the login, answers to the server, acknowledgements. All else begins an operation. */
const NO_OPERATION: ReadonlySet<number> = new Set([
  0x0a000b, // connection.start-ok
  0x0a0015, // connection.secure-ok
  0x0a001f, // connection.tune-ok
  0x0a0028, // connection.open
  0x0a0033, // connection.close-ok
  0x140015, // channel.flow-ok
  0x140029, // channel.close-ok
  0x3c0050, // basic.ack
  0x3c005a, // basic.reject
  0x3c0064, // basic.recover-async
  0x3c0078, // basic.nack
]);
/** Begun and not written: a broker that takes no more. Beyond it the operations of that connection are hidden. */
const WAITING_LIMIT = 100_000;

const PUBLISH = 0x3c0028;

/** By the arguments of a call: whose it is. */
const calls = sideTable<Context>();

/** An operation that was begun. */
interface Begun {
  readonly method: number;
  readonly context: Context;
}

/** Operations of one connection whose frames were not written yet, by channel. */
class AmqpWrites implements WriteSource {
  readonly #waiting = new Map<number, Begun[]>();
  #last: Context = HIDDEN_CONTEXT;
  /** What was written is not what was begun: nothing is known from here on. */
  #isLost = false;

  begun(channel: number, method: number, context: Context): void {
    const list = this.#waiting.get(channel);
    if (list === undefined) this.#waiting.set(channel, [{ method, context }]);
    else if (list.length < WAITING_LIMIT) list.push({ method, context });
    else this.#isLost = true;
  }

  take(chunk: unknown): WriteContext {
    if (!Buffer.isBuffer(chunk) || this.#isLost) return HIDDEN_CONTEXT;
    const contexts: Context[] = [];
    let at = 0;
    for (; at + FRAME_HEADER_BYTES + 4 <= chunk.length; at += frameBytes(chunk, at))
      if (isOperation(chunk, at)) contexts.push(this.#next(chunk.readUInt16BE(at + 1), methodAt(chunk, at)));
    // The rest of a message, or a heartbeat.
    if (contexts.length === 0) return this.#last;
    this.#last = contexts.at(-1) ?? HIDDEN_CONTEXT;
    return contexts.length === 1 ? this.#last : contexts;
  }

  #next(channel: number, method: number): Context {
    const next = this.#waiting.get(channel)?.shift();
    this.#isLost ||= next?.method !== method;
    return next === undefined || this.#isLost ? HIDDEN_CONTEXT : next.context;
  }
}

function frameBytes(chunk: Buffer, at: number): number {
  return FRAME_HEADER_BYTES + chunk.readUInt32BE(at + 3) + FRAME_END_BYTES;
}

function isOperation(chunk: Buffer, at: number): boolean {
  return chunk[at] === METHOD_FRAME && !NO_OPERATION.has(methodAt(chunk, at));
}

function methodAt(chunk: Buffer, at: number): number {
  return chunk.readUInt32BE(at + FRAME_HEADER_BYTES);
}

interface Connection {
  readonly stream?: object;
}

/** `Connection` and `Channel`; the classes of the promise and callback APIs extend the latter. */
export const recognizeAmqplib: Recognizer = (prototype) => {
  if (hasAll(prototype, 'sendMethod', 'sendMessage', 'sendHeartbeat', 'freshChannel'))
    hookConnection(prototype);
  if (hasAll(prototype, 'sendOrEnqueue', 'sendImmediately', 'sendMessage')) hookChannel(prototype);
  if (hasAll(prototype, 'sendOrEnqueue', 'dispatchMessage')) hookDeliveries(prototype);
  return undefined;
};

function hookConnection(prototype: object): void {
  wrapOwner(prototype, 'sendMethod', (original) => {
    return function sendMethod(this: Connection, ...args: unknown[]): unknown {
      const [channel, method, fields] = args;
      if (active && typeof method === 'number' && !NO_OPERATION.has(method))
        guarded(note, this, { channel, method, fields });
      return original.apply(this, args);
    };
  });
  wrapOwner(prototype, 'sendMessage', (original) => {
    return function sendMessage(this: Connection, ...args: unknown[]): unknown {
      const content = args[5];
      // What is no buffer is refused before it is written.
      if (active && Buffer.isBuffer(content)) {
        guarded(note, this, { channel: args[0], method: PUBLISH });
        guarded(tell, this, args[4]);
      }
      return original.apply(this, args);
    };
  });
}

/** `publish` makes a new table of headers, with those of the application as its prototype. */
function tell({ stream }: Connection, properties: unknown): void {
  const { headers } = (properties ?? {}) as { readonly headers?: unknown };
  if (typeof headers !== 'object' || headers === null || TRACEPARENT in headers) return;
  if (Object.keys(headers).some((name) => name !== 'CC' && name !== 'BCC')) return;
  const traceparent = traceparentFor(currentContext(), (stream && stateOf(stream)?.target) ?? '');
  if (traceparent !== '') Reflect.set(headers, TRACEPARENT, traceparent);
}

interface Sent {
  readonly channel: unknown;
  readonly method: number;
  readonly fields?: unknown;
}

function note({ stream }: Connection, { channel, method, fields }: Sent): void {
  const state = stream && stateOf(stream);
  if (!state || typeof channel !== 'number') return;
  if (!(state.source instanceof AmqpWrites)) state.source = new AmqpWrites();
  const known = typeof fields === 'object' && fields !== null ? calls.get(fields) : undefined;
  (state.source as AmqpWrites).begun(channel, method, known ?? newCall('amqplib'));
}

function hookChannel(prototype: object): void {
  wrapOwner(prototype, 'sendOrEnqueue', enqueuing);
  wrapOwner(prototype, 'sendImmediately', sendingNow);
  wrapOwner(prototype, 'pushConfirmCallback', confirming);
}

/** The application calls; the answer is given to it in the same request. */
function enqueuing(original: Method): AnyMethod {
  return function sendOrEnqueue(this: object, ...args: unknown[]): unknown {
    const [method, fields, reply] = args;
    if (!active || typeof fields !== 'object' || fields === null) return original.apply(this, args);
    const context = newCall('amqplib');
    calls.set(fields, context);
    args[2] = bindCallback(method === CONSUME ? noteConsumer(this, fields, reply) : reply, context);
    return original.apply(this, args);
  };
}

function sendingNow(original: Method): AnyMethod {
  return function sendImmediately(this: object, ...args: unknown[]): unknown {
    const [method, fields] = args;
    if (active) noteAnswer(this, method, fields);
    const context = typeof fields === 'object' && fields !== null ? calls.get(fields) : undefined;
    return asOperation(context, original, this, args);
  };
}

/** The callback of a confirmed message. */
function confirming(original: Method): AnyMethod {
  return function pushConfirmCallback(this: unknown, ...args: unknown[]): unknown {
    if (active && typeof args[0] === 'function') args[0] = bindCallback(args[0], currentContext());
    return original.apply(this, args);
  };
}
