// Messages that amqplib (0.8 on) delivers to a consumer: each starts a request. In: what channels are asked and what is delivered to
// them. Out: consumptions. One ends when the promise of its handler settles; a handler without promise is done when it acknowledges the
// message, or, where nothing is acknowledged, with what it has started. Not here: the calls themselves (amqplib.ts).

import { beginConsumption, runConsumer, senderOf, type Consumption } from '../requests/consumption.ts';
import { active, guarded } from '../guard.ts';
import type { AnyMethod, Method } from '../hook.ts';
import { wrapOwner } from './operation.ts';
import { sideTable } from './side-table.ts';

/** class << 16 | method */
export const CONSUME = 0x3c0014;
const ACK = 0x3c0050;
const REJECT = 0x3c005a;
const NACK = 0x3c0078;

/** Messages that a channel holds and has not acknowledged: beyond it a request ends when its handler returns. */
const UNACKNOWLEDGED_LIMIT = 10_000;
const CONSUMER_LIMIT = 1000;

interface Consumer {
  readonly queue: string;
  readonly isAcknowledging: boolean;
}

/** What one channel consumes. */
interface Consumers {
  readonly byTag: Map<string, Consumer>;
  /** By delivery tag. */
  readonly unacknowledged: Map<number, Consumption>;
}

const consumers = sideTable<Consumers>();

function consumersOf(channel: object): Consumers {
  let known = consumers.get(channel);
  if (known === undefined) {
    known = { byTag: new Map(), unacknowledged: new Map() };
    consumers.set(channel, known);
  }
  return known;
}

/** The reply to `basic.consume` names the consumer. */
export function noteConsumer(channel: object, fields: object, reply: unknown): unknown {
  if (typeof reply !== 'function') return reply;
  const original = reply as Method;
  return function (this: unknown, ...args: unknown[]): unknown {
    if (active) guarded(remember, { channel, fields }, args[1]);
    return original.apply(this, args);
  };
}

interface Asked {
  readonly channel: object;
  readonly fields: { readonly queue?: unknown; readonly noAck?: unknown };
}

function remember({ channel, fields }: Asked, answer: unknown): void {
  const tag = (answer as { readonly fields?: { readonly consumerTag?: unknown } } | undefined)?.fields
    ?.consumerTag;
  const { byTag } = consumersOf(channel);
  if (typeof tag !== 'string' || byTag.size >= CONSUMER_LIMIT) return;
  byTag.set(tag, { queue: String(fields.queue ?? ''), isAcknowledging: fields.noAck !== true });
}

interface Delivery {
  readonly consumerTag?: unknown;
  readonly deliveryTag?: unknown;
  readonly routingKey?: unknown;
}

/** On `BaseChannel`, which knows the consumers by their tags. `message` is null when the broker has cancelled the consumer. */
export function hookDeliveries(prototype: object): void {
  wrapOwner(prototype, 'dispatchMessage', (original) => {
    return function dispatchMessage(this: object, ...args: unknown[]): unknown {
      const [delivery, message] = args;
      if (!active || typeof message !== 'object' || message === null) return original.apply(this, args);
      return deliver(this, delivery as Delivery, message, original, args);
    } as AnyMethod;
  });
}

function deliver(
  channel: object,
  delivery: Delivery,
  message: object,
  original: Method,
  args: unknown[],
): unknown {
  const { byTag, unacknowledged } = consumersOf(channel);
  const consumer = byTag.get(String(delivery.consumerTag));
  const { properties } = message as { readonly properties?: { readonly headers?: unknown } };
  const queue = consumer?.queue ?? String(delivery.routingKey ?? '');
  const consumption = beginConsumption('CONSUME', queue, senderOf(properties?.headers));
  const { deliveryTag: tag } = delivery;
  const isHeld =
    consumption !== undefined &&
    consumer?.isAcknowledging === true &&
    typeof tag === 'number' &&
    unacknowledged.size < UNACKNOWLEDGED_LIMIT;
  if (isHeld) unacknowledged.set(tag, consumption);
  return runConsumer(consumption, original, channel, args, (returned) => {
    if (isHeld && unacknowledged.has(tag)) returned.awaitAnswer();
    else returned.leave();
  });
}

interface Answer {
  readonly deliveryTag?: unknown;
  readonly multiple?: unknown;
}

/** A method that the channel sends: is it an acknowledgement? */
export function noteAnswer(channel: object, method: unknown, fields: unknown): void {
  if (method !== ACK && method !== NACK && method !== REJECT) return;
  const known = consumers.get(channel);
  if (known === undefined || typeof fields !== 'object' || fields === null) return;
  const { deliveryTag, multiple } = fields as Answer;
  const isRefused = method !== ACK;
  if (multiple === true) answerUpTo(known.unacknowledged, Number(deliveryTag), isRefused);
  else answer(known.unacknowledged, Number(deliveryTag), isRefused);
}

/** 0 means all there are. */
function answerUpTo(unacknowledged: Map<number, Consumption>, tag: number, isRefused: boolean): void {
  for (const each of unacknowledged.keys())
    if (each <= tag || tag === 0) answer(unacknowledged, each, isRefused);
}

function answer(unacknowledged: Map<number, Consumption>, tag: number, isRefused: boolean): void {
  const consumption = unacknowledged.get(tag);
  if (consumption === undefined) return;
  unacknowledged.delete(tag);
  consumption.isRefused ||= isRefused;
  consumption.answered();
}
