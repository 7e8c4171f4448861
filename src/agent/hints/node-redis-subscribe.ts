// Messages that node-redis (4 on) gives to the listener of a subscription: each starts a request. In: new prototypes. Out: consumptions.
// A listener that is taken away again is known by itself: it always has the same wrapper.

import { beginConsumption, runConsumer } from '../requests/consumption.ts';
import type { Recognizer } from '../emitter-init.ts';
import { active } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { hasAll, wrapOwner } from './operation.ts';

const METHODS = ['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE', 'UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE'];

const wrappers = new WeakMap<object, Method>();

export const recognizeNodeRedisSubscriptions: Recognizer = (prototype) => {
  if (hasAll(prototype, 'SUBSCRIBE', 'PSUBSCRIBE', 'UNSUBSCRIBE', 'sendCommand'))
    for (const name of METHODS) wrapOwner(prototype, name, subscribing);
  return undefined;
};

/** `(channels, listener, …)` */
function subscribing(original: Method): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (active && typeof args[1] === 'function') args[1] = wrapperOf(args[1] as Method);
    return original.apply(this, args);
  };
}

function wrapperOf(listener: Method): Method {
  const known = wrappers.get(listener);
  if (known !== undefined) return known;
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    return runConsumer(beginConsumption('CONSUME', String(args[1])), listener, this, args);
  };
  wrappers.set(listener, wrapper);
  return wrapper;
}
