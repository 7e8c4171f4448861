// A call whose connection the pool has just handed over. In: the connection, the call's context. Out: the context for the first
// operation on that connection, once. Not here: pools.

import { placeCall } from '../calls/calls.ts';
import { currentContext, type Context } from '../requests/context.ts';
import { Stamped } from '../stamp.ts';

/** By connection. Not a side table: every query comes here (see side-table.ts). */
class Carried extends Stamped {
  #context: Context | undefined;

  static get(connection: object): Context | undefined {
    return #context in connection ? connection.#context : undefined;
  }

  static set(connection: object, context: Context | undefined): void {
    const note = #context in connection ? connection : new Carried(connection);
    note.#context = context;
  }
}

/** The next operation on `connection` is what the call waited for; `undefined` when the connection was handed over unseen. */
export function carry(connection: object, context: Context | undefined): void {
  Carried.set(connection, context);
}

/**
 * The call that this operation continues. A connection that one request passed on to another continues nothing.
 * `statement`: for sampling the call site, when the pool could not know it.
 */
export function takeCarried(connection: object, statement?: string): Context | undefined {
  const context = Carried.get(connection);
  if (context === undefined) return undefined;
  Carried.set(connection, undefined);
  if (context.request !== currentContext().request) return undefined;
  if (context.isUnplaced) placeCall(context, statement ?? 'pool');
  return context;
}
