// The byte layer: net.Socket and, by inheritance, tls.TLSSocket, so TLS is seen as plaintext. In: what the application's sockets do.
// Out: connectionOpen, connectionPhase, write, read and close records. Not here: servers and requests (server.ts), drivers (hints/).
// Follow a byte: `write` notes the context, `_writeGeneric` the bytes when they really go out, `push` what comes in.

import type { Socket } from 'node:net';
import {
  ANSWER_HEAD_BYTES,
  CloseFlag,
  OpenFlag,
  Phase,
  READ_HEAD_BYTES,
  WriteFlag,
} from '../../record/layout.ts';
import { CONTEXT_LIMIT, type RecordWriter } from '../../record/writer.ts';
import { Budget } from '../budget.ts';
import { sampledCall } from '../calls.ts';
import { idleNs, now } from '../clock.ts';
import {
  forgetSocket,
  ignoreSocket,
  newState,
  replaceReading,
  Role,
  stateOf,
  type ConnectionState,
} from '../connection-state.ts';
import { Context, currentContext, takeWriteContext, type WriteContext } from '../context.ts';
import { noteHooked, noteNotVisible } from '../coverage.ts';
import { exchangeOf } from '../exchange.ts';
import { noteFirstWrite } from '../first-write.ts';
import { active, fail } from '../guard.ts';
import { wrap, type Uninstall } from '../hook.ts';
import { tellAgain, tellBeforeWrite, tellConnected, tellOpen } from '../opening.ts';
import { announce, epoch, flush, recorder } from '../recorder.ts';
import {
  addressesOf,
  isHandedOver,
  isRawRead,
  isTls,
  isToolPipe,
  targetOf,
  tlsCarrier,
  type InnerSocket,
} from '../socket-facts.ts';

/** A chunk as the stream layer hands it over: `_writev` gets a list of these. */
interface BufferedChunk {
  readonly chunk: Buffer | string;
  readonly encoding: BufferEncoding;
}

/**
 * New connections are reported at once: should this event loop be busy from now on, records of the other end would come first, and
 * nobody would know who called it. 100 a second are at most 0.4 % of a core; clients without keep-alive that open more wait for the timer.
 */
const prompt = new Budget(100, 100);

/** Whoever connected from outside. */
const NOBODY = { request: 0, call: 0 };

/** Text that is said to be a buffer: streams let it pass, and the socket throws. */
const NO_TEXT: string = 'buffer';

/** Patches the prototype of `net.Socket`. */
export function installNet(prototype: Socket): Uninstall {
  const uninstalls = [
    wrap(prototype, 'write', (_original, below) => {
      return function write(
        this: InnerSocket,
        chunk: unknown,
        encoding: unknown,
        callback: unknown,
      ): unknown {
        if (active) noteWriteCall(this, chunk);
        return below.write.call(this, chunk, encoding, callback);
      };
    }),
    wrap(prototype, 'end', (original) => {
      return function end(this: InnerSocket, chunk: unknown, encoding: unknown, callback: unknown): unknown {
        if (active && chunk !== undefined && chunk !== null && typeof chunk !== 'function')
          noteWriteCall(this, chunk);
        return original.call(this, chunk, encoding, callback);
      };
    }),
    wrap(prototype, '_writeGeneric', (original) => {
      return function _writeGeneric(
        this: InnerSocket,
        isMany: unknown,
        data: unknown,
        encoding: unknown,
        callback: unknown,
      ): unknown {
        if (active) noteSent(this, isMany === true, data, encoding);
        return original.call(this, isMany, data, encoding, callback);
      };
    }),
    wrap(prototype, 'push', (_original, below) => {
      return function push(this: InnerSocket, chunk: unknown, encoding: unknown): unknown {
        if (!active) return below.push.call(this, chunk, encoding);
        const previous = replaceReading(noteReceived(this, chunk));
        try {
          return below.push.call(this, chunk, encoding);
        } finally {
          replaceReading(previous);
        }
      };
    }),
    wrap(prototype, 'connect', (original) => {
      return function connect(this: InnerSocket, ...args: unknown[]): unknown {
        if (active) noteConnect(this, args);
        return original.apply(this, args);
      };
    }),
    wrap(prototype, 'emit', (_original, below) => {
      return function emit(this: InnerSocket, ...args: unknown[]): unknown {
        if (active && isNoted(args[0])) noteEvent(this, args[0], args[1], args[2]);
        return below.emit.apply(this, args);
      };
    }),
  ];
  noteHooked('net.Socket');
  return () => {
    for (const uninstall of uninstalls) uninstall();
  };
}

/** A TLS socket begins to exist: its handshake is measured from here when it wraps a socket that is open already. */
export function noteTlsSocket(socket: object): void {
  newState(socket, Role.unknown, now());
}

function noteWriteCall(socket: InnerSocket, chunk: unknown): void {
  try {
    const state = stateOf(socket);
    if (recorder === undefined) return;
    if (state === undefined) {
      if (isHandedOver(socket)) noteHandedOver();
      return;
    }
    if (state.role === Role.unknown) openOver(socket, state);
    if (state.role === Role.accepted) noteResponse(socket, state, chunk);
    else if (state.role === Role.client) noteContext(socket, state, chunk);
  } catch (error) {
    fail(error);
  }
}

/** Perhaps all that this process does: it has to say so itself. */
function noteHandedOver(): void {
  noteNotVisible('sockets that another process handed over');
  announce();
}

function noteContext(socket: InnerSocket, state: ConnectionState, chunk: unknown): void {
  // What `write` is going to refuse would leave its context behind.
  if (!socket.writable || !(typeof chunk === 'string' || ArrayBuffer.isView(chunk))) return;
  if (state.isWriteDue && socket.writableLength === 0) state.clearContexts();
  if (!state.hasWritten) noteFirstWrite(state, chunk);
  let context = state.owner ?? (state.source === undefined ? takeWriteContext() : state.source.take(chunk));
  if (context instanceof Context && context.call === 0) context = sampledCall(context, state.target);
  state.pushContext(context);
}

/** First byte of a response. `_httpMessage` is the response that owns the socket now (Node's own field since 0.x). */
function noteResponse(socket: InnerSocket, state: ConnectionState, chunk: unknown): void {
  const response = socket._httpMessage;
  if (response) exchangeOf(response)?.noteFirstByte(response);
  else if (state.upgrade !== undefined) noteUpgradeAnswer(state, chunk);
}

/** After `upgrade` the application writes the head itself: `HTTP/1.1 101 …`. */
function noteUpgradeAnswer(state: ConnectionState, chunk: unknown): void {
  const head = Buffer.isBuffer(chunk) ? chunk.toString('latin1', 0, 12) : String(chunk);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  state.upgrade?.noteFirstByte();
  state.upgrade?.end(Number(status ?? 0), false);
  state.upgrade = undefined;
}

function noteSent(socket: InnerSocket, isMany: boolean, data: unknown, encoding: unknown): void {
  try {
    const state = stateOf(socket);
    if (state === undefined || recorder === undefined || state.role !== Role.client) return;
    // While connecting the stream layer only keeps the bytes, and calls again once connected.
    if (socket.connecting || !socket._handle) return;
    if (state.epoch !== epoch) tellBeforeWrite(state);
    state.isAnswerDue = true;
    if (isMany) recordMany(recorder, state, data as readonly BufferedChunk[]);
    else
      recordOne(recorder, state, state.shiftContext(), data as Buffer | string, encoding as BufferEncoding);
  } catch (error) {
    fail(error);
  }
}

function recordOne(
  writer: RecordWriter,
  state: ConnectionState,
  context: WriteContext,
  data: Buffer | string,
  encoding: BufferEncoding,
): void {
  const isOne = context instanceof Context;
  const count = isOne ? 1 : Math.min(context.length, CONTEXT_LIMIT);
  const flags = isOne ? 0 : WriteFlag.orderedContexts;
  if (!writer.beginWrite(now(), idleNs(), flags, state.id, count, data.length)) return;
  if (isOne) writer.writeContext(0, context.request, context.call);
  else for (let index = 0; index < count; index++) writeOrdered(writer, context[index]);
  writeChunk(writer, data, encoding);
  writer.endWrite();
}

function writeOrdered(writer: RecordWriter, context: Context | undefined): void {
  writer.writeContext(0, context?.request ?? 0, context?.call ?? 0);
}

/** All chunks of one `_writev` are one record (pg writes five chunks a query), unless one of them is ordered: orders cannot be joined. */
function recordMany(writer: RecordWriter, state: ConnectionState, chunks: readonly BufferedChunk[]): void {
  const shared = state.shiftShared(chunks.length);
  if (shared !== undefined) return recordShared(writer, state, chunks, shared);
  const count = chunks.length > CONTEXT_LIMIT ? 0 : state.contextChanges(chunks.length);
  if (count > 0) recordJoined(writer, state, chunks, count);
  else
    for (const { chunk, encoding } of chunks) recordOne(writer, state, state.shiftContext(), chunk, encoding);
}

/** All of one operation, as nearly always. */
function recordShared(
  writer: RecordWriter,
  state: ConnectionState,
  chunks: readonly BufferedChunk[],
  context: Context,
): void {
  if (!writer.beginWrite(now(), idleNs(), 0, state.id, 1, 0)) {
    for (const chunk of chunks) writer.droppedBytes += chunkSize(chunk);
    return;
  }
  writer.writeContext(0, context.request, context.call);
  for (const { chunk, encoding } of chunks) writeChunk(writer, chunk, encoding);
  writer.endWrite();
}

/** `count`: how many contexts, neighbours that are the same taken as one. */
function recordJoined(
  writer: RecordWriter,
  state: ConnectionState,
  chunks: readonly BufferedChunk[],
  count: number,
): void {
  const isRecorded = writer.beginWrite(now(), idleNs(), 0, state.id, count, 0);
  let offset = 0;
  let previous: WriteContext | undefined;
  for (const buffered of chunks) {
    const context = state.shiftContext();
    if (isRecorded && context !== previous && context instanceof Context)
      writer.writeContext(offset, context.request, context.call);
    if (count > 1 || !isRecorded) offset += chunkSize(buffered);
    previous = context;
  }
  if (!isRecorded) {
    writer.droppedBytes += offset;
    return;
  }
  for (const { chunk, encoding } of chunks) writeChunk(writer, chunk, encoding);
  writer.endWrite();
}

function chunkSize({ chunk, encoding }: BufferedChunk): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length;
}

function writeChunk(writer: RecordWriter, chunk: Buffer | string, encoding: BufferEncoding): void {
  if (typeof chunk === 'string') writer.writeText(chunk, encoding === NO_TEXT ? 'utf8' : encoding);
  else writer.writeBytes(chunk);
}

function noteReceived(socket: InnerSocket, chunk: unknown): ConnectionState | undefined {
  try {
    const state = stateOf(socket);
    if (state === undefined || recorder === undefined || !Buffer.isBuffer(chunk)) return undefined;
    if (state.role === Role.unknown) openOver(socket, state);
    if (state.role !== Role.client) return undefined;
    recorder.read(now(), idleNs(), state.id, chunk, state.isAnswerDue ? ANSWER_HEAD_BYTES : READ_HEAD_BYTES);
    state.isAnswerDue = false;
    return state;
  } catch (error) {
    fail(error);
    return undefined;
  }
}

function noteConnect(socket: InnerSocket, args: readonly unknown[]): void {
  try {
    if (recorder === undefined || stateOf(socket)?.role === Role.ignored) return;
    const target = targetOf(args);
    if (isToolPipe(target.path)) {
      ignoreSocket(socket);
      return;
    }
    const name = target.path ?? `${target.host ?? 'localhost'}:${target.port}`;
    if (isRawRead(socket)) {
      // Requests without answers would be wrong.
      noteNotVisible(`sockets with onread: ${name}`);
      ignoreSocket(socket);
      return;
    }
    const state = newState(socket, Role.client, now());
    state.target = name;
    const flags = (isTls(socket) ? OpenFlag.tls : 0) | (target.path === undefined ? 0 : OpenFlag.unix);
    const { host, port, path } = target;
    tellOpen(state, flags, 0, { host, port, path }, currentContext());
  } catch (error) {
    fail(error);
  }
}

/** A TLS socket that did not connect itself is a layer on another socket, on the same side of the connection as that one. */
function openOver(socket: InnerSocket, state: ConnectionState): void {
  const carrier = tlsCarrier(socket);
  const below = carrier && stateOf(carrier);
  if (socket._tlsOptions?.isServer === true || below?.role === Role.accepted) {
    openAccepted(socket, state, below?.id ?? 0);
    return;
  }
  state.role = below?.role === Role.ignored ? Role.ignored : Role.client;
  if (state.role === Role.ignored) return;
  state.target = below?.target ?? '';
  state.addresses = below?.addresses;
  tellOpen(state, OpenFlag.tls, below?.id ?? 0, {}, currentContext());
}

function openAccepted(socket: InnerSocket, state: ConnectionState, over: number): void {
  state.role = Role.accepted;
  const flags = OpenFlag.accepted | (isTls(socket) ? OpenFlag.tls : 0);
  tellOpen(state, flags, over, {}, NOBODY);
  tellConnected(state, state.openedAt, addressesOf(socket));
  state.isConnected = true;
}

/** A server accepted this socket, just now or (TLS) before its handshake. */
export function acceptedState(socket: InnerSocket): ConnectionState {
  let state = stateOf(socket);
  if (state === undefined) state = newState(socket, Role.unknown, now());
  if (state.role === Role.unknown) {
    const carrier = tlsCarrier(socket);
    openAccepted(socket, state, (carrier && stateOf(carrier)?.id) ?? 0);
  } else if (state.epoch !== epoch && state.role === Role.accepted) tellAgain(state);
  return state;
}

/** Most events are `data`: the name is looked at before the socket is. */
function isNoted(name: unknown): boolean {
  return name === 'connect' || name === 'close' || name === 'lookup' || name === 'secure' || name === 'error';
}

/** What is wanted of an event comes one by one: V8 makes no array of `args`, then. */
function noteEvent(socket: InnerSocket, name: unknown, first: unknown, second: unknown): void {
  const state = stateOf(socket);
  if (state === undefined || state.role === Role.ignored || recorder === undefined) return;
  try {
    switch (name) {
      case 'lookup':
        return noteLookup(state, first, second);
      case 'connect':
        return noteConnected(socket, state);
      case 'secure':
        return noteSecured(socket, state);
      case 'error':
        return noteError(state, first);
      case 'close':
        return noteClose(state, first === true);
    }
  } catch (error) {
    fail(error);
  }
}

function noteLookup(state: ConnectionState, error: unknown, address: unknown): void {
  if (state.isResolved || error) return;
  state.isResolved = true;
  phase(state, Phase.resolved, { address });
}

function noteConnected(socket: InnerSocket, state: ConnectionState): void {
  if (state.role !== Role.client || state.isConnected) return;
  state.isConnected = true;
  tellConnected(state, now(), addressesOf(socket));
  if (prompt.take(now())) flush();
}

function noteSecured(socket: InnerSocket, state: ConnectionState): void {
  if (state.role === Role.unknown) openOver(socket, state);
  if (state.role !== Role.client) return;
  const protocol = socket.getProtocol?.() ?? undefined;
  phase(state, Phase.secured, { protocol, reused: socket.isSessionReused?.() });
}

function noteError(state: ConnectionState, error: unknown): void {
  if (state.role !== Role.client || state.isConnected) return;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  phase(state, Phase.failed, { code });
}

function noteClose(state: ConnectionState, isError: boolean): void {
  state.upgrade?.end(0, true);
  state.upgrade = undefined;
  const wasOpen = state.role === Role.client || state.role === Role.accepted;
  state.role = Role.closed;
  if (wasOpen) recorder?.close(now(), idleNs(), isError ? CloseFlag.error : 0, state.id);
  forgetSocket();
}

function phase(state: ConnectionState, number: number, payload: object): void {
  recorder?.connectionPhase(now(), idleNs(), state.id, number, payload);
}
