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
import { HiddenWrites } from './unknown-postgres.ts';

/** The fields of a query that we read; `statement` is there when it was built for its connection. */
interface Query {
  readonly statement?: { readonly name?: unknown; readonly string?: unknown } | null;
  readonly strings?: readonly unknown[];
}

/** By query: whose operation it is. */
const operations = sideTable<Context>();
/** By query: the value of its field `state`, the connection that took it. */
const states = sideTable<{ readonly value: unknown }>();
/** By the driver's own record of a connection, `{ pid, secret }`. */
const connections = sideTable<ConnectionWrites>();

/** Executed and not found in a write; more would be a driver that we do not understand. */
const WAITING_LIMIT = 1000;

/** Queries that a connection has taken, until their bytes are written. */
class ConnectionWrites implements WriteSource {
  #finder = new OperationFinder();
  #waiting: Query[] = [];
  #last: Context = HIDDEN_CONTEXT;

  executed(query: Query): void {
    if (this.#waiting.length < WAITING_LIMIT) this.#waiting.push(query);
  }

  /** A new socket: what was not written on the old one will be executed again. */
  restart(): void {
    this.#finder = new OperationFinder();
    this.#waiting = [];
    this.#last = HIDDEN_CONTEXT;
  }

  /** Is this a write of just the queries that wait, one of them with a name that no other connection uses? */
  isFor(chunk: Buffer): boolean {
    const queries = this.#written();
    return queries.some(isNamed) && areIn(queries, chunk, new OperationFinder().starts(chunk));
  }

  /** Each write holds all queries taken since the one before it. */
  take(chunk: unknown): WriteContext {
    if (!Buffer.isBuffer(chunk)) return HIDDEN_CONTEXT;
    const starts = this.#finder.starts(chunk);
    // The second half of an operation: parameters after their description, the next rows of a cursor.
    if (starts.length === 0) return this.#last;
    const queries = this.#written();
    this.#waiting = [];
    if (!areIn(queries, chunk, starts)) return (this.#last = HIDDEN_CONTEXT);
    const contexts = queries.map((query) => operations.get(query) ?? HIDDEN_CONTEXT);
    this.#last = contexts.at(-1) ?? HIDDEN_CONTEXT;
    return contexts.length === 1 ? this.#last : contexts;
  }

  /** A query that could not be built was never written. */
  #written(): readonly Query[] {
    return this.#waiting.filter(({ statement }) => statement);
  }
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

/** Whose write is this, on a connection of which nothing is known yet? */
export function claimWrites(chunk: Buffer): WriteSource | undefined {
  for (const writes of unclaimed) {
    if (!writes.isFor(chunk)) continue;
    unclaimed.delete(writes);
    return writes;
  }
  return undefined;
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

function noteNewQuery(query: object): void {
  if (operations.get(query) === undefined) noteConstructed(query);
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
