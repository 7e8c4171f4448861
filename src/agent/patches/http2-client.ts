// HTTP/2 as a client: node:http2 takes the handle away from the socket, so that its streams are what can be seen. In: new sessions and
// streams. Out: streamStart, streamAnswer and streamEnd records, and the trace in the headers. The socket itself tells of name
// resolution, connecting and TLS, as always, and of no bytes. Not here: servers (http2-server.ts), frames.

import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { StreamEndFlag, StreamStartFlag } from '../../record/layout.ts';
import { newCall, newUnplacedCall } from '../calls/calls.ts';
import { idleNs, now } from '../clock.ts';
import { Role, stateOf, type ConnectionState } from '../connections/connection-state.ts';
import { currentContext, HIDDEN_CONTEXT, type Context } from '../requests/context.ts';
import { noteHooked } from '../sending/coverage.ts';
import { active, fail, guarded } from '../guard.ts';
import { hasAll } from '../hints/operation.ts';
import { installUndiciHttp2, takeBegunRequest } from '../hints/undici-http2.ts';
import { wrap, type AnyMethod, type Below, type Method } from '../hook.ts';
import { StreamHead } from '../requests/http2-head.ts';
import { takeCallOfStream } from '../calls/next-stream.ts';
import { mayTell, targetForbids } from '../requests/propagation.ts';
import { tellAgain } from '../connections/opening.ts';
import { epoch, recorder } from '../recorder.ts';
import { socketOfSession } from '../connections/socket-facts.ts';
import { Stamped } from '../stamp.ts';
import { traceOf } from '../requests/trace.ts';

/** Patches sessions and streams of clients, when the application makes the first. */
export function recognizeHttp2Client(prototype: object): void {
  if (hasAll(prototype, 'request', 'goaway', 'localSettings')) {
    wrap(prototype, 'request', requesting);
    installUndiciHttp2();
    noteHooked('http2.ClientHttp2Session');
  } else if (hasAll(prototype, 'rstCode', 'sentTrailers', '_writev') && !('respond' in prototype)) {
    wrap(prototype, 'push', receiving);
    wrap(prototype, '_write', writing);
    wrap(prototype, '_writev', writingMany);
    wrap(prototype, 'emit', emitting);
  }
}

let lastStream = 0;

/** One stream, from its request to its end. */
class StreamState {
  readonly number = ++lastStream;
  readonly context: Context;
  readonly connection: number;
  readonly head: StreamHead;
  isStarted = false;
  isEnded = false;
  isAnswered = false;
  /** ns; -1 until then. */
  writtenAt = -1;
  lastByteAt = -1;
  bytesOut = 0;
  bytesIn = 0;
  /** -1: none came. */
  grpcStatus = -1;
  error = '';

  constructor(context: Context, connection: number, head: StreamHead) {
    this.context = context;
    this.connection = connection;
    this.head = head;
  }

  /** `id`: the stream's number on its connection; 0 when it has none. */
  start(id: number): void {
    if (this.isStarted) return;
    this.isStarted = true;
    const { head, context } = this;
    recorder?.streamStart(
      now(),
      idleNs(),
      head.isGrpc ? StreamStartFlag.grpc : 0,
      this.number,
      this.connection,
      context.request,
      context.call,
      id,
      head.method,
      head.target,
      head.authority,
      head.traceparent,
      head.timeout,
    );
  }

  answer(status: number): void {
    if (this.isAnswered) return;
    this.isAnswered = true;
    recorder?.streamAnswer(now(), idleNs(), this.number, status);
  }

  /** Later calls do nothing. `reset`: code of the RST_STREAM frame, 0 without. */
  end(reset: number): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.start(0);
    recorder?.streamEnd(
      now(),
      idleNs(),
      this.grpcStatus < 0 ? 0 : StreamEndFlag.grpcStatus,
      this.number,
      Math.max(0, this.grpcStatus),
      this.writtenAt,
      this.lastByteAt,
      this.bytesOut,
      this.bytesIn,
      reset,
      this.error,
    );
  }
}

class StreamNote extends Stamped {
  #state: StreamState | undefined;

  static get(stream: object): StreamState | undefined {
    return #state in stream ? stream.#state : undefined;
  }

  static set(stream: object, state: StreamState): void {
    const note = #state in stream ? stream : new StreamNote(stream);
    note.#state = state;
  }
}

// ---- sessions ----

interface Session {
  readonly connection: ConnectionState | undefined;
  /** undici opens streams for whoever waited. */
  readonly isOfUndici: boolean;
}

class SessionNote extends Stamped {
  #known: Session | undefined;

  /** Found at its first stream. */
  static of(session: ClientHttp2Session): Session {
    const note = #known in session ? session : new SessionNote(session);
    return (note.#known ??= sessionOf(session));
  }
}

function sessionOf(session: ClientHttp2Session): Session {
  const socket = socketOfSession(session);
  return { connection: socket && stateOf(socket), isOfUndici: isOfUndici(session) };
}

/** It keeps its client on the session. */
function isOfUndici(session: ClientHttp2Session): boolean {
  return Object.getOwnPropertySymbols(session).some(({ description }) => description === 'client');
}

function requesting(original: Method): AnyMethod {
  return function request(this: ClientHttp2Session, headers: unknown, options: unknown): unknown {
    const state = active ? begin(this, headers) : undefined;
    if (state === undefined) return original.call(this, headers, options);
    const stream = original.call(this, state.head.withTrace(headers), options);
    guarded(follow, stream, state);
    return stream;
  };
}

function begin(session: ClientHttp2Session, headers: unknown): StreamState | undefined {
  try {
    const head = recorder === undefined || session.destroyed ? undefined : StreamHead.of(headers);
    if (head === undefined) return undefined;
    const known = SessionNote.of(session);
    const { connection } = known;
    if (connection?.role === Role.client && connection.epoch !== epoch) tellAgain(connection);
    if (head.authority === '') head.authority = connection?.target ?? '';
    const context = contextOf(known, head);
    addTrace(head, context);
    return new StreamState(context, connection?.id ?? 0, head);
  } catch (error) {
    fail(error);
    return undefined;
  }
}

/** A library that queues says whose stream it is; otherwise the code that opens it does. */
function contextOf({ connection, isOfUndici }: Session, head: StreamHead): Context {
  const owner = connection?.owner;
  if (connection !== undefined && owner !== undefined) {
    // Told for this stream only (hints/undici.ts).
    connection.owner = undefined;
    return owner;
  }
  if (isOfUndici) return takeBegunRequest() ?? HIDDEN_CONTEXT;
  // The stack of a call of gRPC that nobody saw leads to the library's own turn, not to the application.
  return (
    takeCallOfStream(currentContext()) ?? (head.isGrpc ? newUnplacedCall() : newCall('http2', head.authority))
  );
}

function addTrace(head: StreamHead, context: Context): void {
  if (head.isTaken || head.method === 'CONNECT' || targetForbids(head.target)) return;
  if (!mayTell(context, head.authority)) return;
  const { traceparent, b3 } = traceOf(context).headers();
  head.traceparent = traceparent;
  head.b3 = b3;
  head.isOurs = true;
}

function follow(stream: unknown, state: StreamState): void {
  if (typeof stream !== 'object' || stream === null) return;
  StreamNote.set(stream, state);
  const { pending, id, endAfterHeaders } = stream as ClientHttp2Stream;
  if (!pending && id !== undefined) state.start(id);
  if (endAfterHeaders) state.writtenAt = now();
}

// ---- streams ----

function receiving(_original: Method, below: Below<'push'>): AnyMethod {
  return function push(this: object, chunk: unknown, encoding: unknown): unknown {
    if (active) guarded(noteReceived, this, chunk);
    return below.push.call(this, chunk, encoding);
  };
}

function noteReceived(stream: object, chunk: unknown): void {
  const state = StreamNote.get(stream);
  if (state === undefined) return;
  state.lastByteAt = now();
  if (chunk instanceof Uint8Array) state.bytesIn += chunk.length;
  // The status of gRPC comes in trailers, behind this; a head without a body is yet to be told.
  else if (chunk === null && state.isAnswered && !state.head.isGrpc) state.end(0);
}

function writing(_original: Method, below: Below<'_write'>): AnyMethod {
  return function _write(this: object, chunk: unknown, encoding: unknown, callback: unknown): unknown {
    if (active) guarded(noteWritten, this, sizeOf(chunk, encoding));
    return below._write.call(this, chunk, encoding, callback);
  };
}

function writingMany(_original: Method, below: Below<'_writev'>): AnyMethod {
  return function _writev(this: object, chunks: unknown, callback: unknown): unknown {
    if (active) guarded(noteWrittenMany, this, chunks);
    return below._writev.call(this, chunks, callback);
  };
}

function noteWrittenMany(stream: object, chunks: unknown): void {
  if (!Array.isArray(chunks)) return;
  let size = 0;
  for (const { chunk, encoding } of chunks as { chunk: unknown; encoding: unknown }[])
    size += sizeOf(chunk, encoding);
  noteWritten(stream, size);
}

/** What is sent after the answer began does not delay it. */
function noteWritten(stream: object, size: number): void {
  const state = StreamNote.get(stream);
  if (state === undefined) return;
  state.bytesOut += size;
  if (!state.isAnswered) state.writtenAt = now();
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, encoding as BufferEncoding);
  return chunk instanceof Uint8Array ? chunk.length : 0;
}

function emitting(_original: Method, below: Below<'emit'>): AnyMethod {
  return function emit(this: ClientHttp2Stream, ...args: unknown[]): unknown {
    const state = active ? StreamNote.get(this) : undefined;
    if (state !== undefined) noteEvent(this, state, args);
    return below.emit.apply(this, args);
  };
}

function noteEvent(stream: ClientHttp2Stream, state: StreamState, args: readonly unknown[]): void {
  try {
    switch (args[0]) {
      case 'ready':
        return state.start(stream.id ?? 0);
      case 'response':
        return noteResponse(state, args[1]);
      case 'trailers':
        state.grpcStatus = grpcStatusOf(args[1]);
        return state.end(0);
      case 'error':
        state.error = codeOf(args[1]);
        return;
      case 'close':
        return state.end(stream.rstCode ?? 0);
    }
  } catch (error) {
    fail(error);
  }
}

function noteResponse(state: StreamState, headers: unknown): void {
  state.answer(numberOf(headers, ':status'));
  const hasEnded = state.lastByteAt >= 0 && state.bytesIn === 0;
  if (!hasEnded) return;
  // No body, no trailers: gRPC has its status here.
  if (state.head.isGrpc) state.grpcStatus = grpcStatusOf(headers);
  if (!state.head.isGrpc || state.grpcStatus >= 0) state.end(0);
}

function grpcStatusOf(headers: unknown): number {
  return numberOf(headers, 'grpc-status');
}

/** -1 when there is none. */
function numberOf(headers: unknown, name: string): number {
  const value: unknown =
    typeof headers === 'object' && headers !== null ? Reflect.get(headers, name) : undefined;
  const number = value === undefined || value === '' ? Number.NaN : Number(value);
  return Number.isInteger(number) && number >= 0 ? number : -1;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
