// A call whose connection the pool has just handed over. In: the connection, the call's context. Out: the context for the first
// operation on that connection, once. Not here: pools.

import { currentContext, type Context } from '../context.ts';
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

/** The call that this operation continues. A connection that one request passed on to another continues nothing. */
export function takeCarried(connection: object): Context | undefined {
  const context = Carried.get(connection);
  if (context === undefined) return undefined;
  Carried.set(connection, undefined);
  return context.request === currentContext().request ? context : undefined;
}
