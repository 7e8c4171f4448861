// NATS: which answer belongs to which request. In: messages of both sides (messages.ts). Out: one operation for the login, for each
// message that is published, and for each request, which ends with the first message on its reply subject. Other messages that
// come are no answers. Subscriptions have no answer and cost nothing: they are no operations. Not here: bytes, time, payloads.

import { BoundedMap } from '../../base/bounded.ts';
import type { ByteReader } from '../../base/bytes.ts';
import type { Operation } from '../../model/operation.ts';
import { AnswerQueue } from '../answer-queue.ts';
import type { Conversation, Exchange, Protocol, Side } from '../contract.ts';
import { OPEN_LIMIT } from '../operations.ts';
import { Kind, NatsMessage, readMessage } from './messages.ts';
import { findMessage, looksLikeNats } from './recognize.ts';
import { NatsStatements } from './statement.ts';

const statements = new NatsStatements();
const text = new TextDecoder();

/** Asks a stream for its next messages: they come under subjects of their own, and are no answer. */
const PULL = '$JS.API.CONSUMER.MSG.NEXT.';
/** An answer that says that nobody listens (503), or that the stream refused. */
const FIRST_ERROR_STATUS = 400;
const ERROR_LIMIT_BYTES = 40;

class NatsConversation implements Conversation<NatsMessage> {
  readonly message = new NatsMessage();
  /** Requests by the subject that their answer will have. */
  readonly #requests = new BoundedMap<string, Operation>(OPEN_LIMIT);
  /** Pings of the client, and the login, which ends with one. */
  readonly #pings = new AnswerQueue();
  #login: Operation | undefined = undefined;

  next(reader: ByteReader, from: Side): number {
    return readMessage(reader, this.message, from === 'client');
  }

  accept(from: Side, exchange: Exchange): void {
    if (from === 'client') this.#said(exchange);
    else this.#heard(exchange);
  }

  resync(reader: ByteReader, from: Side): number {
    return findMessage(reader, from);
  }

  lost(from: Side): void {
    if (from === 'client') return;
    this.#pings.popEnded();
    if (this.#login !== undefined && this.#login.end >= 0) this.#login = undefined;
    for (const [subject, operation] of this.#requests.entries())
      if (operation.end >= 0) this.#requests.delete(subject);
  }

  #said(exchange: Exchange): void {
    switch (this.message.kind) {
      case Kind.connect:
        return this.#connect(exchange);
      case Kind.publish:
        return this.#publish(exchange);
      case Kind.ping:
        return this.#ping(exchange);
      default:
    }
  }

  #connect(exchange: Exchange): void {
    this.#login = exchange.begin();
    this.#login.statement = 'connect';
    this.#login.role = 'setup';
  }

  #ping(exchange: Exchange): void {
    if (this.#login !== undefined) {
      exchange.extend(this.#login);
      this.#pings.push(Kind.ping, this.#login);
      this.#login = undefined;
      return;
    }
    const operation = exchange.begin();
    operation.statement = 'ping';
    this.#pings.push(Kind.ping, operation);
  }

  #publish(exchange: Exchange): void {
    const { bytes, subjectStart, subjectEnd, replyStart, replyEnd } = this.message;
    const operation = exchange.begin();
    const isRequest = replyEnd > replyStart && !startsWith(bytes, subjectStart, subjectEnd, PULL);
    operation.statement = statements.of(isRequest ? 'request' : 'publish', bytes, subjectStart, subjectEnd);
    if (!isRequest) return exchange.end(operation, 'ok');
    this.#requests.set(text.decode(bytes.subarray(replyStart, replyEnd)), operation);
  }

  #heard(exchange: Exchange): void {
    switch (this.message.kind) {
      case Kind.message:
        return this.#received(exchange);
      case Kind.pong:
        return this.#pong('', exchange);
      case Kind.error:
        return this.#failed(exchange);
      default:
    }
  }

  #received(exchange: Exchange): void {
    if (this.#requests.size === 0) return;
    const { bytes, subjectStart, subjectEnd, status } = this.message;
    const subject = text.decode(bytes.subarray(subjectStart, subjectEnd));
    const operation = this.#requests.get(subject);
    if (operation === undefined) return;
    this.#requests.delete(subject);
    const isFailed = status >= FIRST_ERROR_STATUS;
    operation.rows = isFailed ? 0 : 1;
    exchange.end(operation, isFailed ? 'error' : 'ok', isFailed ? String(status) : '');
  }

  #pong(errorType: string, exchange: Exchange): void {
    const { operation } = this.#pings;
    this.#pings.pop();
    if (operation !== undefined) exchange.end(operation, errorType === '' ? 'ok' : 'error', errorType);
  }

  /** A login that fails is answered so. Other errors are of a publisher or subscriber that is not named. */
  #failed(exchange: Exchange): void {
    const { operation } = this.#pings;
    if (operation?.role === 'setup') this.#pong(this.#errorType(), exchange);
    else if (this.#login !== undefined) {
      exchange.end(this.#login, 'error', this.#errorType());
      this.#login = undefined;
    }
  }

  /** -ERR 'Authorization Violation' */
  #errorType(): string {
    const { bytes, starts, lineEnd } = this.message;
    const line = text.decode(
      bytes.subarray(starts[1], Math.min(lineEnd, (starts[1] ?? 0) + ERROR_LIMIT_BYTES)),
    );
    return /[A-Za-z ]+/.exec(line)?.[0].trim() ?? 'error';
  }
}

function startsWith(bytes: Uint8Array, start: number, end: number, prefix: string): boolean {
  if (end - start < prefix.length) return false;
  for (let index = 0; index < prefix.length; index++)
    if (bytes[start + index] !== prefix.charCodeAt(index)) return false;
  return true;
}

export const nats: Protocol<NatsMessage> = {
  name: 'nats',
  isMultiplexed: true,
  looksLike: looksLikeNats,
  open: () => new NatsConversation(),
};
