// HTTP/2 as a server: each stream is a request, whether the application takes it as a stream or through the request API, and a gRPC
// call is one, too. In: the `stream` event of servers, new streams. Out: requestStart and requestEnd, and all events of a stream in
// the context of its request: they come in that of the session. Not here: the request API (server.ts), records (exchange.ts).

import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { runInContext } from '../requests/context.ts';
import { noteHooked } from '../sending/coverage.ts';
import { Exchange, exchangeOf, setExchange } from '../requests/exchange.ts';
import { active, fail, guarded } from '../guard.ts';
import { hasAll } from '../hints/operation.ts';
import { wrap, type AnyMethod, type Below, type Method } from '../hook.ts';
import { socketOfSession } from '../connections/socket-facts.ts';
import { acceptedState } from './connections.ts';

/** What gRPC calls its methods in records; all of them are POST. */
const GRPC_METHOD = 'GRPC';
/** By gRPC status: HTTP's, as google.rpc.Code has them (google/rpc/code.proto). Routes and errors of all requests are counted alike. */
const HTTP_STATUS = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];
const CANCELLED = 1;
const UNKNOWN = 2;

/** Patches streams of servers, when the first comes in. */
export function recognizeHttp2Server(prototype: object): void {
  if (!hasAll(prototype, 'rstCode', 'sentTrailers', 'respond', 'pushStream')) return;
  wrap(prototype, 'emit', emitting);
  for (const name of ['respond', 'respondWithFD', 'respondWithFile']) wrap(prototype, name, responding);
  noteHooked('http2.ServerHttp2Stream');
}

/** A server emits `stream`: the request begins. */
export function beginStream(stream: unknown, headers: unknown, rawHeaders: unknown): Exchange | undefined {
  if (!isServerStream(stream) || typeof headers !== 'object' || headers === null) return undefined;
  const known = exchangeOf(stream);
  if (known !== undefined) return known;
  const found = headers as IncomingHttpHeaders;
  const isGrpc = found['content-type']?.startsWith('application/grpc') === true;
  const url = found[':path'] ?? '';
  const exchange = new Exchange(
    {
      method: isGrpc ? GRPC_METHOD : (found[':method'] ?? ''),
      url,
      rawHeaders: Array.isArray(rawHeaders) ? (rawHeaders as string[]) : [],
    },
    connectionOf(stream),
    stream.id,
  );
  if (isGrpc) exchange.route = url;
  exchange.isGrpc = isGrpc;
  setExchange(stream, exchange);
  return exchange;
}

function isServerStream(stream: unknown): stream is ServerHttp2Stream {
  return typeof stream === 'object' && stream !== null && hasAll(stream, 'respond', 'rstCode');
}

function connectionOf({ session }: ServerHttp2Stream): number {
  const socket = session && socketOfSession(session);
  return socket === undefined ? 0 : acceptedState(socket).id;
}

function responding(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    if (active) guarded(noteFirstByte, this, undefined);
    const result = original.apply(this, args);
    if (active) guarded(noteHead, this, undefined);
    return result;
  };
}

function noteFirstByte(stream: object): void {
  exchangeOf(stream)?.noteFirstByte();
}

/** A stream of events is complete with its head: how long it stays open says nothing. */
function noteHead(stream: object): void {
  if (!isServerStream(stream)) return;
  const isEventStream = String(stream.sentHeaders?.['content-type'] ?? '').startsWith('text/event-stream');
  if (isEventStream) exchangeOf(stream)?.end(statusOf(stream), false);
}

function emitting(_original: Method, below: Below<'emit'>): AnyMethod {
  return function emit(this: ServerHttp2Stream, ...args: unknown[]): unknown {
    const exchange = active ? exchangeOf(this) : undefined;
    if (exchange === undefined) return below.emit.apply(this, args);
    noteEvent(exchange, this, args[0]);
    return runInContext(exchange.context, below.emit as (...args: never[]) => unknown, this, args);
  };
}

function noteEvent(exchange: Exchange, stream: ServerHttp2Stream, name: unknown): void {
  try {
    // A reset finishes it, too; and trailers, which hold the status of gRPC, are behind the end of the body.
    if (name === 'finish' && stream.headersSent && !exchange.isGrpc) exchange.end(statusOf(stream), false);
    else if (name === 'close') noteClose(exchange, stream);
  } catch (error) {
    fail(error);
  }
}

function noteClose(exchange: Exchange, stream: ServerHttp2Stream): void {
  const isCut = stream.aborted || !stream.writableFinished;
  if (!exchange.isGrpc) return exchange.end(statusOf(stream), isCut);
  const status = grpcStatusOf(stream);
  exchange.end(HTTP_STATUS[status ?? (isCut ? CANCELLED : UNKNOWN)] ?? 500, isCut && status === undefined);
}

function statusOf(stream: ServerHttp2Stream): number {
  return Number(stream.sentHeaders?.[':status'] ?? 0);
}

/** In the trailers, or in the head when there is nothing else. */
function grpcStatusOf(stream: ServerHttp2Stream): number | undefined {
  const status = stream.sentTrailers?.['grpc-status'] ?? stream.sentHeaders?.['grpc-status'];
  return status === undefined ? undefined : Number(status);
}
