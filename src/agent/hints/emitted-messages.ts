// Messages that a library hands over as events: `ws` (server and client) and the subscriptions of ioredis. In: new prototypes. Out: each
// event that somebody listens to starts a request. What listeners answer is lost on the way: it ends with what they have started.

import { beginConsumption, runConsumer } from '../requests/consumption.ts';
import type { Recognizer } from '../emitter-init.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { hasAll, textOf, wrapOwner } from './operation.ts';
import { sideTable } from './side-table.ts';

interface Emitter {
  listenerCount(event: string): number;
}

/** The name of what a message came by; undefined: this event is none. */
type NameOf = (emitter: object, args: readonly unknown[]) => string | undefined;

/** `WebSocketServer` and `WebSocket` of ws (7 on). */
export const recognizeWs: Recognizer = (prototype) => {
  if (hasAll(prototype, 'handleUpgrade', 'completeUpgrade', 'shouldHandle'))
    wrapOwner(prototype, 'handleUpgrade', upgrading);
  if (hasAll(prototype, 'terminate', 'setSocket', 'ping', 'pong')) hookEmit(prototype, 'MESSAGE', pathOf);
  return undefined;
};

/** `Redis` of ioredis (4 on). */
export const recognizeIoredisMessages: Recognizer = (prototype) => {
  if (hasAll(prototype, 'sendCommand', 'pipeline', 'psubscribe', 'disconnect'))
    hookEmit(prototype, 'CONSUME', channelOf);
  return undefined;
};

function hookEmit(prototype: object, word: string, nameOf: NameOf): void {
  wrap(prototype, 'emit', (_original, below) => {
    return function emit(this: Emitter, ...args: unknown[]): unknown {
      const name = active ? heardName(nameOf, this, args) : undefined;
      if (name === undefined) return below.emit.apply(this, args);
      return runConsumer(beginConsumption(word, name), below.emit, this, args);
    } as AnyMethod;
  });
}

/** Undefined, too, where nobody listens. An emitter may have methods of the application. */
function heardName(nameOf: NameOf, emitter: Emitter, args: readonly unknown[]): string | undefined {
  try {
    const name = nameOf(emitter, args);
    return name !== undefined && emitter.listenerCount(String(args[0])) > 0 ? name : undefined;
  } catch {
    return undefined;
  }
}

const REDIS_EVENT = /^[ps]?message(?:Buffer)?$/;

/** Of a subscription with a pattern, the pattern. */
function channelOf(_redis: object, [event, channel]: readonly unknown[]): string | undefined {
  return typeof event === 'string' && REDIS_EVENT.test(event) ? String(channel) : undefined;
}

/** By WebSocket of a server: what was asked for when it was opened. */
const targets = sideTable<string>();

function pathOf(socket: object, [event]: readonly unknown[]): string | undefined {
  if (event !== 'message') return undefined;
  return targets.get(socket) ?? textOf(socket, 'url') ?? '/';
}

/** `handleUpgrade(request, socket, head, callback)`: the callback is given the WebSocket. */
function upgrading(original: Method): AnyMethod {
  return function handleUpgrade(this: unknown, ...args: unknown[]): unknown {
    const [request, , , callback] = args;
    const target = textOf(request, 'url');
    if (!active || typeof callback !== 'function' || target === undefined) return original.apply(this, args);
    args[3] = function (this: unknown, ...given: unknown[]): unknown {
      guarded(remember, given[0], target);
      return Reflect.apply(callback as Method, this, given);
    };
    return original.apply(this, args);
  };
}

function remember(socket: unknown, target: string): void {
  if (typeof socket === 'object' && socket !== null) targets.set(socket, target);
}
