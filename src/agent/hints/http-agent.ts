// Hints for node:http and node:https as clients: requests wait in an Agent with `maxSockets`. In: new prototypes. Out: calls and grants,
// and the call on all that a request writes. The request of the application is right without: Node keeps it.

import type { InstanceHook, Recognizer } from '../emitter-init.ts';
import type { Context } from '../context.ts';
import { grant, newCall } from '../calls.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { asOperation, hasAll, wrapOwner } from './operation.ts';
import { Stamped } from '../stamp.ts';

/** By `ClientRequest`. Not a side table: every request and every response comes here (see side-table.ts). */
class OperationOf extends Stamped {
  #context: Context | undefined;

  static get(request: object): Context | undefined {
    return #context in request ? request.#context : undefined;
  }

  static set(request: object, context: Context | undefined): void {
    const note = #context in request ? request : new OperationOf(request);
    note.#context = context;
  }
}

export const recognizeClientRequest: Recognizer = (prototype) => {
  if (!hasAll(prototype, 'onSocket', '_writeRaw', '_flushOutput', 'abort')) return undefined;
  // Server responses share the owner of these; they have no operation.
  for (const name of ['_writeRaw', '_flushOutput']) wrapOwner(prototype, name, writing);
  wrapOwner(prototype, 'onSocket', granting);
  return noteRequest;
};

const noteRequest: InstanceHook = (request) => OperationOf.set(request, newCall('http'));

function writing(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    return asOperation(OperationOf.get(this), original, this, args);
  };
}

/** With a socket, or with an error instead of one. */
function granting(original: Method): AnyMethod {
  return function onSocket(this: object, ...args: unknown[]): unknown {
    const context = args[1] ? undefined : OperationOf.get(this);
    if (context !== undefined) grant(context);
    return original.apply(this, args);
  };
}
