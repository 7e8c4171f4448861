// How connections come and go: which side they are on, their phases, their end. In: sockets of the application, their events.
// Out: connectionOpen, connectionPhase and close records. Not here: bytes (net.ts).

import { CloseFlag, OpenFlag, Phase } from '../../record/layout.ts';
import { Budget } from '../cost/budget.ts';
import { idleNs, now } from '../clock.ts';
import {
  forgetSocket,
  ignoreSocket,
  newState,
  Role,
  stateOf,
  type ConnectionState,
} from '../connections/connection-state.ts';
import { currentContext } from '../requests/context.ts';
import { noteNotVisible } from '../sending/coverage.ts';
import { fail } from '../guard.ts';
import { tellAgain, tellConnected, tellOpen } from '../connections/opening.ts';
import { epoch, flush, recorder } from '../recorder.ts';
import {
  addressesOf,
  isRawRead,
  isTls,
  isToolPipe,
  targetOf,
  tlsCarrier,
  type InnerSocket,
} from '../connections/socket-facts.ts';

/**
 * New connections are reported at once: should this event loop be busy from now on, records of the other end would come first, and
 * nobody would know who called it. 100 a second are at most 0.4 % of a core; clients without keep-alive that open more wait for the timer.
 */
const prompt = new Budget(100, 100);

/** Whoever connected from outside. */
const NOBODY = { request: 0, call: 0 };

/** A TLS socket begins to exist: its handshake is measured from here when it wraps a socket that is open already. */
export function noteTlsSocket(socket: object): void {
  newState(socket, Role.unknown, now());
}

export function noteConnect(socket: InnerSocket, args: readonly unknown[]): void {
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
export function openOver(socket: InnerSocket, state: ConnectionState): void {
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
export function isNoted(name: unknown): boolean {
  return name === 'connect' || name === 'close' || name === 'lookup' || name === 'secure' || name === 'error';
}

/** What is wanted of an event comes one by one: V8 makes no array of `args`, then. */
export function noteEvent(socket: InnerSocket, name: unknown, first: unknown, second: unknown): void {
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
