// Hints for knex (1.0 on), whose pool is in no driver. In: new prototypes. Out: calls and grants; the first statement on a connection
// continues the call. Nothing is given to a wrong request without: promises keep it.

import type { Recognizer } from '../emitter-init.ts';
import { hasAll, wrapOwner } from './operation.ts';
import { acquiring } from './promised-connection.ts';

/** `Client` of every dialect. Transactions have one of their own, whose `acquireConnection` is not the pool's. */
export const recognizeKnex: Recognizer = (prototype) => {
  if (hasAll(prototype, 'acquireConnection', 'releaseConnection', 'initializePool', 'queryCompiler'))
    wrapOwner(prototype, 'acquireConnection', acquiring);
  return undefined;
};
