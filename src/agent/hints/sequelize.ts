// Hints for Sequelize (6): its pool, which is in no driver and no emitter. In: the pool's module, found when a server listens or a driver makes its
// first connection. Out: calls and grants; the first statement on a connection continues the call. In bundles the module is not found:
// then the wait for the pool is not known. Requests are right either way: promises keep them.

import { newUnplacedCall } from '../calls/calls.ts';
import type { Context } from '../requests/context.ts';
import { noteHooked } from '../sending/coverage.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { MODULES } from '../later/later.ts';
import { onLoadedModule } from '../routes/loaded-modules.ts';
import { hasAll, wrapOwner } from './operation.ts';
import { noteGranted } from './promised-connection.ts';
import { sideTable } from './side-table.ts';

export function installSequelize(): void {
  onLoadedModule({ ending: MODULES.sequelize, found: hook });
}

function hook(exports: { readonly Pool?: { readonly prototype?: object } }): void {
  const prototype = exports.Pool?.prototype;
  if (prototype === undefined || !hasAll(prototype, 'acquire', 'release', '_dispense')) return;
  wrap(prototype, 'acquire', acquiring);
  wrap(prototype, '_dispense', dispensing);
  noteHooked('sequelize-pool');
}

/** Whoever asks for a connection, until the pool has put that into its queue and looks whether it has one. */
let asked: Context | undefined;
/** By what waits in the queue. */
const waiting = sideTable<Context>();

function acquiring(original: Method): AnyMethod {
  return function acquire(this: unknown, ...args: unknown[]): unknown {
    if (!active) return original.apply(this, args);
    const outer = asked;
    asked = newUnplacedCall();
    try {
      return original.apply(this, args);
    } finally {
      asked = outer;
    }
  };
}

interface Pool {
  readonly _pendingAcquires?: unknown;
}

function dispensing(original: Method): AnyMethod {
  return function _dispense(this: Pool, ...args: unknown[]): unknown {
    const context = asked;
    asked = undefined;
    if (context !== undefined && active) guarded(noteWaiting, this, context);
    return original.apply(this, args);
  };
}

/**
 * The promise itself is the application's: to wait for it would handle what goes wrong with it, and nobody would hear of a failure that the
 * application does not handle. So the note is taken where the pool resolves it.
 */
function noteWaiting({ _pendingAcquires: queue }: Pool, context: Context): void {
  const deferred: unknown = Array.isArray(queue) ? queue.at(-1) : undefined;
  if (typeof deferred !== 'object' || deferred === null) return;
  waiting.set(deferred, context);
  wrapOwner(deferred, 'resolve', resolving);
}

function resolving(original: Method): AnyMethod {
  return function resolve(this: object, ...args: unknown[]): unknown {
    const context = active ? waiting.get(this) : undefined;
    if (context !== undefined) guarded(noteGranted, args[0], context);
    return original.apply(this, args);
  };
}
