// AMQP 0-9-1 (RabbitMQ): which answer belongs to which call. In: frames of both sides (messages.ts). Out: one operation for the login,
// for each call that is answered on its channel, and for each message that is published: it ends when it is written, or where
// the broker confirms, with the confirmation. Messages that are delivered are no answers. Not here: bytes, time, content.

import { BoundedMap } from '../../base/bounded.ts';
import type { ByteReader } from '../../base/bytes.ts';
import type { Operation } from '../../model/operation.ts';
import type { Conversation, Exchange, Protocol, Side } from '../contract.ts';
import { Channel } from './channel.ts';
import { AmqpMessage, FrameType, readFrame } from './messages.ts';
import { Id } from './methods.ts';
import { findFrame, looksLikeAmqp } from './recognize.ts';
import { AmqpStatements } from './statement.ts';

const statements = new AmqpStatements();
const names = new TextDecoder();

/** channel_max of brokers. */
const CHANNEL_LIMIT = 2048;
const ANY_BODY = -1;

class AmqpConversation implements Conversation<AmqpMessage> {
  readonly message = new AmqpMessage();
  readonly #channels = new BoundedMap<number, Channel>(CHANNEL_LIMIT);
  #login: Operation | undefined = undefined;

  next(reader: ByteReader): number {
    return readFrame(reader, this.message);
  }

  accept(from: Side, exchange: Exchange): void {
    const { type } = this.message;
    if (type === FrameType.heartbeat) return;
    if (type === FrameType.method) this.#method(from, exchange);
    else if (type !== FrameType.protocol) this.#content(from, exchange);
    else if (from === 'client') this.#begin(exchange);
  }

  resync(reader: ByteReader, from: Side): number {
    return findFrame(reader, from);
  }

  lost(from: Side): void {
    if (this.#login !== undefined && this.#login.end >= 0) this.#login = undefined;
    for (const channel of this.#channels.values()) {
      if (from === 'client') channel.lostWriting();
      else channel.isInDoubt = true;
      channel.forgetEnded();
    }
  }

  #channel(): Channel {
    const { channel: number } = this.message;
    const known = this.#channels.get(number);
    if (known !== undefined) return known;
    const channel = new Channel();
    this.#channels.set(number, channel);
    return channel;
  }

  #content(from: Side, exchange: Exchange): void {
    const { type, bodyBytes, size } = this.message;
    const announced = type === FrameType.header ? bodyBytes : ANY_BODY;
    if (from === 'client') this.#channel().wrote(announced, size, exchange);
    else this.#channel().read(announced, size, exchange);
  }

  #begin(exchange: Exchange): void {
    this.#login = exchange.begin();
    this.#login.statement = 'connect';
    this.#login.role = 'setup';
  }

  #method(from: Side, exchange: Exchange): void {
    const { message } = this;
    if (this.#login !== undefined && message.channel === 0) this.#loggingIn(this.#login, exchange);
    else if (from === 'client') this.#called(exchange);
    else this.#answered(exchange);
  }

  #loggingIn(login: Operation, exchange: Exchange): void {
    const { id, replyCode } = this.message;
    exchange.extend(login);
    if (id === Id.connectionOpen) this.#name(exchange);
    if (id !== Id.connectionOpenOk && id !== Id.connectionClose) return;
    this.#login = undefined;
    const isRefused = id === Id.connectionClose;
    exchange.end(login, isRefused ? 'error' : 'ok', isRefused ? String(replyCode) : '');
  }

  /** A virtual host is what a database is elsewhere; the usual one has no name of its own. */
  #name(exchange: Exchange): void {
    const { bytes, starts, ends, count } = this.message;
    const host = count > 0 ? names.decode(bytes.subarray(starts[0], ends[0])) : '/';
    if (host !== '/') exchange.peer(host);
  }

  #called(exchange: Exchange): void {
    const { message } = this;
    const { method } = message;
    if (method === undefined) return;
    const operation = exchange.begin();
    operation.statement = statements.of(message);
    if (method.isSetup) operation.role = 'setup';
    const channel = message.id === Id.channelOpen ? this.#opened(exchange) : this.#channel();
    if (message.id === Id.publish) channel.publishing(operation);
    else if (message.isNoWait) exchange.end(operation, 'ok');
    else channel.called(operation, method.answer, exchange);
    if (message.id === Id.confirmSelect) channel.isConfirming = true;
  }

  /** Its number may have been that of another channel, whose end was in a hole. */
  #opened(exchange: Exchange): Channel {
    this.#drop('', exchange);
    return this.#channel();
  }

  /** Confirmations of the next channel with this number count from one again. */
  #drop(errorType: string, exchange: Exchange): void {
    const { channel: number } = this.message;
    this.#channels.get(number)?.closed(errorType, exchange);
    this.#channels.delete(number);
  }

  #answered(exchange: Exchange): void {
    const { id, deliveryTag, isMultiple, replyCode } = this.message;
    if (id === Id.connectionClose) this.#closed(String(replyCode), exchange);
    else if (id === Id.channelClose) this.#drop(String(replyCode), exchange);
    else if (id === Id.ack || id === Id.nack)
      this.#channel().confirmed(deliveryTag, isMultiple, id === Id.nack, exchange);
    else this.#channel().answered(id, exchange);
    if (id === Id.channelCloseOk) this.#drop('', exchange);
  }

  #closed(errorType: string, exchange: Exchange): void {
    for (const channel of this.#channels.values()) channel.closed(errorType, exchange);
    this.#channels.clear();
  }
}

export const amqp: Protocol<AmqpMessage> = {
  name: 'amqp',
  isMultiplexed: true,
  looksLike: looksLikeAmqp,
  open: () => new AmqpConversation(),
};
