// A call whose connection the pool has just handed over. In: the connection, the call's context. Out: the context for the first
// operation on that connection, once. Not here: pools.

import { currentContext, type Context } from '../context.ts';
import { sideTable } from './side-table.ts';

const carried = sideTable<Context>();

/** The next operation on `connection` is what the call waited for; `undefined` when the connection was handed over unseen. */
export function carry(connection: object, context: Context | undefined): void {
  carried.set(connection, context);
}

/** The call that this operation continues. A connection that one request passed on to another continues nothing. */
export function takeCarried(connection: object): Context | undefined {
  const context = carried.get(connection);
  if (context === undefined) return undefined;
  carried.set(connection, undefined);
  return context.request === currentContext().request ? context : undefined;
}
