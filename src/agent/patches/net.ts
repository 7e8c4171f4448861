// The byte layer: net.Socket and, by inheritance, tls.TLSSocket, so TLS is seen as plaintext. In: what the application's sockets do.
// Out: write and read records. Not here: how connections come and go (connections.ts), servers and requests (server.ts), drivers (hints/).
// Follow a byte: `write` notes the context, `_writeGeneric` the bytes when they really go out, `push` what comes in.

import type { Socket } from 'node:net';
import { ANSWER_HEAD_BYTES, READ_HEAD_BYTES } from '../../record/layout.ts';
import { sampledCall } from '../calls/calls.ts';
import { idleNs, now } from '../clock.ts';
import { replaceReading, Role, stateOf, type ConnectionState } from '../connections/connection-state.ts';
import { Context, takeWriteContext } from '../requests/context.ts';
import { noteHooked, noteNotVisible } from '../sending/coverage.ts';
import { exchangeOf } from '../requests/exchange.ts';
import { noteFirstWrite } from '../connections/first-write.ts';
import { active, fail } from '../guard.ts';
import { wrap, type Uninstall } from '../hook.ts';
import { tellBeforeWrite } from '../connections/opening.ts';
import { announce, epoch, recorder } from '../recorder.ts';
import { isHandedOver, type InnerSocket } from '../connections/socket-facts.ts';
import { isNoted, noteConnect, noteEvent, openOver } from './connections.ts';
import { recordMany, recordOne, type BufferedChunk } from './written.ts';

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
