// Hints for node-redis 4: commands, transactions, isolated clients. In: new prototypes. Out: calls and contexts.
// A command is written at once, inside the application's call, unless the connection is not ready or its buffer is full.

import type { Recognizer } from '../emitter-init.ts';
import { HIDDEN_CONTEXT, bindCallback, currentContext, type Context } from '../requests/context.ts';
import { grant, newCall } from '../calls/calls.ts';
import { active } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { asOperation, hasAll, wrapOwner } from './operation.ts';
import { wrap } from '../hook.ts';

/** Events in which commands are written that had to wait. */
const FLUSHES = new Set<unknown>(['ready', 'drain']);

let isFlushing = false;

export const recognizeNodeRedis4: Recognizer = (prototype) => {
  if (hasAll(prototype, 'multiExecutor', 'executeIsolated'))
    wrapOwner(prototype, 'executeIsolated', isolating);
  if (!hasAll(prototype, 'writeCommand', 'isReady')) return undefined;
  wrapOwner(prototype, 'writeCommand', writing);
  // Not the owner: that is the emit of all emitters.
  wrap(prototype, 'emit', emitting);
  return undefined;
};

function writing(original: Method): AnyMethod {
  return function writeCommand(this: { readonly isReady: boolean }, ...args: unknown[]): unknown {
    return active ? asOperation(contextOf(this), original, this, args) : original.apply(this, args);
  };
}

/** The client hides its queue: whose the commands are that waited, nobody can know. */
function contextOf(socket: { readonly isReady: boolean }): Context {
  if (isFlushing) return HIDDEN_CONTEXT;
  return socket.isReady ? newCall('redis') : currentContext();
}

function emitting(original: Method): AnyMethod {
  return function emit(this: object, ...args: unknown[]): unknown {
    if (!FLUSHES.has(args[0])) return original.apply(this, args);
    const outer = isFlushing;
    isFlushing = true;
    try {
      return original.apply(this, args);
    } finally {
      isFlushing = outer;
    }
  };
}

function isolating(original: Method): AnyMethod {
  return function executeIsolated(this: object, ...args: unknown[]): unknown {
    const task = args[0];
    if (!active || typeof task !== 'function') return original.apply(this, args);
    const context = newCall('redis');
    const bound = bindCallback(task as (client: unknown) => unknown, context);
    args[0] = (client: unknown): unknown => {
      grant(context);
      return bound(client);
    };
    return asOperation(context, original, this, args);
  };
}
