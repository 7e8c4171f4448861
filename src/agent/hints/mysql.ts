// Hints for mysql (2.x, without the 2 in its name). In: new prototypes. Out: calls and contexts. Its pool is like that of mysql2 (mysql2.ts).

import type { Recognizer } from '../emitter-init.ts';
import type { Context } from '../requests/context.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { connectionQuerying, contextOf } from './mysql2.ts';
import { asOperation, asRequest, hasAll, wrapOwner } from './operation.ts';
import { sideTable } from './side-table.ts';

/** By sequence, mysql's word for a command and its answer: whose operation it is. */
const operations = sideTable<Context>();

export const recognizeMysql: Recognizer = (prototype) => {
  if (hasAll(prototype, '_implyConnect', 'query')) wrapOwner(prototype, 'query', connectionQuerying);
  if (hasAll(prototype, '_enqueue', '_dequeue')) wrapOwner(prototype, '_enqueue', enqueueing);
  if (!hasAll(prototype, 'hasErrorHandler', 'start', 'end')) return undefined;
  // `start` is another one in each kind of sequence, `end` is the same.
  wrapOwner(prototype, 'end', answering);
  wrap(prototype, 'start', writing);
  wrap(prototype, 'RowDataPacket', answering);
  return undefined;
};

interface Protocol {
  readonly _connection?: object;
}

function enqueueing(original: Method): AnyMethod {
  return function _enqueue(this: Protocol, ...args: unknown[]): unknown {
    const sequence = args[0];
    if (typeof sequence === 'object' && sequence !== null)
      operations.set(sequence, contextOf(this._connection ?? this, sequence));
    return original.apply(this, args);
  };
}

function writing(original: Method): AnyMethod {
  return function start(this: object, ...args: unknown[]): unknown {
    return asOperation(operations.get(this), original, this, args);
  };
}

function answering(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    return asRequest(operations.get(this), original, this, args);
  };
}
