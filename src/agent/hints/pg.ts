// Hints for pg (8.0 on): pg-pool, the client's own queue, pipelining, cursors. In: new prototypes. Out: calls, grants and contexts.
// A query is written when the client gets to it, by whoever made the client free. Not here: postgres.js.

import type { InstanceHook, Recognizer } from '../emitter-init.ts';
import { bindCallback, replaceCurrent, type Context } from '../requests/context.ts';
import { grant, newCall } from '../calls/calls.ts';
import { active, guarded } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { poolMade } from '../calls/pools.ts';
import { carry, takeCarried } from './carried.ts';
import { asOperationInRequest, asRequest, hasAll, hasMethod, textOf, wrapOwner } from './operation.ts';
import { Stamped } from '../stamp.ts';
import { known } from './unknown-postgres.ts';

/** By query, cursor or stream: whose operation it is. Not a side table: every query comes here (see side-table.ts). */
class OperationOf extends Stamped {
  #context: Context | undefined;

  static get(query: object): Context | undefined {
    return #context in query ? query.#context : undefined;
  }

  static set(query: object, context: Context | undefined): void {
    const note = #context in query ? query : new OperationOf(query);
    note.#context = context;
  }
}

/** By pg-pool's `PendingItem`: whose connection it asks for. */
class WaitingFor extends Stamped {
  #context: Context | undefined;

  static get(item: object): Context | undefined {
    return #context in item ? item.#context : undefined;
  }

  static set(item: object, context: Context | undefined): void {
    const note = #context in item ? item : new WaitingFor(item);
    note.#context = context;
  }
}

/** `client.query()` is running: the query that it builds is this operation. */
let querying: Context | undefined;
/** `pool.query()` has begun: the `pool.connect()` in it is the same call. */
let poolQuery: Context | undefined;
/** `pool.connect()` is running: a client that it opens is for this call. */
let connecting: Context | undefined;
/** The pool is about to hand over a connection for this call. */
let acquiring: Context | undefined;

/** Classes of pg, by the methods that they have had since 8.0. */
export const recognizePg: Recognizer = (prototype) => {
  if (hasAll(prototype, 'submit', 'handleReadyForQuery', 'handleError')) return hookQuery(prototype);
  if (hasAll(prototype, 'submit', '_getPromise', 'handleError')) return hookNativeQuery(prototype);
  if (hasAll(prototype, 'startup', 'requestSsl', 'parse')) hookConnection(prototype);
  if (hasAll(prototype, '_pulseQueryQueue', 'query')) hookClient(prototype);
  if (hasAll(prototype, '_pulseQueue', '_acquireClient', 'newClient')) return hookPool(prototype);
  return undefined;
};

function hookConnection(prototype: object): void {
  for (const name of ['startup', 'requestSsl']) wrapOwner(prototype, name, known);
}

function hookClient(prototype: object): void {
  wrapOwner(prototype, 'query', (original) => {
    return function query(this: object, ...args: unknown[]): unknown {
      const outer = querying;
      const text = textOf(args[0], 'text');
      querying = takeCarried(this, text) ?? newCall('pg', text);
      if (hasMethod(args[0], 'submit')) OperationOf.set(args[0], querying);
      try {
        return original.apply(this, args);
      } finally {
        querying = outer;
      }
    };
  });
}

function hookQuery(prototype: object): InstanceHook {
  // A cursor answers its reader from any of these; a plain query only writes, and calls the application when it is ready.
  const isCursor = '_sendRows' in prototype;
  wrapOwner(prototype, 'submit', writing);
  for (const name of [
    'handleCommandComplete',
    'handlePortalSuspended',
    'handleEmptyQuery',
    'handleCopyInResponse',
  ])
    wrapOwner(prototype, name, isCursor ? writingAndAnswering : writing);
  for (const name of ['handleReadyForQuery', 'handleError'])
    wrapOwner(prototype, name, isCursor ? writingAndAnswering : answering);
  wrapOwner(prototype, 'handleDataRow', answeringListeners);
  return noteQuerying;
}

/** Of `pg.native`: its driver takes the operation's context when it is asked (drivers/pg-native.ts), and gives the callback the request. */
function hookNativeQuery(prototype: object): InstanceHook {
  wrapOwner(prototype, 'submit', writing);
  return noteQuerying;
}

function noteQuerying(query: object): void {
  if (querying !== undefined) OperationOf.set(query, querying);
}

// V8 makes no array of `args` where it goes straight on to `apply`, in the same function: every query comes through these six times.

function writing(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    const context = active ? OperationOf.get(this) : undefined;
    if (context === undefined) return original.apply(this, args);
    const previous = replaceCurrent(context);
    try {
      return original.apply(this, args);
    } finally {
      replaceCurrent(previous);
    }
  };
}

function answering(original: Method): AnyMethod {
  const awaited = writing(original) as Method;
  return function (this: object, ...args: unknown[]): unknown {
    const context = OperationOf.get(this);
    if (context?.isAwaited === true) return awaited.apply(this, args);
    return asRequest(context, original, this, args);
  };
}

function writingAndAnswering(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    return asOperationInRequest(OperationOf.get(this), original, this, args);
  };
}

/** A row is an event of the application only when it listens: entering the request costs up to 270 ns, too much for every row. */
function answeringListeners(original: Method): AnyMethod {
  return function (this: { readonly _events?: { readonly row?: unknown } }, ...args: unknown[]): unknown {
    if (this._events?.row === undefined) return original.apply(this, args);
    return asRequest(OperationOf.get(this), original, this, args);
  };
}

function hookPool(prototype: object): InstanceHook {
  wrapOwner(prototype, 'query', poolQuerying);
  wrapOwner(prototype, 'connect', poolConnecting);
  wrapOwner(prototype, 'newClient', poolOpening);
  wrapOwner(prototype, '_acquireClient', poolAcquiring);
  wrapOwner(prototype, '_releaseOnce', poolReady);
  return () => poolMade('pg');
}

function poolQuerying(original: Method): AnyMethod {
  return function query(this: object, ...args: unknown[]): unknown {
    const context = newCall('pg', textOf(args[0], 'text'));
    if (context.call !== 0)
      context.isAwaited = typeof args[args.length - 1] !== 'function' && !hasMethod(args[0], 'submit');
    poolQuery = context;
    try {
      return original.apply(this, args);
    } finally {
      poolQuery = undefined;
    }
  };
}

interface Pool {
  readonly _pendingQueue?: readonly object[];
}

function poolConnecting(original: Method): AnyMethod {
  return function connect(this: Pool, ...args: unknown[]): unknown {
    const context = poolQuery ?? newCall('pg');
    const outer = connecting;
    poolQuery = undefined;
    connecting = context;
    const before = this._pendingQueue?.length ?? 0;
    const callback = context.isAwaited ? bindOperation(args[0], context) : bindCallback(args[0], context);
    const previous = replaceCurrent(active ? context : undefined);
    try {
      return original.call(this, callback);
    } finally {
      replaceCurrent(previous);
      connecting = outer;
      const queued = this._pendingQueue;
      if (queued !== undefined && queued.length > before) guarded(noteWaiting, queued, context);
    }
  };
}

/** `fn` is pg-pool's own: what it writes belongs to the operation. */
function bindOperation(fn: unknown, context: Context): unknown {
  if (typeof fn !== 'function') return fn;
  const callback = fn as Method;
  return function (this: unknown, ...args: unknown[]): unknown {
    const previous = replaceCurrent(active ? context : undefined);
    try {
      return callback.apply(this, args);
    } finally {
      replaceCurrent(previous);
    }
  };
}

/** The call has come last. */
function noteWaiting(queue: readonly object[], context: Context): void {
  const item = queue.at(-1);
  if (item !== undefined) WaitingFor.set(item, context);
}

/** The pool opens a connection on behalf of a call, often when another request's connection has ended. */
function poolOpening(original: Method): AnyMethod {
  return function newClient(this: object, ...args: unknown[]): unknown {
    const item = args[0];
    if (typeof item !== 'object' || item === null) return original.apply(this, args);
    const context = WaitingFor.get(item) ?? connecting;
    if (context !== undefined) WaitingFor.set(item, context);
    return asOperationInRequest(context, original, this, args);
  };
}

function poolAcquiring(original: Method): AnyMethod {
  return function _acquireClient(this: object, ...args: unknown[]): unknown {
    const client = args[0];
    const item = args[1];
    if (typeof client !== 'object' || client === null || typeof item !== 'object' || item === null)
      return original.apply(this, args);
    carry(client, undefined);
    acquiring = WaitingFor.get(item);
    if (!('_releaseOnce' in this)) handOver(client);
    try {
      return original.apply(this, args);
    } finally {
      acquiring = undefined;
    }
  };
}

/** After the pool's events, whose listeners may have queries of their own (`SET …`), and just before its callback. */
function poolReady(original: Method): AnyMethod {
  return function _releaseOnce(this: object, ...args: unknown[]): unknown {
    const client = args[0];
    if (typeof client === 'object' && client !== null) handOver(client);
    return original.apply(this, args);
  };
}

function handOver(client: object): void {
  if (acquiring === undefined) return;
  grant(acquiring);
  carry(client, acquiring);
  acquiring = undefined;
}
