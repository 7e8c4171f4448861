// Hints for knex (1.0 on), whose pool, tarn, is in no driver. In: new prototypes. Out: calls and grants; the first statement on a connection
// continues the call. Nothing is given to a wrong request without: promises keep it.

import { newUnplacedCall } from '../calls/calls.ts';
import type { Context } from '../requests/context.ts';
import type { Recognizer } from '../emitter-init.ts';
import { active, guarded } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { hasAll, wrapOwner } from './operation.ts';
import { noteWhenGranted } from './promised-connection.ts';

interface Client {
  readonly pool?: unknown;
}

/** `Client` of every dialect. Transactions have one of their own, whose `acquireConnection` is not the pool's. */
export const recognizeKnex: Recognizer = (prototype) => {
  if (hasAll(prototype, 'acquireConnection', 'releaseConnection', 'initializePool', 'queryCompiler'))
    wrapOwner(prototype, 'acquireConnection', acquiring);
  return undefined;
};

/** Whoever asks knex for a connection, until knex has asked its pool, which it does at once. */
let asked: Context | undefined;

function acquiring(original: Method): AnyMethod {
  return function acquireConnection(this: Client, ...args: unknown[]): unknown {
    if (!active) return original.apply(this, args);
    guarded(hookPool, this.pool, undefined);
    const outer = asked;
    asked = newUnplacedCall();
    try {
      return original.apply(this, args);
    } finally {
      asked = outer;
    }
  };
}

let hooked: object | undefined;

/** tarn's class, which is no emitter. */
function hookPool(pool: unknown): void {
  if (typeof pool !== 'object' || pool === null) return;
  const prototype = Object.getPrototypeOf(pool) as object | null;
  if (prototype === null || prototype === hooked) return;
  hooked = prototype;
  if ('numPendingAcquires' in prototype) wrapOwner(prototype, 'acquire', asking);
}

function asking(original: Method): AnyMethod {
  return function acquire(this: unknown, ...args: unknown[]): unknown {
    const context = asked;
    asked = undefined;
    const pending = original.apply(this, args);
    if (context !== undefined && active) guarded(follow, pending, context);
    return pending;
  };
}

/** knex waits for `promise`, too, right after this. */
function follow(pending: unknown, context: Context): void {
  if (typeof pending === 'object' && pending !== null && 'promise' in pending)
    noteWhenGranted(pending.promise, context);
}
