// MongoDB: which answer belongs to which command. In: messages of both sides (messages.ts). Out: one operation for each command.
// An answer names the message it answers. Not here: bytes, time, what documents say (statement.ts, answer.ts).
// Spec: https://github.com/mongodb/specifications/blob/master/source/message/OP_MSG.md

import { BoundedMap } from '../../base/bounded.ts';
import type { ByteReader } from '../../base/bytes.ts';
import type { Operation } from '../../model/operation.ts';
import type { Conversation, Exchange, Likelihood, Protocol, Side } from '../contract.ts';
import { OPEN_LIMIT } from '../operations.ts';
import { AnswerReader } from './answer.ts';
import { isHandshake, isSetup } from './commands.ts';
import { Flag, isMessageAt, MongoMessage, readMessage } from './messages.ts';
import { CommandReader } from './statement.ts';

const answers = new AnswerReader();
const commands = new CommandReader();

/** A command that waits for its answer. */
interface Pending {
  readonly operation: Operation;
  readonly isCounted: boolean;
  readonly isLegacyFind: boolean;
}

class MongoConversation implements Conversation<MongoMessage> {
  readonly message = new MongoMessage();
  /** By the number of the message that the next answer will name. */
  readonly #pending = new BoundedMap<number, Pending>(OPEN_LIMIT);
  #hasWorked = false;
  #hasGreeted = false;
  #database = '';

  next(reader: ByteReader): number {
    return readMessage(reader, this.message);
  }

  accept(from: Side, exchange: Exchange): void {
    if (from === 'client') this.#asked(exchange);
    else this.#answered(exchange);
  }

  resync(reader: ByteReader, from: Side): number {
    for (let at = reader.at; at < reader.end; at++)
      if (isMessageAt(reader.bytes, at, reader.end, from === 'server')) return at - reader.at;
    return -1;
  }

  lost(): void {
    for (const [id, { operation }] of this.#pending.entries())
      if (operation.end >= 0) this.#pending.delete(id);
  }

  #asked(exchange: Exchange): void {
    const { message } = this;
    const operation = exchange.begin();
    operation.statement = commands.read(message);
    this.#setRole(operation);
    if (operation.role === 'work') this.#name(exchange);
    if (message.has(Flag.MoreToCome)) exchange.end(operation, 'ok');
    else {
      const { isCounted, isLegacyFind } = commands;
      this.#pending.set(message.requestId, { operation, isCounted, isLegacyFind });
    }
  }

  /** The first greeting and the login prepare a connection; a driver's monitor greets again and waits for changes. */
  #setRole(operation: Operation): void {
    const { command } = commands;
    const isGreeting = isHandshake(command);
    if (commands.isWaiting) operation.role = 'wait';
    else if (!this.#hasWorked && isSetup(command) && !(isGreeting && this.#hasGreeted))
      operation.role = 'setup';
    else this.#hasWorked = true;
    if (isGreeting) this.#hasGreeted = true;
  }

  #name(exchange: Exchange): void {
    const { database } = commands;
    if (database === '' || database === 'admin' || database === this.#database) return;
    this.#database = database;
    exchange.peer(database);
  }

  #answered(exchange: Exchange): void {
    const { message } = this;
    const pending = this.#pending.get(message.responseTo);
    if (pending === undefined) return;
    this.#pending.delete(message.responseTo);
    const { operation } = pending;
    exchange.extend(operation);
    if (pending.isLegacyFind) return this.#found(operation, exchange);
    answers.read(message, pending.isCounted);
    if (answers.rows >= 0) operation.rows = answers.rows + Math.max(0, operation.rows);
    // A monitor is told of each change unasked; what else comes in several answers is one operation.
    if (message.has(Flag.MoreToCome) && operation.role !== 'wait')
      this.#pending.set(message.requestId, pending);
    else exchange.end(operation, answers.errorType === '' ? 'ok' : 'error', answers.errorType);
  }

  #found(operation: Operation, exchange: Exchange): void {
    const { isQueryFailed, replyCount } = this.message;
    operation.rows = isQueryFailed ? 0 : replyCount;
    exchange.end(operation, isQueryFailed ? 'error' : 'ok', isQueryFailed ? 'QueryFailure' : '');
  }
}

function looksLike(reader: ByteReader, from: Side): Likelihood {
  return isMessageAt(reader.bytes, reader.at, reader.end, from === 'server') ? 3 : 0;
}

export const mongodb: Protocol<MongoMessage> = {
  name: 'mongodb',
  looksLike,
  open: () => new MongoConversation(),
};
