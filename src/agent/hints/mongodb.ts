// Hints for the MongoDB driver (4 on): connections of its pool. In: new prototypes. Out: calls and grants, and until it is given back the
// context of all that is written on a connection. Up to version 5 the pool answers a callback, in the request of whoever asked first.

import { grant, newCall } from '../calls/calls.ts';
import type { Context } from '../requests/context.ts';
import { stateOf } from '../connections/connection-state.ts';
import type { Recognizer } from '../emitter-init.ts';
import { active, guarded } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { asOperationInRequest, hasAll, hasMethod, wrapOwner } from './operation.ts';

/** The socket is `socket` from version 6 on, `stream` before. */
interface Connection {
  readonly socket?: unknown;
  readonly stream?: unknown;
}

export const recognizeMongodb: Recognizer = (prototype) => {
  if (!hasAll(prototype, 'checkOut', 'checkIn', 'waitQueueSize')) return undefined;
  wrapOwner(prototype, 'checkOut', checkingOut);
  wrapOwner(prototype, 'checkIn', checkingIn);
  return undefined;
};

interface Pool {
  readonly waitQueueSize?: unknown;
  readonly waitQueue?: unknown;
}

function checkingOut(original: Method): AnyMethod {
  return function checkOut(this: Pool, ...args: unknown[]): unknown {
    if (!active) return original.apply(this, args);
    const context = newCall('mongodb');
    const index = args.findIndex((argument) => typeof argument === 'function');
    if (index >= 0) {
      args[index] = granting(args[index] as Method, context);
      return original.apply(this, args);
    }
    const sizeBefore = this.waitQueueSize;
    const promise = original.apply(this, args);
    if (this.waitQueueSize !== sizeBefore) guarded(noteWaiting, this, context);
    return promise;
  };
}

/** In the pool's queue. It is looked at in the next tick. */
interface Waiting {
  resolve: (connection: unknown) => unknown;
}

/**
 * From version 6.4 on the pool promises a connection. The note is taken where it keeps its promise: to wait for the promise would handle what
 * goes wrong with it.
 */
function noteWaiting(pool: Pool, context: Context): void {
  const waiting = lastOf(queueOf(pool));
  if (waiting === undefined) return;
  const { resolve } = waiting;
  waiting.resolve = (connection) => {
    guarded(granted, connection, context);
    return resolve(connection);
  };
}

/** Under a symbol up to 6.12. */
function queueOf(pool: Pool): unknown {
  if ('waitQueue' in pool) return pool.waitQueue;
  const symbol = Object.getOwnPropertySymbols(pool).find(({ description }) => description === 'waitQueue');
  return symbol === undefined ? undefined : Reflect.get(pool, symbol);
}

function lastOf(queue: unknown): Waiting | undefined {
  if (!hasMethod(queue, 'last')) return undefined;
  const last: unknown = Reflect.apply(Reflect.get(queue, 'last') as Method, queue, []);
  return hasMethod(last, 'resolve') ? (last as Waiting) : undefined;
}

function granting(callback: Method, context: Context): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    guarded(granted, args[1], context);
    return asOperationInRequest(context, callback, this, args);
  };
}

function granted(connection: unknown, context: Context): void {
  if (typeof connection !== 'object' || connection === null) return;
  grant(context);
  own(connection, context);
}

function own(connection: Connection, context: Context | undefined): void {
  const socket = connection.socket ?? connection.stream;
  const state = typeof socket === 'object' && socket !== null ? stateOf(socket) : undefined;
  if (state !== undefined) state.owner = context;
}

function checkingIn(original: Method): AnyMethod {
  return function checkIn(this: unknown, ...args: unknown[]): unknown {
    const connection = args[0];
    if (typeof connection === 'object' && connection !== null) guarded(own, connection, undefined);
    return original.apply(this, args);
  };
}
