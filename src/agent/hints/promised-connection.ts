// Pools that promise a connection and know nothing of statements. In: their method. Out: a call and its grant; the first statement on the
// connection continues the call, and brings its call site. Not here: which pools.

import { grant, newUnplacedCall } from '../calls.ts';
import type { Context } from '../context.ts';
import { active, guarded } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { carry } from './carried.ts';

/** For a method that answers with a promise of a connection. */
export function acquiring(original: Method): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (!active) return original.apply(this, args);
    const context = newUnplacedCall();
    const result = original.apply(this, args);
    // Before the pool's caller goes on, which waits for the same promise and handles what goes wrong.
    if (result instanceof Promise)
      result.then(
        (connection: unknown) => guarded(granted, connection, context),
        () => undefined,
      );
    return result;
  };
}

function granted(connection: unknown, context: Context): void {
  if (typeof connection !== 'object' || connection === null) return;
  grant(context);
  carry(connection, context);
}
