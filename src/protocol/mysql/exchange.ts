// MySQL and MariaDB: which answer belongs to which command. In: packets of both sides (packet.ts). Out: one operation for the
// login, and one for each command that has an answer. Answers come in the order of the commands (MariaDB's drivers pipeline).
// Not here: the shape of one answer (answer.ts), bytes, time. After TLS or compression was agreed on nothing is visible.
// Spec: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_lifecycle.html

import { BoundedMap } from '../../base/bounded.ts';
import type { ByteReader } from '../../base/bytes.ts';
import { NO_HASH, saltedHash } from '../../base/salted-hash.ts';
import { INVALID, NEED_MORE } from '../contract.ts';
import type { Conversation, Exchange, Protocol, Side } from '../contract.ts';
import { sqlStatements } from '../sql.ts';
import { Answer, Session, Step } from './answer.ts';
import { commandOf } from './commands.ts';
import type { CommandKind } from './commands.ts';
import {
  hasEofPackets,
  hasOptionalColumns,
  isCompressed,
  LOGIN_LIMIT_BYTES,
  readGreeting,
  readLogin,
} from './login.ts';
import {
  Command,
  First,
  FULL_PACKET,
  HEADER_BYTES,
  isShortEof,
  MySqlMessage,
  readAnswer,
  readAny,
  readCommand,
} from './packet.ts';
import { findAnswer, findCommand, looksLikeMySql } from './recognize.ts';

const statements = sqlStatements('mysql');
const cutStatements = sqlStatements('mysql', true);

/** Statements that a connection has prepared. The server's own limit (max_prepared_stmt_count) is 16382 for all connections. */
const PREPARED_LIMIT = 4096;
/** Commands sent ahead of their answers: MariaDB's drivers stop at some hundred. Beyond it the connection is not decoded. */
const PIPELINE_LIMIT = 4096;
/** MariaDB: the statement that was prepared last, executed before its id is known. */
const LAST_PREPARED = 0xffffffff;
/** The text was not seen: it was prepared before the recording began. */
const UNSEEN = 'prepared statement (text not seen)';
const LOGIN: CommandKind = { name: 'connect', answer: 'login', minBytes: 0, maxBytes: LOGIN_LIMIT_BYTES };
const ALL_CAPABILITIES = -1;

class MySqlConversation implements Conversation<MySqlMessage> {
  readonly message = new MySqlMessage();
  readonly #session = new Session();
  readonly #prepared = new BoundedMap<number, string>(PREPARED_LIMIT);
  /** Oldest first. */
  #answers: Answer[] = [];
  #lastPrepared = UNSEEN;
  #serverCapabilities = ALL_CAPABILITIES;
  #capabilities = 0;
  /** The login has not been seen: the next packet of each side may be part of it. */
  #isFresh = true;
  /** The answer that the latest command is waiting for; its packets may go on. */
  #latest: Answer | undefined = undefined;
  #clientContinues = false;
  #command: CommandKind | undefined = undefined;

  next(reader: ByteReader, from: Side): number {
    return from === 'client' ? this.#nextAsked(reader) : this.#nextAnswer(reader);
  }

  #nextAsked(reader: ByteReader): number {
    this.#command = undefined;
    if (reader.left < HEADER_BYTES) return NEED_MORE;
    if (this.#clientContinues) return readAny(reader, this.message);
    if (reader.peek(3) === 0) return this.#nextCommand(reader);
    if (this.#isFresh) return readLogin(reader, this.message);
    return this.#answers[0]?.takesData === true ? readAny(reader, this.message) : INVALID;
  }

  #nextCommand(reader: ByteReader): number {
    const first = reader.peek(HEADER_BYTES);
    if (first < 0) return reader.isCut ? INVALID : NEED_MORE;
    const size = reader.peek() | (reader.peek(1) << 8) | (reader.peek(2) << 16);
    const command = commandOf(first, size);
    if (command === undefined) return INVALID;
    this.#command = command;
    return readCommand(reader, this.message);
  }

  #nextAnswer(reader: ByteReader): number {
    const { message } = this;
    const answer = this.#answers[0];
    if (answer === undefined)
      return this.#isFresh ? readGreeting(reader, message) : this.#nextUnasked(reader);
    const length = answer.read(reader, message);
    return length > 0 && !answer.allows(message) ? INVALID : length;
  }

  /** The end of an answer that was taken to be over, or the news that the server closes. */
  #nextUnasked(reader: ByteReader): number {
    const { message } = this;
    const length = readAnswer(reader, message);
    if (length <= 0) return length;
    return isShortEof(message) || message.first === First.Error ? length : INVALID;
  }

  accept(from: Side, exchange: Exchange): void {
    if (from === 'server') this.#answered(exchange);
    else if (this.#command !== undefined) this.#asked(this.#command, exchange);
    else if (this.#isFresh && !this.#clientContinues) this.#login(exchange);
    else this.#more(exchange);
    if (from === 'client') this.#clientContinues = this.message.size === FULL_PACKET;
  }

  #login(exchange: Exchange): void {
    const { message } = this;
    this.#isFresh = false;
    if (message.isSslRequest) return exchange.handOver('unknown');
    this.#capabilities = this.#serverCapabilities & message.capabilities;
    this.#session.hasEof = hasEofPackets(this.#capabilities);
    this.#session.hasOptionalColumns = hasOptionalColumns(this.#capabilities);
    this.#begin(LOGIN, '', exchange).operation.role = 'setup';
    if (message.database !== '') exchange.peer(message.database);
  }

  #asked(command: CommandKind, exchange: Exchange): void {
    this.#isFresh = false;
    this.#latest = undefined;
    this.#endLogin(exchange);
    if (command.answer === 'none') return this.#unanswered();
    if (command.answer === 'opaque' || this.#answers.length >= PIPELINE_LIMIT)
      return exchange.handOver('unknown');
    const { first } = this.message;
    const isText = first === Command.Query || first === Command.Prepare;
    this.#begin(command, isText ? this.#text() : '', exchange);
    if (first === Command.InitDb) exchange.peer(new TextDecoder().decode(this.#textBytes()));
  }

  /** A command shows that the login went well, though its end was not seen. */
  #endLogin(exchange: Exchange): void {
    const answer = this.#answers[0];
    if (answer === undefined || answer.command !== LOGIN) return;
    this.#answers.shift();
    exchange.end(answer.operation, 'ok');
  }

  #unanswered(): void {
    if (this.message.first === Command.Close) this.#prepared.delete(this.message.statementId);
  }

  #begin(command: CommandKind, text: string, exchange: Exchange): Answer {
    const operation = exchange.begin();
    const sequence = (this.message.sequence + 1) & 0xff;
    const answer = new Answer(operation, command, text, sequence, this.#session);
    operation.statement = this.#statement(command, text);
    operation.argumentHash = this.#hash();
    this.#answers.push(answer);
    this.#latest = answer;
    return answer;
  }

  #statement(command: CommandKind, text: string): string {
    const { first, statementId } = this.message;
    if (command === LOGIN) return LOGIN.name;
    switch (first) {
      case Command.Query:
        return text;
      case Command.Prepare:
        this.#lastPrepared = text;
        return `PREPARE ${text}`;
      case Command.Execute:
      case Command.BulkExecute:
        return this.#textOf(statementId);
      case Command.Fetch:
        return `FETCH ${this.#textOf(statementId)}`;
      default:
        return command.name;
    }
  }

  /** Of the text of a query, or of the parameters of a statement that was prepared. */
  #hash(): number {
    const { first, bytes, textStart, textEnd, isTextCut } = this.message;
    const isKnown = first === Command.Query || first === Command.Execute;
    return isKnown && !isTextCut ? saltedHash(bytes, textStart, textEnd) : NO_HASH;
  }

  #textOf(statementId: number): string {
    if (statementId === LAST_PREPARED) return this.#lastPrepared;
    return this.#prepared.get(statementId) ?? UNSEEN;
  }

  #text(): string {
    const { message } = this;
    const cache = message.isTextCut ? cutStatements : statements;
    return cache.of(message.bytes, message.textStart, message.textEnd);
  }

  #textBytes(): Uint8Array {
    return this.message.bytes.subarray(this.message.textStart, this.message.textEnd);
  }

  /** More of a long command, of the login, or of a file. */
  #more(exchange: Exchange): void {
    const answer = this.#clientContinues ? this.#latest : this.#answers[0];
    if (answer === undefined) return;
    answer.sequence = (this.message.sequence + 1) & 0xff;
    exchange.extend(answer.operation);
  }

  #answered(exchange: Exchange): void {
    const { message } = this;
    const answer = this.#answers[0];
    if (answer === undefined) {
      if (this.#isFresh && message.first !== First.Error) this.#serverCapabilities = message.capabilities;
      return;
    }
    exchange.extend(answer.operation);
    const step = answer.take(message);
    if (step !== Step.More) this.#end(answer, step, exchange);
  }

  #end(answer: Answer, step: number, exchange: Exchange): void {
    const { message } = this;
    this.#answers.shift();
    answer.operation.rows = answer.rows;
    if (step === Step.Failed) return exchange.end(answer.operation, 'error', message.errorType);
    if (answer.command.answer === 'prepared') this.#prepared.set(answer.statementId, answer.text);
    exchange.end(answer.operation, 'ok');
    if (answer.command === LOGIN && isCompressed(this.#capabilities)) exchange.handOver('unknown');
  }

  resync(reader: ByteReader, from: Side): number {
    if (from === 'client') return findCommand(reader, this.message);
    const answer = this.#answers[0];
    return findAnswer(reader, answer?.hasBegun === false ? answer.sequence : -1);
  }

  lost(from: Side): void {
    this.#answers = this.#answers.filter((answer) => answer.operation.end < 0);
    if (from === 'client') this.#clientContinues = false;
    else this.#answers[0]?.lose();
  }
}

export const mysql: Protocol<MySqlMessage> = {
  name: 'mysql',
  looksLike: looksLikeMySql,
  open: () => new MySqlConversation(),
};
