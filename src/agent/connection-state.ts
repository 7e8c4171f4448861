// What the agent knows about one socket. In: sockets. Out: their state, kept on the socket but invisible. Not here: patches, records.

import type { Socket } from 'node:net';
import { Context, currentContext, type WriteContext } from './context.ts';
import type { Exchange } from './exchange.ts';
import { Stamped } from './stamp.ts';

export const Role = {
  /** A TLS socket under construction: not known yet whether it connects, wraps a client's socket, or belongs to a server. */
  unknown: 0,
  client: 1,
  /** Accepted by a server: opening, closing and addresses are recorded, bytes are not. */
  accepted: 2,
  /** The agent's own. */
  ignored: 3,
  closed: 4,
} as const;

/** Knows what each write of a connection holds, better than the moment of writing does. */
export interface WriteSource {
  take(chunk: unknown): WriteContext;
}

/** One connection of a socket; a socket that connects again gets a new one. */
export class ConnectionState {
  readonly id: number;
  role: number;
  /** When it was constructed or connected, ns. */
  readonly openedAt: number;
  /** For sampling call sites of drivers without hints. */
  target = '';
  /** Whose writes these are, whoever makes them: a client that sends one request after the other says so (hints/undici.ts). */
  owner: Context | undefined = undefined;
  /** A driver that gathers many operations in one write tells what is in it (hints/postgres-js.ts). */
  source: WriteSource | undefined = undefined;
  hasWritten = false;
  /** Something was written since the last read: the next one begins an answer. */
  isAnswerDue = false;
  isResolved = false;
  isConnected = false;
  /** Accepted only: the request whose response is written by hand on this socket after `upgrade`. */
  upgrade: Exchange | undefined = undefined;
  /** Contexts of the writes that wait in the stream's buffer, oldest at `#head`. */
  readonly #pending: WriteContext[] = [];
  #head = 0;

  constructor(id: number, role: number, openedAt: number) {
    this.id = id;
    this.role = role;
    this.openedAt = openedAt;
  }

  pushContext(context: WriteContext): void {
    this.#pending.push(context);
  }

  /** The context of the oldest write; of the running code, when a write was not seen. */
  shiftContext(): WriteContext {
    const context = this.#pending[this.#head];
    if (context === undefined) return currentContext();
    if (++this.#head === this.#pending.length) this.clearContexts();
    return context;
  }

  /**
   * How many contexts the next `count` writes have, neighbours that are the same taken as one.
   * 0 when they cannot be joined: one of them is a list, or was not seen.
   */
  contextChanges(count: number): number {
    let changes = 0;
    let previous: WriteContext | undefined;
    for (let index = this.#head; index < this.#head + count; index++) {
      const context = this.#pending[index];
      if (!(context instanceof Context)) return 0;
      if (context !== previous) changes++;
      previous = context;
    }
    return changes;
  }

  /** Nothing waits in the stream: contexts that are left belong to writes that failed. */
  clearContexts(): void {
    if (this.#pending.length === 0) return;
    this.#pending.length = 0;
    this.#head = 0;
  }
}

class SocketStamp extends Stamped {
  #state: ConnectionState | undefined;

  /** `write.call(undefined)` is the application's mistake. */
  static get(socket: unknown): ConnectionState | undefined {
    return typeof socket === 'object' && socket !== null && #state in socket ? socket.#state : undefined;
  }

  static set(socket: unknown, state: ConnectionState): void {
    if (typeof socket !== 'object' || socket === null) return;
    if (!(#state in socket)) Reflect.construct(SocketStamp, [socket]);
    if (#state in socket) socket.#state = state;
  }
}

let lastConnection = 0;

/** 1-2 ns; a WeakMap costs 15-25 ns. */
export function stateOf(socket: object): ConnectionState | undefined {
  return SocketStamp.get(socket);
}

/** A new connection on this socket. */
export function newState(socket: object, role: number, openedAt: number): ConnectionState {
  const state = new ConnectionState(++lastConnection, role, openedAt);
  SocketStamp.set(socket, state);
  return state;
}

/** Takes no notes about this socket, ever. */
export function ignoreSocket(socket: Socket): void {
  SocketStamp.set(socket, new ConnectionState(0, Role.ignored, 0));
}

/** The connection whose bytes a driver is being given: its callbacks run meanwhile, continuations of promises do not. */
export let reading: ConnectionState | undefined;

/** Answers what was set before, to be put back. */
export function replaceReading(state: ConnectionState | undefined): ConnectionState | undefined {
  const previous = reading;
  reading = state;
  return previous;
}
