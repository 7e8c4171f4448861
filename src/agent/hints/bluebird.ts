// Contexts through Bluebird (2 and 3). It keeps callbacks in a queue of its own, and runs all of them where the first was put in: whichever request
// that was. In: its Promise, found when a server listens or a driver makes its first connection. Out: callbacks that run in the request of who gave
// them, and so does what they answer with: the builders of knex begin to ask when they are awaited. Its own setting `asyncHooks` would do the
// first, but for the application's storages as well, which would answer something else. Not here: coroutines, and copies that were made before.

import { bindCallback, currentContext, runInContext, type Context } from '../requests/context.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { MODULES } from '../later/later.ts';
import { onLoadedModule } from '../routes/loaded-modules.ts';
import { hasAll } from './operation.ts';
import { sideTable } from './side-table.ts';

/** By promise: in whose request the callback runs that it is the answer of. */
const contexts = sideTable<Context>();
/** They keep the callback for each of many. As methods it is their first argument, as functions the second. */
const COLLECTIONS = ['map', 'filter', 'reduce', 'each', 'mapSeries'];

export function installBluebird(): void {
  onLoadedModule({ ending: MODULES.bluebird, found: hookBluebird });
}

/** A Promise of Bluebird; anything else is left alone. */
export function hookBluebird(exports: { readonly prototype?: object }): void {
  const { prototype } = exports;
  if (prototype === undefined || !hasAll(prototype, '_then', '_settlePromiseFromHandler', 'map')) return;
  wrap(prototype, '_then', chaining);
  wrap(prototype, '_settlePromiseFromHandler', settling);
  for (const name of COLLECTIONS) {
    wrap(prototype, name, binding(0));
    wrap(exports, name, binding(1));
  }
  wrap(exports, 'getNewLibraryCopy', copying);
}

function chaining(original: Method): AnyMethod {
  return function _then(this: unknown, ...args: unknown[]): unknown {
    const promise = original.apply(this, args);
    if (typeof promise === 'object' && promise !== null) guarded(noteContext, promise, undefined);
    return promise;
  };
}

function noteContext(promise: object): void {
  contexts.set(promise, currentContext());
}

/** `(callback, this, value, promise)`: runs the callback and settles the promise with what it answers. */
function settling(original: Method): AnyMethod {
  return function _settlePromiseFromHandler(this: unknown, ...args: unknown[]): unknown {
    const promise = args[3];
    const context =
      active && typeof promise === 'object' && promise !== null ? contexts.get(promise) : undefined;
    return context === undefined ? original.apply(this, args) : runInContext(context, original, this, args);
  };
}

/** Binds the argument at `index`, if it is a function. */
function binding(index: number): (original: Method) => AnyMethod {
  return (original) =>
    function (this: unknown, ...args: unknown[]): unknown {
      if (active && index < args.length) args[index] = bindCallback(args[index], currentContext());
      return original.apply(this, args);
    };
}

function copying(original: Method): AnyMethod {
  return function getNewLibraryCopy(this: unknown, ...args: unknown[]): unknown {
    const copy = original.apply(this, args);
    if (typeof copy === 'function') guarded(hookBluebird, copy, undefined);
    return copy;
  };
}
