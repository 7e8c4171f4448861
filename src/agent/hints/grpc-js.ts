// Hints for @grpc/grpc-js: a call waits while its channel resolves names and connects, and goes on in the context of whoever
// connected. In: new calls of clients, which are emitters; by way of them the classes behind. Out: calls, and each call's stream opened
// in the call's own context. Classes are those of 1.8 and later; where two names are given the second is of 1.2 to 1.7.

import { newCall } from '../calls/calls.ts';
import { currentContext, HIDDEN_CONTEXT, type Context } from '../requests/context.ts';
import { noteHooked } from '../sending/coverage.ts';
import type { InstanceHook, Recognizer } from '../emitter-init.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { contextForStream } from '../calls/next-stream.ts';
import { asRequest, hasAll } from './operation.ts';
import { sideTable } from './side-table.ts';

/** By what a channel keeps waiting: the context to go on in. */
const contexts = sideTable<Context>();

/** Interceptors around interceptors: more than anybody has. */
const DEPTH_LIMIT = 100;

/** What `client.say(…)` answers. */
export const recognizeGrpcCall: Recognizer = (prototype) =>
  hasAll(prototype, 'cancel', 'getPeer') && !('sendMetadata' in prototype) ? noteCall : undefined;

/** Of these classes nothing more is needed. */
const followed = new WeakSet<object>();

/** The classes behind it are not known when the first ones are made, and before the next turn none of them can have gone on. */
const noteCall: InstanceHook = (emitter) => {
  if (followed.has(Object.getPrototypeOf(emitter) as object)) return;
  const call = newCall('grpc');
  process.nextTick(() => guarded(follow, emitter, call));
};

interface Waiting {
  readonly channel?: unknown;
}

function follow(emitter: object, call: Context): void {
  const waiting = innermost(emitter);
  const channel = waiting?.channel;
  if (waiting === undefined || !isObject(channel)) return;
  followed.add(Object.getPrototypeOf(emitter) as object);
  hookChannel(Object.getPrototypeOf(channel) as object);
  hookWaiting(waiting);
  if (contexts.get(waiting) === undefined) contexts.set(waiting, contextForStream(call));
  hideWaiting(channel);
}

/** `InterceptingCall`s are around a call that has a channel: `ResolvingCall`, `Http2CallStream`. */
function innermost(emitter: object): Waiting | undefined {
  let call: unknown = emitter;
  for (let depth = 0; depth < DEPTH_LIMIT && isObject(call); depth++) {
    if ('channel' in call) return call;
    call = 'call' in call ? call.call : 'nextCall' in call ? call.nextCall : undefined;
  }
  return undefined;
}

/** `InternalChannel`, `ChannelImplementation`. */
function hookChannel(prototype: object): void {
  wrap(prototype, 'createCall', creating);
  wrap(prototype, 'queueCallForPick', queueing);
  wrap(prototype, 'tryGetConfig', goingOnWithFirst);
  wrap(prototype, 'tryPick', goingOnWithFirst);
  noteHooked('grpc-js');
}

function hookWaiting(waiting: object): void {
  const prototype = Object.getPrototypeOf(waiting) as object;
  for (const name of ['start', 'getConfig', 'doPick']) wrap(prototype, name, goingOn);
}

/** Waits since before we were here: nobody knows for whom. */
function hideWaiting(channel: { readonly pickQueue?: unknown }): void {
  const { pickQueue } = channel;
  if (!(pickQueue instanceof Set)) return;
  for (const waiting of pickQueue as Set<unknown>) {
    if (!isObject(waiting) || contexts.get(waiting) !== undefined) continue;
    hookWaiting(waiting);
    contexts.set(waiting, HIDDEN_CONTEXT);
  }
}

function creating(original: Method): AnyMethod {
  return function createCall(this: unknown, ...args: unknown[]): unknown {
    if (!active) return original.apply(this, args);
    const call = newCall('grpc', typeof args[0] === 'string' ? args[0] : undefined);
    const waiting = original.apply(this, args);
    guarded(keep, waiting, call);
    return waiting;
  };
}

function keep(waiting: unknown, call: Context): void {
  if (!isObject(waiting)) return;
  hookWaiting(waiting);
  contexts.set(waiting, contextForStream(call));
}

/** A part of a call (`LoadBalancingCall`) begins to wait for a connection. */
function queueing(original: Method): AnyMethod {
  return function queueCallForPick(this: unknown, ...args: unknown[]): unknown {
    if (active) guarded(keepCurrent, args[0], undefined);
    return original.apply(this, args);
  };
}

function keepCurrent(waiting: unknown): void {
  if (!isObject(waiting)) return;
  hookWaiting(waiting);
  contexts.set(waiting, currentContext());
}

function goingOn(original: Method): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    return asRequest(contexts.get(this), original, this, args);
  };
}

function goingOnWithFirst(original: Method): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    const [waiting] = args;
    return asRequest(isObject(waiting) ? contexts.get(waiting) : undefined, original, this, args);
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
