// Hints for undici (5 on) and the built-in fetch. In: new dispatchers, undici's diagnostics channels. Out: calls, grants and contexts.
// A request waits in a pool, then in a client; what is written on its socket until the next head is sent belongs to it.

import { subscribe } from 'node:diagnostics_channel';
import type { Recognizer } from '../emitter-init.ts';
import { HIDDEN_CONTEXT, currentContext, replaceCurrent, type Context } from '../requests/context.ts';
import { grant, newCall } from '../calls/calls.ts';
import { stateOf } from '../connections/connection-state.ts';
import { noteFetch } from '../cost/own-cost.ts';
import { active, guarded } from '../guard.ts';
import { ownerOf, wrap, type AnyMethod, type Method } from '../hook.ts';
import { forbids, headForbids, mayTell, targetForbids } from '../requests/propagation.ts';
import { asOperationInRequest, hasAll, textOf } from './operation.ts';
import { sideTable } from './side-table.ts';
import { Stamped } from '../stamp.ts';
import { traceOf } from '../requests/trace.ts';

/** By the handler that a dispatcher passes on: whose operation it is, and who took it first. Not a side table: every request comes here. */
class HandlerNote extends Stamped {
  #taken: Taken | undefined;

  static get(handler: object): Taken | undefined {
    return #taken in handler ? handler.#taken : undefined;
  }

  static set(handler: object, taken: Taken | undefined): void {
    const note = #taken in handler ? handler : new HandlerNote(handler);
    note.#taken = taken;
  }
}

/** By undici's own `Request`. */
class RequestNote extends Stamped {
  #context: Context | undefined;

  static get(request: object): Context | undefined {
    return #context in request ? request.#context : undefined;
  }

  static set(request: object, context: Context | undefined): void {
    const note = #context in request ? request : new RequestNote(request);
    note.#context = context;
  }
}

/** By the options of a request whose handler was exchanged on the way: undici 7 unwraps handlers of the new style before it queues them. */
const queued = sideTable<Taken>();

interface Taken {
  readonly by: object;
  readonly context: Context;
}

/** A dispatcher is dispatching: the dispatchers below it, and the request that is built, are the same operation. */
let dispatching: Context | undefined;

/** `Client`, `Pool`, `Agent` and the like. */
export const recognizeUndici: Recognizer = (prototype) => {
  if (!hasAll(prototype, 'dispatch', 'destroy', 'close')) return undefined;
  const owner = ownerOf(prototype, 'dispatch');
  if (owner !== undefined) wrap(owner, 'dispatch', dispatchingRequest);
  return undefined;
};

function dispatchingRequest(original: Method): AnyMethod {
  return function dispatch(this: object, ...args: unknown[]): unknown {
    const options = args[0];
    const handler = args[1];
    if (!active || !isObject(options) || !isObject(handler)) return original.apply(this, args);
    const outer = dispatching;
    dispatching = operationOf(this, options, handler);
    // Out of a queue: the connection that is opened now is for the one who waited.
    const isElsewhere = dispatching.request !== currentContext().request;
    const previous = replaceCurrent(dispatching);
    try {
      if (isElsewhere) return asOperationInRequest(dispatching, original, this, args);
      return original.apply(this, args);
    } finally {
      replaceCurrent(previous);
      dispatching = outer;
    }
  };
}

function operationOf(dispatcher: object, options: object, handler: object): Context {
  const taken = HandlerNote.get(handler);
  if (taken !== undefined && taken.by !== dispatcher) return taken.context;
  let context = dispatching ?? takeQueued(dispatcher, options);
  if (context === undefined) {
    context = isReused(taken) ? HIDDEN_CONTEXT : newCall('undici', textOf(options, 'origin'));
    const fresh = { by: dispatcher, context };
    queued.set(
      options,
      queued.get(options) === undefined ? fresh : { by: dispatcher, context: HIDDEN_CONTEXT },
    );
    HandlerNote.set(handler, fresh);
  } else HandlerNote.set(handler, { by: dispatcher, context });
  return context;
}

/** The same handler on the same dispatcher: a retry, or an application that uses one handler for all its requests. */
function isReused(taken: Taken | undefined): boolean {
  return taken !== undefined && taken.context.request !== currentContext().request;
}

/** Another dispatcher took these options first, and has kept them in its queue until now. */
function takeQueued(dispatcher: object, options: object): Context | undefined {
  const entry = queued.get(options);
  if (entry === undefined || entry.by === dispatcher) return undefined;
  queued.set(options, undefined);
  return entry.context;
}

/** Channels of undici, also of the copy in Node. */
export function listenToUndici(): void {
  subscribe('undici:request:create', (message) => guarded(noteCreate, message, undefined));
  subscribe('undici:client:sendHeaders', (message) => guarded(noteSendHeaders, message, undefined));
}

function noteCreate(message: unknown): void {
  const request = isObject(message) && 'request' in message ? message.request : undefined;
  if (!isObject(request)) return;
  noteFetch();
  const context = dispatching ?? HIDDEN_CONTEXT;
  RequestNote.set(request, context);
  noteClass(Object.getPrototypeOf(request) as object);
  addTrace(request, context);
}

/** Whose operation undici's own request is. */
export function contextOfRequest(request: object): Context | undefined {
  return RequestNote.get(request);
}

let lastClass: object | undefined;
let onClass: ((prototype: object) => void) | undefined;

/** Shown the class of undici's requests, perhaps again and again: each copy of undici has its own. */
export function onRequestClass(found: (prototype: object) => void): void {
  onClass = found;
  if (lastClass !== undefined) found(lastClass);
}

function noteClass(prototype: object): void {
  if (prototype === lastClass) return;
  lastClass = prototype;
  onClass?.(prototype);
}

/** undici's own `Request`, which has copied the headers of the application: a text in version 5, a list later. */
interface UndiciRequest {
  readonly headers?: unknown;
  readonly origin?: unknown;
  readonly host?: unknown;
  readonly path?: unknown;
  readonly method?: unknown;
  addHeader?(name: string, value: string): unknown;
}

function addTrace(request: UndiciRequest, context: Context): void {
  const { headers, origin, path, method } = request;
  if (typeof request.addHeader !== 'function' || typeof path !== 'string' || method === 'CONNECT') return;
  const authority = /^https?:\/\/([^/]+)/.exec(String(origin))?.[1] ?? '';
  if (!mayTell(context, authority, typeof request.host === 'string' ? request.host : authority)) return;
  if (targetForbids(path) || hasTrace(headers)) return;
  const { traceparent, b3 } = traceOf(context).headers();
  request.addHeader('traceparent', traceparent);
  if (b3 !== '') request.addHeader('b3', b3);
}

/** Or something else that forbids one; what is not understood does, too. */
function hasTrace(headers: unknown): boolean {
  if (typeof headers === 'string') return headForbids(`\r\n${headers}`);
  if (!Array.isArray(headers)) return true;
  for (let index = 0; index + 1 < headers.length; index += 2)
    if (forbids(String(headers[index]), headers[index + 1])) return true;
  return false;
}

interface SendHeaders {
  readonly request: { readonly upgrade?: unknown; readonly method?: unknown };
  readonly socket: object;
}

/** The head is written right after this. */
function noteSendHeaders(message: unknown): void {
  const { request, socket } = message as SendHeaders;
  const context = RequestNote.get(request);
  const state = stateOf(socket);
  if (context === undefined || state === undefined) return;
  grant(context);
  state.owner = context;
  // The socket becomes the application's: what it writes later is its own.
  if (request.upgrade || request.method === 'CONNECT') queueMicrotask(() => (state.owner = undefined));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
