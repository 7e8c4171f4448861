// Hints for node:http and node:https as clients: requests wait in an Agent with `maxSockets`. In: new prototypes. Out: calls and grants,
// the call on all that a request writes, and the trace as the last header of its head. The request of the application is right
// without: Node keeps it.

import type { InstanceHook, Recognizer } from '../emitter-init.ts';
import { replaceCurrent, type Context } from '../requests/context.ts';
import { grant, newCall } from '../calls/calls.ts';
import { noteHttpCall } from '../cost/own-cost.ts';
import { active, guarded } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { headForbids, mayTell, targetForbids } from '../requests/propagation.ts';
import { hasAll, wrapOwner } from './operation.ts';
import { Stamped } from '../stamp.ts';
import { traceOf } from '../requests/trace.ts';

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

/** The call of a `ClientRequest`. */
export function operationOf(request: object): Context | undefined {
  return OperationOf.get(request);
}

export const recognizeClientRequest: Recognizer = (prototype) => {
  if (!hasAll(prototype, 'onSocket', '_writeRaw', '_flushOutput', 'abort')) return undefined;
  // Server responses share the owner of these; they have no operation.
  for (const name of ['_writeRaw', '_flushOutput']) wrapOwner(prototype, name, writing);
  wrapOwner(prototype, '_storeHeader', storing);
  wrapOwner(prototype, 'onSocket', granting);
  return noteRequest;
};

const noteRequest: InstanceHook = (request) => {
  noteHttpCall();
  OperationOf.set(request, newCall('http'));
};

function writing(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    const context = active ? OperationOf.get(this) : undefined;
    if (context === undefined) return original.apply(this, args);
    const previous = replaceCurrent(context);
    try {
      return original.apply(this, args);
    } finally {
      replaceCurrent(previous);
    }
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

/** A request as it is here: fields of Node 20 to 26. */
interface ClientHead {
  _header?: unknown;
  readonly _headerSent?: unknown;
  readonly method?: unknown;
  readonly path?: unknown;
  readonly host?: unknown;
}

/** Makes the head as text, from whatever form the headers came in. */
function storing(original: Method): AnyMethod {
  return function _storeHeader(this: object, firstLine: unknown, headers: unknown): unknown {
    const result = original.call(this, firstLine, headers);
    const context = active ? OperationOf.get(this) : undefined;
    if (context !== undefined) guarded(addTrace, this, context);
    return result;
  };
}

const HOST_HEADER = /\r\nhost:[ \t]*([^\r\n]*)/i;

/** With `Expect: 100-continue` the head is gone already, and goes as it was. */
function addTrace(request: ClientHead, context: Context): void {
  const { _header: head, host, path, method } = request;
  if (typeof head !== 'string' || request._headerSent !== false || !head.endsWith('\r\n\r\n')) return;
  if (typeof host !== 'string' || typeof path !== 'string' || method === 'CONNECT') return;
  if (!mayTell(context, host, HOST_HEADER.exec(head)?.[1] ?? host)) return;
  if (targetForbids(path) || headForbids(head)) return;
  const { traceparent, b3 } = traceOf(context).headers();
  const b3Line = b3 === '' ? '' : `b3: ${b3}\r\n`;
  request._header = `${head.slice(0, -2)}traceparent: ${traceparent}\r\n${b3Line}\r\n`;
}
