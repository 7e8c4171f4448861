// Redis: which answer belongs to which command. In: commands and elements of answers (messages.ts). Out: one operation a command.
// Answers come in the order of the commands; what is pushed is no answer. Not here: bytes, time, values.
// Spec: https://redis.io/docs/latest/develop/reference/protocol-spec/

import type { ByteReader } from '../../base/bytes.ts';
import type { Operation } from '../../model/operation.ts';
import { AnswerQueue } from '../answer-queue.ts';
import type { Conversation, Exchange, Protocol, Side } from '../contract.ts';
import { CommandKind, commandOf, KeyAt } from './commands.ts';
import type { Command } from './commands.ts';
import { readCommand, readElement, RedisMessage, Type } from './messages.ts';
import { findCommand, findElement, looksLikeRedis } from './recognize.ts';
import { RedisStatements } from './statement.ts';

const statements = new RedisStatements();

/** Answers of scripts may be nested deeper; their elements are then counted flat, which ends the operation too early. */
const DEPTH_LIMIT = 64;

class RedisConversation implements Conversation<RedisMessage> {
  readonly message = new RedisMessage();
  /** Operations that wait, with the number of answers each still waits for. */
  readonly #queue = new AnswerQueue();
  /** Elements still to come of each open array, outermost first; attributes are marked. */
  readonly #left = new Float64Array(DEPTH_LIMIT);
  readonly #isAttribute = new Uint8Array(DEPTH_LIMIT);
  #depth = 0;
  /** The answer that is coming in. */
  #type = 0;
  #errorType = '';
  #isFirst = false;
  /** It was pushed: nobody asked for it. */
  #isAside = false;
  /** A hole hid a part of the answer that is coming in: where it ends is guessed. */
  #isInDoubt = false;
  #hasWorked = false;
  #channels = 0;
  #isSubscribed = false;
  #isMonitoring = false;
  #isSilent = false;
  #isNextSilent = false;

  next(reader: ByteReader, from: Side): number {
    return from === 'client' ? readCommand(reader, this.message) : readElement(reader, this.message);
  }

  accept(from: Side, exchange: Exchange): void {
    if (from === 'server') this.#element(exchange);
    else if (this.message.count > 0) this.#command(exchange);
  }

  resync(reader: ByteReader, from: Side): number {
    return from === 'client' ? findCommand(reader) : findElement(reader);
  }

  lost(from: Side): void {
    if (from === 'client') return;
    this.#queue.popEnded();
    this.#depth = 0;
    this.#isAside = false;
    this.#isInDoubt = this.#queue.count > 0;
  }

  #command(exchange: Exchange): void {
    if (this.#isInDoubt) this.#endDoubt(exchange);
    const { message } = this;
    const command = commandOf(message.bytes, message.startOf(0), message.endOf(0));
    const operation = exchange.begin();
    operation.statement = statements.of(message, command);
    operation.argumentHash = message.argumentHash();
    if (isWait(message, command)) operation.role = 'wait';
    else if (command.isSetup && !this.#hasWorked) operation.role = 'setup';
    else this.#hasWorked = true;
    if (command.kind !== CommandKind.usual) this.#changeMode(command, exchange);
    this.#await(command, operation, exchange);
  }

  #changeMode(command: Command, exchange: Exchange): void {
    const { message } = this;
    if (command.kind === CommandKind.subscribe) this.#isSubscribed = true;
    else if (command.kind === CommandKind.monitor) this.#isMonitoring = true;
    else if (command.kind === CommandKind.replication) exchange.handOver('unknown');
    else if (command.kind === CommandKind.reset) this.#reset();
    else if (command.kind === CommandKind.client && message.is(1, 'REPLY')) this.#changeReplies();
  }

  #reset(): void {
    this.#isSubscribed = false;
    this.#isMonitoring = false;
    this.#isSilent = false;
    this.#channels = 0;
  }

  /** CLIENT REPLY OFF, SKIP and ON; the first two are not answered themselves. */
  #changeReplies(): void {
    this.#isSilent = this.message.is(2, 'OFF');
    this.#isNextSilent = this.message.is(2, 'SKIP');
  }

  #await(command: Command, operation: Operation, exchange: Exchange): void {
    const isSkip = command.kind === CommandKind.client && this.message.is(2, 'SKIP');
    if (this.#isSilent || this.#isNextSilent || command.kind === CommandKind.replication) {
      if (!isSkip) this.#isNextSilent = false;
      exchange.end(operation, 'ok');
    } else this.#queue.push(this.#answersTo(command), operation);
  }

  /** Commands on channels are answered once for each. */
  #answersTo(command: Command): number {
    const named = this.message.count - 1;
    if (command.kind === CommandKind.subscribe) return Math.max(1, named);
    if (command.kind === CommandKind.unsubscribe) return Math.max(1, named > 0 ? named : this.#channels);
    return 1;
  }

  #element(exchange: Exchange): void {
    if (this.#isInDoubt) {
      this.#doubtful(exchange);
      return;
    }
    const { type, size } = this.message;
    if (this.#depth === 0) this.#begin();
    else if (this.#isFirst) this.#recognize();
    const operation = this.#isAside ? undefined : this.#queue.operation;
    if (operation !== undefined) {
      exchange.extend(operation);
      // At once: a hole may hide the end.
      if (this.#depth === 0) operation.rows = rowsOf(type, size);
    }
    if (type === Type.error || type === Type.bulkError) this.#noteError();
    if (isAggregate(type) && size > 0 && this.#depth < DEPTH_LIMIT) this.#open(type, size);
    else this.#close(exchange);
  }

  /** The first element of an answer. */
  #begin(): void {
    const { type } = this.message;
    this.#type = type;
    this.#errorType = '';
    this.#isFirst = type === Type.push || (type === Type.array && this.#isSubscribed);
    this.#isAside = this.#isFirst || (this.#isMonitoring && this.#isMonitorLine());
  }

  /** +1339518083.107412 [0 127.0.0.1:60866] "get" "x" */
  #isMonitorLine(): boolean {
    const { type, bytes, textStart, textEnd } = this.message;
    const digit = textEnd > textStart ? (bytes[textStart] ?? 0) : 0;
    return type === Type.simple && digit >= 48 && digit <= 57;
  }

  /** The first string of what may be pushed: an answer to (un)subscribe, a message, or in RESP 2 any other answer. */
  #recognize(): void {
    const { message } = this;
    this.#isFirst = false;
    const isConfirmed = endsWithWord(message, 'SUBSCRIBE');
    if (isConfirmed) this.#countChannel();
    const isMessage = endsWithWord(message, 'MESSAGE');
    this.#isAside = this.#type === Type.push ? !isConfirmed : isMessage;
  }

  #countChannel(): void {
    const isLess = endsWithWord(this.message, 'UNSUBSCRIBE');
    this.#channels = Math.max(0, this.#channels + (isLess ? -1 : 1));
    if (this.#channels === 0) this.#isSubscribed = false;
  }

  /** The prefix of '-WRONGTYPE Operation against …' is the kind of the error. */
  #noteError(): void {
    const { bytes, textStart, textEnd } = this.message;
    if (this.#errorType !== '' || this.#isAside) return;
    let end = textStart;
    while (end < textEnd && isCapital(bytes[end] ?? 0)) end++;
    this.#errorType = end > textStart ? String.fromCharCode(...bytes.subarray(textStart, end)) : 'ERR';
  }

  #open(type: number, size: number): void {
    this.#left[this.#depth] = size;
    this.#isAttribute[this.#depth] = type === Type.attribute ? 1 : 0;
    this.#depth++;
  }

  /** An element is whole, and with it perhaps the arrays around it. An attribute stands before an element and is none. */
  #close(exchange: Exchange): void {
    if (this.message.type === Type.attribute) return;
    while (this.#depth > 0) {
      const inner = this.#depth - 1;
      const left = (this.#left[inner] ?? 0) - 1;
      this.#left[inner] = left;
      if (left > 0) return;
      this.#depth--;
      if (this.#isAttribute[inner] === 1) return;
    }
    if (!this.#isAside) this.#answered(exchange);
  }

  #answered(exchange: Exchange): void {
    const operation = this.#queue.operation;
    if (operation === undefined) return;
    if (this.#queue.kind > 1 && this.#errorType === '') {
      this.#queue.kind--;
      return;
    }
    this.#queue.pop();
    const isError = this.#errorType !== '' && !(isOffer(operation) && REFUSALS.has(this.#errorType));
    exchange.end(operation, isError ? 'error' : 'ok', isError ? this.#errorType : '');
  }

  /** Elements behind a hole continue the answer until the captured bytes end together with an element. */
  #doubtful(exchange: Exchange): void {
    const operation = this.#queue.operation;
    if (operation !== undefined) exchange.extend(operation);
    if (this.message.isAtEnd) this.#endDoubt(exchange);
  }

  #endDoubt(exchange: Exchange): void {
    const operation = this.#queue.operation;
    this.#isInDoubt = false;
    this.#queue.pop();
    if (operation !== undefined) exchange.end(operation, 'ok');
  }
}

/** A driver tells its name, and asks for a newer protocol; older servers refuse both, and it goes on without. */
function isOffer({ role, statement }: Operation): boolean {
  return role === 'setup' && OFFERS.test(statement);
}

const OFFERS = /^(HELLO|CLIENT SET(INFO|NAME))$/;
/** Not known, or not that protocol. A wrong password (WRONGPASS, NOAUTH) is an error. */
const REFUSALS: ReadonlySet<string> = new Set(['ERR', 'NOPROTO']);

function isWait(message: RedisMessage, command: Command): boolean {
  return command.isWait || (command.key === KeyAt.streams && message.has('BLOCK'));
}

/** Items that came back; a status or a number is none. */
function rowsOf(type: number, size: number): number {
  if (type === Type.map) return size / 2;
  if (type === Type.array || type === Type.set || type === Type.push) return Math.max(0, size);
  if (type === Type.bulk || type === Type.verbatim) return size < 0 ? 0 : 1;
  return type === Type.nothing ? 0 : -1;
}

function isAggregate(type: number): boolean {
  return (
    type === Type.array ||
    type === Type.map ||
    type === Type.set ||
    type === Type.push ||
    type === Type.attribute
  );
}

const isCapital = (byte: number): boolean => byte >= 65 && byte <= 90;

/** The text is the word, perhaps with a letter or two before it: ssubscribe, pmessage. */
function endsWithWord(message: RedisMessage, word: string): boolean {
  const length = message.textEnd - message.textStart;
  if (length < word.length) return false;
  const start = message.textStart;
  message.textStart = message.textEnd - word.length;
  const isEqual = message.isText(word);
  message.textStart = start;
  return isEqual;
}

export const redis: Protocol<RedisMessage> = {
  name: 'redis',
  looksLike: looksLikeRedis,
  open: () => new RedisConversation(),
};
