// node-rdkafka (2.x and 3.x): librdkafka talks to Kafka in threads of its own. In: new prototypes, once its addon was loaded. Out: each message
// that is sent is an operation, until librdkafka has taken it or, with a callback, until it is delivered; each message that comes, or batch
// that was asked for, starts a request. Not seen: what goes over the wire, streams of messages.

import { newCall } from '../calls/calls.ts';
import { now } from '../clock.ts';
import type { Recognizer } from '../emitter-init.ts';
import { active, guarded } from '../guard.ts';
import { TRACEPARENT, traceparentFor } from '../hints/sent-message.ts';
import { wrap, type AnyMethod, type Method } from '../hook.ts';
import { recorder } from '../recorder.ts';
import { beginConsumption, NO_SENDER, runConsumer, senderOf, type Sender } from '../requests/consumption.ts';
import { bindCallback, currentContext } from '../requests/context.ts';
import { noteHooked } from '../sending/coverage.ts';
import { errorWord, noteCall, noteOperation, type Asked } from './noted-call.ts';

interface Client {
  readonly globalConfig?: unknown;
}

interface Consumer {
  listenerCount(event: string): number;
}

interface Message {
  readonly topic?: unknown;
  readonly headers?: unknown;
}

/** Others have classes of the same shape, and use them in ways of their own. */
let isLoaded = false;

export function noteRdkafka(): void {
  isLoaded = true;
}

export const recognizeRdkafka: Recognizer = (prototype) => {
  if (!isLoaded) return undefined;
  if ('_modifiedProduce' in prototype) wrap(prototype, '_modifiedProduce', delivering);
  if ('produce' in prototype && 'setPollInterval' in prototype) hookProducer(prototype);
  if ('_consumeLoop' in prototype && '_consumeNum' in prototype) hookConsumer(prototype);
  return undefined;
};

/** Producers with callbacks inherit from those without. */
function hookProducer(prototype: object): void {
  let owner = prototype;
  while (!Object.hasOwn(owner, 'produce')) owner = Object.getPrototypeOf(owner) as object;
  wrap(owner, 'produce', producing);
  noteHooked('node-rdkafka');
}

/** The place of the headers in the arguments of `produce`, behind what the application wants to have back. */
const OPAQUE = 5;
const HEADERS = 6;

function producing(original: Method): AnyMethod {
  return function produce(this: Client, ...args: unknown[]): unknown {
    if (!active || recorder === undefined) return original.apply(this, args);
    guarded(tellTrace, this, args);
    if (isOfCallback(args[OPAQUE])) return original.apply(this, args);
    return noteCall(original, this, args, askedOf(this, args[0]), () => -1);
  };
}

/** A producer with callbacks marks its messages so. */
function isOfCallback(opaque: unknown): boolean {
  return typeof opaque === 'object' && opaque !== null && Object.hasOwn(opaque, '__message_id');
}

function delivering(original: Method): AnyMethod {
  return function _modifiedProduce(this: Client, ...args: unknown[]): unknown {
    const callback = args.at(-1);
    if (!active || recorder === undefined || typeof callback !== 'function')
      return original.apply(this, args);
    const asked = askedOf(this, args[0]);
    const context = newCall('node-rdkafka', asked.statement);
    const start = now();
    const bound = bindCallback(callback as Method, context);
    args[args.length - 1] = function (this: unknown, ...answer: unknown[]): unknown {
      noteOperation(asked, context, start, -1, answer[0] ? wordOf(answer[0]) : '');
      return bound.apply(this, answer);
    };
    return original.apply(this, args);
  };
}

/** librdkafka's own number. */
function wordOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'number' ? String(code) : errorWord(error);
}

function askedOf(client: Client, topic: unknown): Asked {
  const [address = ''] = brokersOf(client);
  return { protocol: 'kafka', statement: `Produce ${String(topic)}`, address, database: '' };
}

function brokersOf({ globalConfig }: Client): readonly string[] {
  if (typeof globalConfig !== 'object' || globalConfig === null) return [];
  const list: unknown =
    Reflect.get(globalConfig, 'metadata.broker.list') ?? Reflect.get(globalConfig, 'bootstrap.servers');
  return typeof list === 'string' ? list.split(',').map((broker) => broker.trim()) : [];
}

type Headers = readonly Readonly<Record<string, unknown>>[];

/** Where all brokers may hear of it. */
function tellTrace(client: Client, args: unknown[]): void {
  const headers = args[HEADERS] ?? [];
  if (!Array.isArray(headers) || (headers as Headers).some((header) => TRACEPARENT in Object(header))) return;
  const context = currentContext();
  const told = brokersOf(client).map((broker) => traceparentFor(context, broker));
  const traceparent = told.at(-1) ?? '';
  if (traceparent === '' || told.includes('')) return;
  while (args.length < HEADERS) args.push(undefined);
  args[HEADERS] = [...(headers as Headers), { [TRACEPARENT]: traceparent }];
}

function hookConsumer(prototype: object): void {
  wrap(prototype, 'emit', (_original, below) => {
    return function emit(this: Consumer, ...args: unknown[]): unknown {
      const [event, message] = args;
      if (!active || event !== 'data' || this.listenerCount('data') === 0)
        return below.emit.apply(this, args);
      return consumed(message, below.emit, this, args);
    } as AnyMethod;
  });
  wrap(prototype, 'consume', (original) => {
    return function consume(this: Consumer, ...args: unknown[]): unknown {
      const callback = args.at(-1);
      if (active && typeof callback === 'function')
        args[args.length - 1] = receiving(this, callback as Method);
      return original.apply(this, args);
    };
  });
}

/** The callback of `consume`: with a batch, or with each message. Who listens to `data` has had them. */
function receiving(consumer: Consumer, callback: Method): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    const [error, found] = args;
    const message: unknown = Array.isArray(found) ? found[0] : found;
    if (!active || error || message === undefined || consumer.listenerCount('data') > 0)
      return callback.apply(this, args);
    return consumed(
      Array.isArray(found) ? { ...Object(message), headers: undefined } : message,
      callback,
      this,
      args,
    );
  };
}

/** A batch comes from many senders: it continues no trace. */
function consumed(message: unknown, handler: Method, self: unknown, args: unknown[]): unknown {
  const { topic, headers } = Object(message) as Message;
  return runConsumer(beginConsumption('CONSUME', String(topic), senderIn(headers)), handler, self, args);
}

/** Headers are a list of objects with a key each. */
function senderIn(headers: unknown): Sender {
  return Array.isArray(headers) ? senderOf(Object.assign({}, ...(headers as object[]))) : NO_SENDER;
}
