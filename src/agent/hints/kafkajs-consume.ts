// Messages that kafkajs (1.x and 2.x) hands to `eachMessage`, and batches to `eachBatch`: each call starts a request.
// In: new prototypes. Out: consumptions. A batch comes from many senders: it continues no trace.

import { beginConsumption, NO_SENDER, runConsumer, senderOf } from '../requests/consumption.ts';
import type { Recognizer } from '../emitter-init.ts';
import { active, guarded } from '../guard.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { hasAll, wrapOwner } from './operation.ts';

interface Payload {
  readonly topic?: unknown;
  readonly message?: { readonly headers?: unknown };
  readonly batch?: { readonly topic?: unknown };
}

/** `Runner`: what the application passed to `consumer.run` is in two fields of it. */
export const recognizeKafkajsRunner: Recognizer = (prototype) => {
  if (!hasAll(prototype, 'processEachMessage', 'processEachBatch')) return undefined;
  wrapOwner(prototype, 'processEachMessage', (original) => processing(original, 'eachMessage'));
  wrapOwner(prototype, 'processEachBatch', (original) => processing(original, 'eachBatch'));
  return undefined;
};

function processing(original: Method, field: string): AnyMethod {
  return function (this: object, ...args: unknown[]): unknown {
    if (active) guarded(hookHandler, this, field);
    return original.apply(this, args);
  };
}

/** The field is there only after the construction; wrapping it again does nothing. */
function hookHandler(runner: object, field: string): void {
  wrap(runner, field, (handler) => {
    return function (this: unknown, ...args: unknown[]): unknown {
      const { topic, message, batch } = (args[0] ?? {}) as Payload;
      const name = String(topic ?? batch?.topic ?? '');
      const sender = message === undefined ? NO_SENDER : senderOf(message.headers);
      return runConsumer(beginConsumption('CONSUME', name, sender), handler, this, args);
    };
  });
}
