// memcached: which answer belongs to which command. In: commands and pieces of answers (messages.ts). Out: one operation a command.
// Answers come in the order of the commands. Quiet ones may have none: a later answer shows that they are over.
// Not here: bytes, time, values.

import type { ByteReader } from '../../base/bytes.ts';
import { AnswerQueue } from '../answer-queue.ts';
import type { Conversation, Exchange, Protocol, Side } from '../contract.ts';
import { Answered, FAILURES, NOTHING, statusName, VALUES } from './commands.ts';
import type { Command } from './commands.ts';
import { MemcachedMessage, readAnswer, readCommand } from './messages.ts';
import { findMessage, looksLikeMemcached } from './recognize.ts';
import { MemcachedStatements } from './statement.ts';

const statements = new MemcachedStatements();

/** The queue holds how a command is answered, and of a packet the numbers that its answer repeats. */
const MODES = 4;
/** The answer to `mn`: all quiet ones before it are over. */
const BARRIER = 'MN';

class MemcachedConversation implements Conversation<MemcachedMessage> {
  readonly message = new MemcachedMessage();
  readonly #queue = new AnswerQueue();
  #hasWorked = false;
  /** A quiet command in text had an answer, or the one behind it had: nothing tells which. */
  #isInDoubt = false;

  next(reader: ByteReader, from: Side): number {
    return from === 'client' ? readCommand(reader, this.message) : readAnswer(reader, this.message);
  }

  accept(from: Side, exchange: Exchange): void {
    if (from === 'server') this.#answered(exchange);
    else if (this.message.command !== undefined) this.#asked(this.message.command, exchange);
  }

  resync(reader: ByteReader, from: Side): number {
    return findMessage(reader, from);
  }

  lost(from: Side): void {
    if (from === 'server') this.#queue.popEnded();
  }

  #asked(command: Command, exchange: Exchange): void {
    const { message } = this;
    if (this.#isInDoubt) this.#endAll(exchange);
    const operation = exchange.begin();
    operation.statement = statements.of(message);
    if (command.isSetup && !this.#hasWorked) operation.role = 'setup';
    else this.#hasWorked = true;
    const answered = message.isQuiet ? Answered.perhaps : command.answered;
    if (message.isSilent || answered === Answered.not) exchange.end(operation, 'ok');
    else this.#queue.push(answered + MODES * message.number, operation);
  }

  #answered(exchange: Exchange): void {
    const { message } = this;
    this.#endQuiet(exchange);
    const operation = this.#queue.operation;
    if (operation === undefined) return;
    exchange.extend(operation);
    const isMore = modeOf(this.#queue.kind) === Answered.untilEnd && this.#isMore();
    if (VALUES.has(message.word) || this.#hasValue()) operation.rows = Math.max(0, operation.rows) + 1;
    if (isMore) return;
    if (message.word === BARRIER) this.#isInDoubt = false;
    this.#end(exchange);
  }

  /** Quiet commands before the one that is answered have nothing to say. */
  #endQuiet(exchange: Exchange): void {
    while (this.#isOver()) this.#endSilently(exchange);
    const isQuiet = modeOf(this.#queue.kind) === Answered.perhaps;
    if (isQuiet && this.message.word !== '') this.#isInDoubt = true;
  }

  #isOver(): boolean {
    const { kind } = this.#queue;
    const { word, number } = this.message;
    if (modeOf(kind) !== Answered.perhaps) return false;
    return word === '' ? Math.floor(kind / MODES) !== number : word === BARRIER;
  }

  #endSilently(exchange: Exchange): void {
    const { operation } = this.#queue;
    this.#queue.pop();
    if (operation === undefined) return;
    if (operation.rows < 0) operation.rows = 0;
    exchange.end(operation, 'ok');
  }

  /** The client goes on, so it has all its answers. */
  #endAll(exchange: Exchange): void {
    this.#isInDoubt = false;
    while (this.#queue.count > 0) this.#endSilently(exchange);
  }

  /** VALUE and STAT lines before END; packets of `stats` before the empty one. */
  #isMore(): boolean {
    const { word, bodyBytes, status } = this.message;
    if (word === '') return bodyBytes > 0 && status === 0;
    return word === 'VALUE' || word === 'STAT';
  }

  /** A packet that answers a get, and found something. */
  #hasValue(): boolean {
    const { word, status, command } = this.message;
    return word === '' && status === 0 && (command?.name === 'get' || command?.name === 'gat');
  }

  #end(exchange: Exchange): void {
    const { message } = this;
    const { operation } = this.#queue;
    this.#queue.pop();
    if (operation === undefined) return;
    const isNothing = message.word === '' ? message.status === 1 : NOTHING.has(message.word);
    if (isNothing || message.word === 'END') operation.rows = Math.max(0, operation.rows);
    const failure =
      message.word === '' ? statusName(message.status) : FAILURES.has(message.word) ? message.word : '';
    exchange.end(operation, failure === '' ? 'ok' : 'error', failure);
  }
}

const modeOf = (kind: number): number => kind % MODES;

export const memcached: Protocol<MemcachedMessage> = {
  name: 'memcached',
  looksLike: looksLikeMemcached,
  open: () => new MemcachedConversation(),
};
