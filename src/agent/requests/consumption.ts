// A consumed message is a request, too. In: its word (`CONSUME`, `TASK`, `MESSAGE`), the name of its queue, topic or subject, who sent it.
// Out: `requestStart` and `requestEnd`, and its handler running in its context. Not here: which handlers of which libraries (hints/).

import { RequestEndFlag } from '../../record/layout.ts';
import { idleNs, now } from '../clock.ts';
import { Context, runInContext } from './context.ts';
import { nextRequest } from './exchange.ts';
import { isSampling, noteBegun, noteEnded, noteSkipped } from '../cost/frugality.ts';
import { active, fail } from '../guard.ts';
import { recorder } from '../recorder.ts';
import { Trace } from './trace.ts';

/** What the record of its end says, in the words of HTTP: routes and errors of all requests are counted alike. */
const DONE = 200;
const FAILED = 500;

/** Where the request came from, as its headers say; '' when they do not. */
export interface Sender {
  readonly traceparent: string;
  readonly b3: string;
}

export const NO_SENDER: Sender = { traceparent: '', b3: '' };

export class Consumption {
  readonly context: Context = new Context(nextRequest(), 0);
  /** The library was told that the message could not be processed. */
  isRefused = false;
  /** The stretch of time in which it is recorded; -1: it is not (frugality.ts). */
  #stretch = -1;
  #isEnded = false;
  #isAwaitingAnswer = false;

  /** `name`: of the queue, topic or subject, or what was subscribed to. */
  start(word: string, name: string, sender: Sender): void {
    if (sender !== NO_SENDER) this.context.trace = new Trace(sender.traceparent, sender.b3);
    this.#stretch = isSampling ? noteBegun() : -1;
    if (this.#stretch < 0) return noteSkipped();
    recorder?.requestStart(
      now(),
      idleNs(),
      this.context.request,
      0,
      word,
      name,
      '',
      sender.traceparent,
      sender.b3,
    );
  }

  /** Later calls do nothing. */
  end(isFailed = false): void {
    this.#record(0, isFailed);
  }

  /** Its handler has returned, and may go on in what it has started: it ends with that. */
  leave(): void {
    this.#record(RequestEndFlag.openEnd, false);
  }

  /** Its handler has returned, and has not said yet that it is done. */
  awaitAnswer(): void {
    this.#isAwaitingAnswer = true;
  }

  /** The library was told what became of the message. */
  answered(): void {
    if (this.#isAwaitingAnswer) this.end();
  }

  /** Called among the application's own code: nothing that goes wrong here reaches it. */
  #record(flags: number, isFailed: boolean): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#stretch < 0) return;
    try {
      noteEnded(this.#stretch);
      const status = isFailed || this.isRefused ? FAILED : DONE;
      recorder?.requestEnd(now(), idleNs(), flags, this.context.request, status, -1, '');
    } catch (error) {
      fail(error);
    }
  }
}

/** A message has come; `undefined` while nothing is noted. */
export function beginConsumption(
  word: string,
  name: string,
  sender: Sender = NO_SENDER,
): Consumption | undefined {
  if (!active || recorder === undefined) return undefined;
  try {
    const consumption = new Consumption();
    consumption.start(word, name, sender);
    return consumption;
  } catch (error) {
    fail(error);
    return undefined;
  }
}

/**
 * Runs the handler. The request ends when its promise settles; without a promise `returned` decides.
 * The promise that is answered follows the handler's: whoever ignored a rejection still does, and whoever handled it, too.
 */
export function runConsumer(
  consumption: Consumption | undefined,
  handler: (...args: never[]) => unknown,
  self: unknown,
  args: ArrayLike<unknown>,
  returned: (consumption: Consumption) => void = leave,
): unknown {
  if (consumption === undefined) return Reflect.apply(handler, self, args);
  let isReturned = false;
  try {
    const result = runInContext(consumption.context, handler, self, args);
    isReturned = true;
    if (result instanceof Promise) return following(result, consumption);
    returned(consumption);
    return result;
  } finally {
    if (!isReturned) consumption.end(true);
  }
}

function leave(consumption: Consumption): void {
  consumption.leave();
}

const { then } = Promise.prototype;

function following(promise: Promise<unknown>, consumption: Consumption): unknown {
  return Reflect.apply(then, promise, [
    (value: unknown) => {
      consumption.end();
      return value;
    },
    (error: unknown) => {
      consumption.end(true);
      throw error;
    },
  ]);
}

/** The sender of a message with these headers: an object, as AMQP and Kafka have it. Its getters may do as they like. */
export function senderOf(headers: unknown): Sender {
  if (typeof headers !== 'object' || headers === null) return NO_SENDER;
  try {
    const traceparent = headerText(Reflect.get(headers, 'traceparent'));
    const b3 = headerText(Reflect.get(headers, 'b3'));
    return traceparent === '' && b3 === '' ? NO_SENDER : { traceparent, b3 };
  } catch {
    return NO_SENDER;
  }
}

const HEADER_LIMIT = 200;

function headerText(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, HEADER_LIMIT);
  return Buffer.isBuffer(value) ? value.toString('latin1', 0, HEADER_LIMIT) : '';
}
