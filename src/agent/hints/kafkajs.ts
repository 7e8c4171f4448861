// Hints for kafkajs (1.x and 2.x): requests that wait because too many are in flight. In: new prototypes. Out: calls, grants, contexts.

import { newCall, grant } from '../calls/calls.ts';
import type { Context } from '../requests/context.ts';
import type { Recognizer } from '../emitter-init.ts';
import { active } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { hookBrokers } from './kafkajs-produce.ts';
import { asOperation, hasAll, wrapOwner } from './operation.ts';

/** What the queue is given; `sendRequest` writes it, now or when others were answered. */
interface Request {
  readonly entry?: { readonly apiName?: unknown };
  sendRequest?: unknown;
}

export const recognizeKafkajs: Recognizer = (prototype) => {
  if (hasAll(prototype, 'push', 'fulfillRequest', 'sendSocketRequest')) {
    wrapOwner(prototype, 'push', pushing);
    hookBrokers();
  }
  return undefined;
};

function pushing(original: Method): AnyMethod {
  return function push(this: unknown, ...args: unknown[]): unknown {
    const request = args[0] as Request | undefined;
    if (active && typeof request?.sendRequest === 'function') follow(request, request.sendRequest as Method);
    return original.apply(this, args);
  };
}

function follow(request: Request, send: Method): void {
  const name = request.entry?.apiName;
  const context: Context = newCall('kafkajs', typeof name === 'string' ? name : undefined);
  request.sendRequest = function (this: unknown, ...args: unknown[]): unknown {
    grant(context);
    return asOperation(context, send, this, args);
  };
}
