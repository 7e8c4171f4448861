// Hints for the MongoDB driver (4 on): connections of its pool. In: new prototypes. Out: calls and grants, and until it is given back the
// context of all that is written on a connection. Up to version 5 the pool answers a callback, in the request of whoever asked first.

import { grant, newCall } from '../calls.ts';
import type { Context } from '../context.ts';
import { stateOf } from '../connection-state.ts';
import type { Recognizer } from '../emitter-init.ts';
import { active, guarded } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { asOperationInRequest, hasAll, wrapOwner } from './operation.ts';

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

function checkingOut(original: Method): AnyMethod {
  return function checkOut(this: unknown, ...args: unknown[]): unknown {
    if (!active) return original.apply(this, args);
    const context = newCall('mongodb');
    const index = args.findIndex((argument) => typeof argument === 'function');
    if (index >= 0) args[index] = granting(args[index] as Method, context);
    const result = original.apply(this, args);
    // Before the driver goes on, which waits for the same promise. It handles what goes wrong.
    if (index < 0 && result instanceof Promise)
      result.then(
        (connection: unknown) => guarded(granted, connection, context),
        () => undefined,
      );
    return result;
  };
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
