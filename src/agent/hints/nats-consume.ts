// Messages that nats (2.x) gives to the callback of a subscription, or to a loop over it or over a stream's consumer: each starts a
// request. In: the classes that nats.ts has found. Out: consumptions. In a loop one ends when the next message is asked for.

import {
  beginConsumption,
  type Consumption,
  NO_SENDER,
  runConsumer,
  type Sender,
} from '../requests/consumption.ts';
import { currentContext, enterContext, NO_CONTEXT } from '../requests/context.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { hasMethod } from './operation.ts';

interface Subscription {
  readonly subject?: unknown;
}

interface Handler {
  readonly options?: { readonly inboxPrefix?: unknown };
}

/** `ProtocolHandler` */
export function hookSubscriptions(prototype: object): void {
  wrap(prototype, 'subscribe', (original) => {
    return function subscribe(this: Handler, ...args: unknown[]): unknown {
      if (active) guarded(hookSubscription, this, args[0]);
      return original.apply(this, args);
    };
  });
}

const loops = new WeakSet<object>();

/** Answers to requests and messages that a stream pushes come to inboxes: the library itself takes them. */
function hookSubscription({ options }: Handler, subscription: unknown): void {
  if (typeof subscription !== 'object' || subscription === null) return;
  const { subject } = subscription as Subscription;
  if (typeof subject !== 'string') return;
  const inbox = options?.inboxPrefix;
  const isInbox = subject.startsWith(typeof inbox === 'string' ? inbox : '_INBOX');
  if (!isInbox && Object.hasOwn(subscription, 'callback'))
    wrap(subscription, 'callback', (callback) => receiving(callback, subject));
  hookLoops(subscription);
}

/** Called with an error, if there is one, and the message. */
function receiving(callback: Method, subject: string): AnyMethod {
  return function (this: unknown, ...args: unknown[]): unknown {
    const [error, message] = args;
    if (error || !isMessage(message)) return callback.apply(this, args);
    return runConsumer(beginConsumption('CONSUME', subject, senderOf(message)), callback, this, args);
  };
}

interface Message {
  readonly subject: string;
  readonly headers?: unknown;
}

function isMessage(value: unknown): value is Message {
  return (
    typeof value === 'object' &&
    value !== null &&
    'subject' in value &&
    typeof value.subject === 'string' &&
    'data' in value
  );
}

/** Headers of NATS have a `get`; for one that is not there it answers ''. */
function senderOf({ headers }: Message): Sender {
  if (!hasMethod(headers, 'get')) return NO_SENDER;
  const get = (name: string): string =>
    String(Reflect.apply(Reflect.get(headers, 'get') as Method, headers, [name]) ?? '');
  return { traceparent: get('traceparent').slice(0, 200), b3: get('b3').slice(0, 200) };
}

/** `QueuedIteratorImpl`, which all loops go over, those of streams, too. */
function hookLoops(subscription: object): void {
  let owner: object | null = subscription;
  while (owner !== null && !Object.hasOwn(owner, Symbol.asyncIterator))
    owner = Object.getPrototypeOf(owner) as object | null;
  if (owner === null || loops.has(owner)) return;
  loops.add(owner);
  wrap(owner, Symbol.asyncIterator, (original) => {
    return function (this: Subscription, ...args: unknown[]): unknown {
      const iterator = original.apply(this, args);
      if (active && hasMethod(iterator, 'next')) guarded(hookLoop, iterator, this);
      return iterator;
    };
  });
}

/** A loop of a request, that waits for answers, belongs to that request. */
function hookLoop(iterator: object, { subject }: Subscription): void {
  if (currentContext().request !== NO_CONTEXT.request) return;
  const loop = new Loop(typeof subject === 'string' && !subject.startsWith('_INBOX') ? subject : '');
  wrap(iterator, 'next', (original) => {
    return function next(this: unknown, ...args: unknown[]): unknown {
      if (active) guarded(leave, loop, undefined);
      const step = original.apply(this, args);
      return active && step instanceof Promise ? following(step, loop) : step;
    };
  });
  for (const name of ['return', 'throw'])
    wrap(iterator, name, (original) => {
      return function (this: unknown, ...args: unknown[]): unknown {
        if (active) guarded(leave, loop, undefined);
        return original.apply(this, args);
      };
    });
}

/** `for await (const message of …)` */
class Loop {
  /** '' where each message has its own. */
  readonly subject: string;
  /** Of the message whose turn it is. */
  consumption: Consumption | undefined = undefined;

  constructor(subject: string) {
    this.subject = subject;
  }
}

/** The body is done with its message: it asks for the next, or leaves the loop. What follows the loop is of no request. */
function leave(loop: Loop): void {
  if (loop.consumption === undefined) return;
  loop.consumption.leave();
  loop.consumption = undefined;
  enterContext(NO_CONTEXT);
}

/** Whoever ignores a failure of the loop still does, and whoever handles it, too: the promise that is answered follows the loop's. */
function following(step: Promise<unknown>, loop: Loop): unknown {
  return Reflect.apply(then, step, [
    (result: unknown) => {
      guarded(arrived, loop, result);
      return result;
    },
  ]);
}

const { then } = Promise.prototype;

interface Step {
  value?: unknown;
}

/**
 * The body runs in the context of its message from the moment at which it takes the message out of the step. To enter the context when the step is
 * asked for would be too early: the first is asked for in the middle of whoever starts the loop, and what they do next is not the message's.
 */
function arrived(loop: Loop, step: unknown): void {
  const { value } = step as Step;
  if (!isMessage(value)) return;
  loop.consumption?.leave();
  const consumption = beginConsumption('CONSUME', loop.subject || value.subject, senderOf(value));
  loop.consumption = consumption;
  if (consumption !== undefined) onTaken(step as Step, () => enterContext(consumption.context));
}

/** Calls `taken` when `value` is read for the first time; afterwards it is a field as before. */
function onTaken(step: Step, taken: () => void): void {
  const { value } = step;
  const field = (): unknown => {
    Object.defineProperty(step, 'value', { value, writable: true, enumerable: true, configurable: true });
    guarded(taken, undefined, undefined);
    return value;
  };
  const assign = (next: unknown): void =>
    void Object.defineProperty(step, 'value', { value: next, writable: true });
  Object.defineProperty(step, 'value', { get: field, set: assign, enumerable: true, configurable: true });
}
