// Pools that promise a connection and know nothing of statements. In: the call, and the connection that the pool has for it. Out: a grant; the
// first statement on the connection continues the call, and brings its call site. Not here: which pools.

import { grant } from '../calls/calls.ts';
import type { Context } from '../requests/context.ts';
import { guarded } from '../guard.ts';
import { carry } from './carried.ts';

/** The pool has this connection for this call. */
export function noteGranted(connection: unknown, context: Context): void {
  if (typeof connection !== 'object' || connection === null) return;
  grant(context);
  carry(connection, context);
}

/**
 * For a promise that the driver's own code waits for and nobody else has: to wait for it is to handle what goes wrong with it, and a failure
 * that the application does not handle has to come to `unhandledRejection`.
 */
export function noteWhenGranted(promise: unknown, context: Context): void {
  if (!(promise instanceof Promise)) return;
  promise.then(
    (connection: unknown) => guarded(noteGranted, connection, context),
    () => undefined,
  );
}
