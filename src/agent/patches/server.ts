// Incoming requests: one patch of `net.Server.prototype.emit` covers http, https and http2, whatever framework is on top.
// In: `connection`, `request`, `stream` and `upgrade` events. Out: accepted connections, requestStart and requestEnd, and everything that happens
// because of a request running in its context. Not here: bytes of servers; streams of http2 (http2-server.ts).

import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import { runInContext } from '../requests/context.ts';
import { noteHooked } from '../sending/coverage.ts';
import { Exchange, exchangeOf, setExchange } from '../requests/exchange.ts';
import { active, fail } from '../guard.ts';
import { wrap, type AnyMethod, type Below, type Method, type Uninstall } from '../hook.ts';
import { laterPart } from '../later/later.ts';
import { announce, recorder } from '../recorder.ts';
import { searchHono } from '../routes/hono.ts';
import { searchLoadedModules } from '../routes/loaded-modules.ts';
import type { InnerSocket } from '../connections/socket-facts.ts';
import { acceptedState } from './connections.ts';

/** Patches the prototype of `net.Server`. */
export function installServer(prototype: Server): Uninstall {
  noteHooked('net.Server');
  return wrap(prototype, 'emit', (_original, below) => {
    return function emit(this: Server, ...args: unknown[]): unknown {
      const exchange = active ? noteServerEvent(args) : undefined;
      if (exchange === undefined) return below.emit.apply(this, args);
      return runInContext(exchange.context, below.emit, this, args);
    };
  });
}

/** The exchange that begins with this event, if one does. */
function noteServerEvent(args: readonly unknown[]): Exchange | undefined {
  try {
    if (recorder === undefined) return undefined;
    switch (args[0]) {
      case 'request':
      case 'checkContinue':
      case 'checkExpectation':
        return beginRequest(args[1] as IncomingMessage, args[2] as ServerResponse);
      case 'stream':
        return laterPart?.beginStream(args[1], args[2], args[4]);
      case 'upgrade':
        return beginUpgrade(args[1] as IncomingMessage, args[2] as InnerSocket);
      case 'connection':
      case 'secureConnection':
        if (isMessage(args[1])) acceptedState(args[1] as InnerSocket);
        return undefined;
      case 'listening':
        announce();
        searchLoadedModules();
        searchHono();
        return undefined;
      default:
        return undefined;
    }
  } catch (error) {
    fail(error);
    return undefined;
  }
}

function beginRequest(request: IncomingMessage, response: ServerResponse): Exchange | undefined {
  if (!isIncoming(request) || !isMessage(response)) return undefined;
  const known = exchangeOf(response);
  if (known !== undefined) return known;
  const exchange = exchangeOfStream(request) ?? new Exchange(request, connectionOf(request));
  setExchange(request, exchange);
  setExchange(response, exchange);
  hookMessages(request, response);
  return exchange;
}

function beginUpgrade(request: IncomingMessage, socket: InnerSocket): Exchange | undefined {
  if (!isIncoming(request) || !isMessage(socket)) return undefined;
  const state = acceptedState(socket);
  // The same event, seen by a patch nearer to the server.
  return (state.upgrade ??= new Exchange(request, state.id));
}

/** Anybody may emit anything on a server. */
function isMessage(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isIncoming(request: IncomingMessage): boolean {
  return (
    isMessage(request) &&
    Array.isArray(request.rawHeaders) &&
    typeof request.method === 'string' &&
    typeof request.url === 'string'
  );
}

/** In HTTP/2 its stream came before. */
function exchangeOfStream(request: IncomingMessage): Exchange | undefined {
  if (request.httpVersionMajor < 2 || !('stream' in request) || !isMessage(request.stream)) return undefined;
  const exchange = exchangeOf(request.stream as object);
  exchange?.becomes(request);
  return exchange;
}

/** 0 for http2, where the socket is a stand-in. */
function connectionOf(request: IncomingMessage): number {
  if (request.httpVersionMajor >= 2 || !isMessage(request.socket)) return 0;
  return acceptedState(request.socket as InnerSocket).id;
}

/** Of the last request and its response: nearly always those of the next. */
let hookedRequest: unknown;
let hookedResponse: unknown;

/** Their prototypes, before a framework replaces them by its own that inherit from these. */
function hookMessages(request: IncomingMessage, response: ServerResponse): void {
  const ofRequest: unknown = Object.getPrototypeOf(request);
  const ofResponse: unknown = Object.getPrototypeOf(response);
  if (ofRequest === hookedRequest && ofResponse === hookedResponse) return;
  hookEmit(request, emitOfRequest, 'IncomingMessage');
  hookEmit(response, emitOfResponse, 'ServerResponse');
  hookedRequest = ofRequest;
  hookedResponse = ofResponse;
}

const hookedPrototypes = new WeakSet<object>();

function hookEmit(
  message: object,
  make: (original: Method, below: Below<'emit'>) => AnyMethod,
  name: string,
): void {
  const prototype = Object.getPrototypeOf(message) as object;
  if (hookedPrototypes.has(prototype)) return;
  hookedPrototypes.add(prototype);
  wrap(prototype, 'emit', make);
  noteHooked(`http.${name}`);
}

/** Node's own field: what `emit` looks into. */
interface Emitter {
  readonly _events?: Readonly<Record<string, unknown>>;
}

/** Of Node, as long as nobody has replaced it. */
const plainEmit: unknown = EventEmitter.prototype.emit;

/**
 * Nobody listens: no code runs that would have to be in the request. Of the ten events of a request and its response eight are of that kind,
 * and to enter a request costs up to 0.3 µs: hello-world on Node 24.21 +1.5 instead of +2.7 µs, bench/agent.ts, 2026-11. Where `emit` is somebody's own (node:domain, other tracers), nothing is known of that.
 */
function isHeard(emitter: Emitter, name: unknown, emit: unknown): boolean {
  return (
    typeof name !== 'string' ||
    name === 'error' ||
    emit !== plainEmit ||
    emitter._events?.[name] !== undefined
  );
}

/** The body arrives in the context of the connection: its listeners belong to the request, too. */
function emitOfRequest(_original: Method, below: Below<'emit'>): AnyMethod {
  return function emit(this: Emitter, ...args: unknown[]): unknown {
    const exchange = active ? exchangeOf(this) : undefined;
    if (exchange === undefined) return below.emit.apply(this, args);
    if (exchange.body !== undefined && args[0] === 'data') exchange.body.add(args[1]);
    if (!isHeard(this, args[0], below.emit)) return below.emit.apply(this, args);
    return runInContext(exchange.context, below.emit, this, args);
  };
}

function emitOfResponse(_original: Method, below: Below<'emit'>): AnyMethod {
  return function emit(this: ServerResponse & Emitter, ...args: unknown[]): unknown {
    const exchange = active ? exchangeOf(this) : undefined;
    if (exchange === undefined) return below.emit.apply(this, args);
    noteResponseEvent(exchange, this, args[0]);
    if (!isHeard(this, args[0], below.emit)) return below.emit.apply(this, args);
    return runInContext(exchange.context, below.emit, this, args);
  };
}

function noteResponseEvent(exchange: Exchange, response: ServerResponse, name: unknown): void {
  try {
    if (name === 'finish') exchange.end(response.statusCode, false);
    else if (name === 'close') exchange.end(response.statusCode, true);
  } catch (error) {
    fail(error);
  }
}
