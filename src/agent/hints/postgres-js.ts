// Hints for postgres.js (3.0 on), in CommonJS, ESM and bundles. In: its Query class, found once a connection of an unknown Postgres driver
// was seen. Out: calls, and for each write the contexts of the queries in it, in order. What cannot be told for sure stays hidden.
// Follow a query: constructed (the application's call), `state` set (a connection takes it), its bytes found in a write.

import { HIDDEN_CONTEXT, currentContext, type Context, type WriteContext } from '../requests/context.ts';
import { newCall } from '../calls/calls.ts';
import { reading, type WriteSource } from '../connections/connection-state.ts';
import { noteHooked } from '../sending/coverage.ts';
import { guarded } from '../guard.ts';
import { wrap } from '../hook.ts';
import { isAbout, OperationFinder } from './postgres-messages.ts';
import { sideTable } from './side-table.ts';
import { HiddenWrites, type Claim } from './unknown-postgres.ts';

/** The fields of a query that we read; `statement` is there when it was built for its connection. */
interface Query {
  readonly statement?: { readonly name?: unknown; readonly string?: unknown } | null;
  readonly strings?: readonly unknown[];
  /** The driver's own queries have none. */
  readonly canceller?: unknown;
}

/** By query: whose operation it is. */
const operations = sideTable<Context>();
/** By query: the value of its field `state`, the connection that took it. */
const states = sideTable<{ readonly value: unknown }>();
/** By the driver's own record of a connection, `{ pid, secret }`. */
const connections = sideTable<ConnectionWrites>();

/** Executed and not found in a write; more would be a driver that we do not understand. */
const WAITING_LIMIT = 1000;

/** A query that a connection has taken, and the how-manieth of all that was. */
interface Taken {
  readonly query: Query;
  readonly number: number;
}

let lastTaken = 0;

/** Queries that a connection has taken, until their bytes are written. */
class ConnectionWrites implements WriteSource {
  #finder = new OperationFinder();
  #waiting: Taken[] = [];
  #last: Context = HIDDEN_CONTEXT;

  executed(query: Query): void {
    if (this.#waiting.length < WAITING_LIMIT) this.#waiting.push({ query, number: ++lastTaken });
  }

  /** A new socket: what was not written on the old one will be executed again. */
  restart(): void {
    this.#finder = new OperationFinder();
    this.#waiting = [];
    this.#last = HIDDEN_CONTEXT;
  }

  /**
   * Is this a write of just the queries that were taken after `written`, one of them with a name that no other connection uses? Those before
   * would have been in an earlier write of the socket: one that has the same statement, and that we have not seen, is not to be taken for them.
   */
  claims(chunk: Buffer, written: number): boolean {
    const waiting = this.#waiting.filter(({ number }) => number > written);
    const queries = builtOf(waiting);
    if (!queries.some(isNamed) || !areIn(queries, chunk, new OperationFinder().starts(chunk))) return false;
    this.#waiting = waiting;
    return true;
  }

  /** Each write holds all queries taken since the one before it. */
  take(chunk: unknown): WriteContext {
    if (!Buffer.isBuffer(chunk)) return HIDDEN_CONTEXT;
    const starts = this.#finder.starts(chunk);
    // The second half of an operation: parameters after their description, the next rows of a cursor.
    if (starts.length === 0) return this.#last;
    const queries = builtOf(this.#waiting);
    this.#waiting = [];
    if (!areIn(queries, chunk, starts)) return (this.#last = HIDDEN_CONTEXT);
    const contexts = queries.map((query) => operations.get(query) ?? HIDDEN_CONTEXT);
    this.#last = contexts.at(-1) ?? HIDDEN_CONTEXT;
    return contexts.length === 1 ? this.#last : contexts;
  }
}

/** A query that could not be built was never written. */
function builtOf(taken: readonly Taken[]): readonly Query[] {
  return taken.map(({ query }) => query).filter(({ statement }) => statement);
}

/** Queries and operations must agree one by one: in the first moments there are queries that we have not seen. */
function areIn(queries: readonly Query[], chunk: Buffer, starts: readonly number[]): boolean {
  return (
    queries.length === starts.length &&
    queries.every((query, index) => isQueryAt(query, chunk, starts[index] ?? 0))
  );
}

function isQueryAt({ statement }: Query, chunk: Buffer, at: number): boolean {
  if (typeof statement?.name !== 'string' || typeof statement.string !== 'string') return false;
  return isAbout(chunk, at, statement.name, statement.string);
}

function isNamed({ statement }: Query): boolean {
  return typeof statement?.name === 'string' && statement.name !== '';
}

/** Connections of the driver of which we do not know yet which of ours they are. */
const unclaimed = new Set<ConnectionWrites>();
/** More were never linked: connections that fail again and again. */
const UNCLAIMED_LIMIT = 1000;

/** For a socket of which nothing is known yet: whose write is this? */
export function claimer(): Claim {
  /**
   * The last query that was taken before the socket's write before this one. Of a new socket: before its login, which may come after bytes that
   * were left over from the socket before.
   */
  let written = lastTaken;
  return (chunk) => {
    const since = written;
    written = lastTaken;
    for (const writes of unclaimed) {
      if (!writes.claims(chunk, since)) continue;
      unclaimed.delete(writes);
      return writes;
    }
    return undefined;
  };
}

/** Is this the prototype of postgres.js's `class Query extends Promise`? */
export function isQueryPrototype(prototype: object): boolean {
  return ['handle', 'execute', 'cursor', 'describe', 'raw', 'readable'].every((name) => name in prototype);
}

/** `first` is under construction: its fields are not there yet. */
export function hookQueries(prototype: object, first: object): void {
  noteConstructed(first);
  wrap(prototype, 'handle', (original) => {
    return function handle(this: object, ...args: unknown[]): unknown {
      guarded(noteHandled, this, prototype);
      return original.apply(this, args);
    };
  });
  noteHooked('postgres.js');
}

/** A query of the driver's own (types of arrays) is constructed while its connection's bytes are read: nobody called for it. */
function noteConstructed(query: object): void {
  operations.set(query, reading === undefined ? newCall('postgres', textOf(query)) : currentContext());
}

function textOf({ strings }: Query): string | undefined {
  const text = strings?.[0];
  return typeof text === 'string' ? text : undefined;
}

/** Before a query is executed for the first time. Those that were constructed before we knew the class are hidden. */
function noteHandled(query: object, prototype: object): void {
  watchState(query);
  watchConstruction(query, prototype);
}

/** What the constructor of a query sets last, a field named by a symbol. */
const LAST_FIELD = 'OriginError';

/** We hear of the field being set; it is set as before. */
function watchConstruction(query: object, prototype: object): void {
  const symbol = Object.getOwnPropertySymbols(query).find(({ description }) => description === LAST_FIELD);
  if (symbol === undefined || Object.hasOwn(prototype, symbol)) return;
  Object.defineProperty(prototype, symbol, {
    configurable: true,
    get: () => undefined,
    set(this: object, value: unknown): void {
      Object.defineProperty(this, symbol, { value, writable: true, enumerable: true, configurable: true });
      guarded(noteNewQuery, this, undefined);
    },
  });
}

function noteNewQuery(query: Query): void {
  if (operations.get(query) !== undefined) return watchState(query);
  // Of code of the application that is called with rows or notifications, in whatever request the connection was opened.
  if (reading !== undefined && typeof query.canceller === 'function') operations.set(query, HIDDEN_CONTEXT);
  else noteConstructed(query);
  watchState(query);
}

const WATCHED_STATE: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: object): unknown {
    return states.get(this)?.value;
  },
  set(this: object, value: unknown): void {
    states.set(this, { value });
    if (typeof value === 'object' && value !== null) guarded(noteExecuted, this, value);
  },
};

function watchState(query: object): void {
  if (states.get(query) !== undefined) return;
  const field = Object.getOwnPropertyDescriptor(query, 'state');
  if (field === undefined || field.get !== undefined) return;
  states.set(query, { value: field.value as unknown });
  Object.defineProperty(query, 'state', WATCHED_STATE);
}

/** A connection takes a query. When it does so out of its own bytes, we learn which connection of ours it is. */
function noteExecuted(query: object, backend: object): void {
  let writes = connections.get(backend);
  if (writes === undefined) {
    connections.set(backend, (writes = new ConnectionWrites()));
    if (unclaimed.size < UNCLAIMED_LIMIT) unclaimed.add(writes);
  }
  if (reading?.source instanceof HiddenWrites) {
    writes.restart();
    unclaimed.delete(writes);
    reading.source = writes;
  }
  writes.executed(query);
}
