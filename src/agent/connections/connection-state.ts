// What the agent knows about one socket. In: sockets. Out: their state, kept on the socket but invisible. Not here: patches, records.

import type { Socket } from 'node:net';
import { Context, currentContext, type WriteContext } from '../requests/context.ts';
import type { Exchange } from '../requests/exchange.ts';
import type { Addresses } from './socket-facts.ts';
import { Stamped } from '../stamp.ts';

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

const NOTHING = {};

/** One connection of a socket; a socket that connects again gets a new one. */
export class ConnectionState {
  readonly id: number;
  role: number;
  /** When it was constructed or connected, ns. */
  readonly openedAt: number;
  /** In which the collector was told that it is open (recorder.ts); -1: it was not. */
  epoch = -1;
  /** What it was told, for the next one: flags of `connectionOpen`, what the application asked for, addresses. */
  flags = 0;
  asked: object = NOTHING;
  /** The first write in an epoch in which it was not told, and when that was, ns. */
  dueEpoch = -1;
  dueSince = 0;
  addresses: Addresses | undefined = undefined;
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
  /** The context of the oldest writes that wait in the stream's buffer, and how many in a row have it. */
  #oldest: WriteContext | undefined = undefined;
  #count = 0;
  /** Those behind them. Rarely any: a list that is emptied for each query costs more than all else here. */
  readonly #later: Run[] = [];

  constructor(id: number, role: number, openedAt: number) {
    this.id = id;
    this.role = role;
    this.openedAt = openedAt;
  }

  /** Writes wait in the stream's buffer, or did until it failed. */
  get isWriteDue(): boolean {
    return this.#count > 0;
  }

  /** pg writes five chunks a query: they are counted, not listed. A list of contexts is never counted: each is used up by one write. */
  pushContext(context: WriteContext): void {
    if (this.#count === 0) {
      this.#oldest = context;
      this.#count = 1;
    } else if (this.#later.length > 0 || context !== this.#oldest || !(context instanceof Context))
      this.#pushLater(context);
    else this.#count++;
  }

  #pushLater(context: WriteContext): void {
    const newest = this.#later.at(-1);
    if (newest !== undefined && context === newest.context && context instanceof Context) newest.count++;
    else this.#later.push({ context, count: 1 });
  }

  /** The context of the oldest write; of the running code, when a write was not seen. */
  shiftContext(): WriteContext {
    const context = this.#oldest;
    if (context === undefined) return currentContext();
    this.#shift(1);
    return context;
  }

  /** The one context of the next `count` writes, which are over then; `undefined` when they have several, or lists, or were not seen. */
  shiftShared(count: number): Context | undefined {
    const context = this.#oldest;
    if (this.#count < count || !(context instanceof Context)) return undefined;
    this.#shift(count);
    return context;
  }

  #shift(count: number): void {
    this.#count -= count;
    if (this.#count > 0) return;
    const next = this.#later.length === 0 ? undefined : this.#later.shift();
    this.#oldest = next?.context;
    this.#count = next?.count ?? 0;
  }

  /**
   * How many contexts the next `count` writes have, neighbours that are the same taken as one.
   * 0 when they cannot be joined: one of them is a list, or was not seen.
   */
  contextChanges(count: number): number {
    let left = count - this.#count;
    if (!(this.#oldest instanceof Context)) return 0;
    for (const [index, run] of this.#later.entries()) {
      if (left <= 0) return index + 1;
      if (!(run.context instanceof Context)) return 0;
      left -= run.count;
    }
    return left <= 0 ? this.#later.length + 1 : 0;
  }

  /** Nothing waits in the stream: contexts that are left belong to writes that failed. */
  clearContexts(): void {
    this.#oldest = undefined;
    this.#count = 0;
    if (this.#later.length > 0) this.#later.length = 0;
  }
}

interface Run {
  readonly context: WriteContext;
  count: number;
}

class SocketStamp extends Stamped {
  #state: ConnectionState | undefined;

  /** `write.call(undefined)` is the application's mistake. */
  static get(socket: unknown): ConnectionState | undefined {
    return typeof socket === 'object' && socket !== null && #state in socket ? socket.#state : undefined;
  }

  static set(socket: unknown, state: ConnectionState): void {
    if (typeof socket !== 'object' || socket === null) return;
    const note = #state in socket ? socket : new SocketStamp(socket);
    note.#state = state;
  }
}

let lastConnection = 0;

/** A query is many events of one socket. Let go of when the connection ends. */
let lastSocket: object | undefined;
let lastState: ConnectionState | undefined;

/**
 * 1-2 ns for the socket that was asked for last, 15-30 for others: sockets have more shapes than V8 tells apart quickly.
 * A WeakMap costs 25 and more (Node 20.20, 2026-11).
 */
export function stateOf(socket: object): ConnectionState | undefined {
  if (socket === lastSocket) return lastState;
  const state = SocketStamp.get(socket);
  if (state === undefined) return undefined;
  lastSocket = socket;
  return (lastState = state);
}

/** Nothing more is going to happen on this socket. */
export function forgetSocket(): void {
  lastSocket = lastState = undefined;
}

/** Numbers are counted for all kinds of connections of this thread. */
export function nextConnection(): number {
  return ++lastConnection;
}

/** A new connection on this socket. */
export function newState(socket: object, role: number, openedAt: number): ConnectionState {
  const state = new ConnectionState(nextConnection(), role, openedAt);
  SocketStamp.set(socket, state);
  forgetSocket();
  return state;
}

/** Takes no notes about this socket, ever. */
export function ignoreSocket(socket: Socket): void {
  SocketStamp.set(socket, new ConnectionState(0, Role.ignored, 0));
  forgetSocket();
}

/** The connection whose bytes a driver is being given: its callbacks run meanwhile, continuations of promises do not. */
export let reading: ConnectionState | undefined;

/** Answers what was set before, to be put back. */
export function replaceReading(state: ConnectionState | undefined): ConnectionState | undefined {
  const previous = reading;
  reading = state;
  return previous;
}
