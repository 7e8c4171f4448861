// PostgreSQL: which answer belongs to which query. In: messages of both sides (messages.ts). Out: operations.
// An operation is one simple query, one execution of the extended protocol with the messages that prepare it, a login.
// It ends with the ReadyForQuery behind it, or, when others follow before that, with its own completion.
// Not here: bytes, time. Longer than most files: it is one switch over the messages each way. Spec: https://www.postgresql.org/docs/current/protocol-flow.html

import type { ByteReader } from '../../base/bytes.ts';
import { NO_HASH, saltedHash } from '../../base/salted-hash.ts';
import type { Operation } from '../../model/operation.ts';
import { AnswerQueue, isOver } from '../answer-queue.ts';
import type { Conversation, Exchange, Protocol, Side } from '../contract.ts';
import { sqlStatements } from '../sql.ts';
import { Answer, Ask, PostgresMessage, readAnswer, readAsk } from './messages.ts';
import { PostgresNames } from './names.ts';
import { findMessage, looksLikePostgres } from './recognize.ts';

const statements = sqlStatements('postgres');
const cutStatements = sqlStatements('postgres', true);

/** Nothing but comments: drivers send it to see whether the connection is alive. */
const EMPTY = 'empty query';
/** The server skips what follows a failed message up to the next Sync. */
const SKIPPED = 'skipped';

/** What the server still has to answer; from `sync` on with ReadyForQuery. */
const Step = {
  none: 0,
  parse: 1,
  bind: 2,
  describe: 3,
  close: 4,
  execute: 5,
  sync: 6,
  query: 7,
  functionCall: 8,
  connect: 9,
  encryption: 10,
} as const;
type Step = (typeof Step)[keyof typeof Step];

class PostgresConversation implements Conversation<PostgresMessage> {
  readonly message = new PostgresMessage();
  readonly #steps = new AnswerQueue();
  readonly #names = new PostgresNames();
  #isFirst = true;
  /** The extended operation whose messages are being sent. */
  #current: Operation | undefined = undefined;
  #isExecuted = false;
  /** Its portal is made for it: it asks, and does not go on with what was asked before. */
  #isBound = false;
  /** Its statement is prepared for later round trips. */
  #isOnlyParsed = false;
  /** The server skips what the client sends until it sends Sync. */
  #isSkipping = false;
  /** The operation whose rows are being counted, and how many its earlier statements had. */
  #counting: Operation | undefined = undefined;
  #rowsBefore = 0;

  next(reader: ByteReader, from: Side): number {
    if (from === 'client') return readAsk(reader, this.message, this.#isFirst);
    return readAnswer(reader, this.message, this.#steps.kind === Step.encryption);
  }

  accept(from: Side, exchange: Exchange): void {
    if (from === 'client') this.#asked(exchange);
    else this.#answered(exchange);
  }

  resync(reader: ByteReader, from: Side): number {
    this.#isFirst = false;
    return findMessage(reader, from);
  }

  lost(from: Side): void {
    if (from === 'client') this.#assumeSent();
    if (isOver(this.#current)) this.#endCurrent();
    this.#isSkipping = false;
    this.#steps.popEnded();
  }

  /** The rest of a batch was in the hole: an Execute, if there was none, and the Sync. */
  #assumeSent(): void {
    const operation = this.#current;
    if (operation === undefined) return;
    if (!this.#isExecuted) this.#steps.push(Step.execute, operation);
    this.#steps.push(Step.sync, operation);
    this.#endCurrent();
  }

  /** A CancelRequest is answered by closing. */
  closed(exchange: Exchange): void {
    const operation = this.#steps.operation;
    if (operation?.statement === 'cancel') exchange.end(operation, 'ok');
  }

  #asked(exchange: Exchange): void {
    const { message } = this;
    this.#isFirst = message.tag === Ask.EncryptionRequest;
    switch (message.tag) {
      case Ask.Query:
        return this.#query(exchange);
      case Ask.Parse:
      case Ask.Bind:
      case Ask.Describe:
      case Ask.Execute:
      case Ask.Close:
        return this.#extended(exchange);
      case Ask.Sync:
        return this.#sync(exchange);
      case Ask.Startup:
        exchange.peer(message.text);
        return this.#alone(exchange, Step.connect, 'connect');
      case Ask.EncryptionRequest:
        return this.#alone(exchange, Step.encryption, 'encryption request');
      case Ask.CancelRequest:
        return this.#alone(exchange, Step.none, 'cancel');
      case Ask.FunctionCall:
        return this.#alone(exchange, Step.functionCall, 'function call');
      case Ask.Password:
      case Ask.CopyData:
      case Ask.CopyDone:
      case Ask.CopyFail:
        return this.#extendOldest(exchange);
      default:
        return; // Flush asks for no answer of its own, Terminate for none.
    }
  }

  #query(exchange: Exchange): void {
    const operation = exchange.begin();
    operation.statement = this.#text();
    operation.argumentHash = this.#hash();
    this.#endCurrent();
    this.#steps.push(Step.query, operation);
  }

  #text(): string {
    const { message } = this;
    const cache = message.isTextCut ? cutStatements : statements;
    return cache.of(message.bytes, message.textStart, message.textEnd) || EMPTY;
  }

  #hash(): number {
    const { bytes, textStart, textEnd, isTextCut } = this.message;
    return isTextCut ? NO_HASH : saltedHash(bytes, textStart, textEnd);
  }

  /** A message with an operation of its own, or that goes on with the login. */
  #alone(exchange: Exchange, step: Step, statement: string): void {
    const operation = exchange.begin();
    operation.statement = statement;
    if (step === Step.connect || step === Step.encryption) operation.role = 'setup';
    this.#steps.push(step, operation);
  }

  #extendOldest(exchange: Exchange): void {
    const operation = this.#steps.operation;
    if (operation !== undefined) exchange.extend(operation);
  }

  #extended(exchange: Exchange): void {
    const { tag } = this.message;
    if (this.#isExecuted && tag !== Ask.Close) this.#endCurrent();
    const operation = this.#current ?? this.#beginExtended(exchange);
    exchange.extend(operation);
    if (!this.#isSkipping) this.#steps.push(this.#prepare(operation, tag), operation);
  }

  #beginExtended(exchange: Exchange): Operation {
    const operation = exchange.begin();
    this.#current = operation;
    return operation;
  }

  #endCurrent(): void {
    this.#current = undefined;
    this.#isExecuted = false;
    this.#isBound = false;
    this.#isOnlyParsed = false;
  }

  /** Learns names, and what the operation will be called. */
  #prepare(operation: Operation, tag: number): Step {
    const { message } = this;
    switch (tag) {
      case Ask.Parse: {
        const text = this.#text();
        this.#names.prepared.set(message.statement, text);
        operation.statement = text;
        this.#isOnlyParsed = true;
        return Step.parse;
      }
      case Ask.Bind:
        operation.statement = this.#names.bind(message.portal, message.statement);
        operation.argumentHash = this.#hash();
        this.#isBound = true;
        this.#isOnlyParsed = false;
        return Step.bind;
      case Ask.Execute:
        operation.statement = this.#names.executed(message.portal, this.#isBound);
        this.#isExecuted = true;
        return Step.execute;
      case Ask.Describe:
        if (operation.statement === '') operation.statement = this.#described();
        return Step.describe;
      default:
        if (operation.statement === '') operation.statement = 'DEALLOCATE';
        return Step.close;
    }
  }

  #described(): string {
    const { code, statement } = this.message;
    const names = code === 0x50 /* P */ ? this.#names.portals : this.#names.prepared;
    return `DESCRIBE ${names.get(statement)}`;
  }

  #sync(exchange: Exchange): void {
    const operation = this.#current;
    if (operation !== undefined) {
      exchange.extend(operation);
      if (this.#isOnlyParsed && operation.outcome !== 'error')
        operation.statement = `PREPARE ${operation.statement}`;
    }
    this.#steps.push(Step.sync, operation);
    this.#endCurrent();
    this.#isSkipping = false;
  }

  #answered(exchange: Exchange): void {
    switch (this.message.tag) {
      case Answer.DataRow:
        return this.#row(exchange);
      case Answer.CommandComplete:
        return this.#complete(exchange, this.message.rows);
      case Answer.EmptyQueryResponse:
      case Answer.PortalSuspended:
        return this.#complete(exchange, -1);
      case Answer.ReadyForQuery:
        return this.#ready(exchange);
      case Answer.ParseComplete:
        return this.#done(exchange, Step.parse);
      case Answer.BindComplete:
        return this.#done(exchange, Step.bind);
      case Answer.CloseComplete:
        return this.#done(exchange, Step.close);
      case Answer.NoData:
        return this.#done(exchange, Step.describe);
      case Answer.RowDescription:
        if (this.#steps.kind === Step.describe) return this.#done(exchange, Step.describe);
        return this.#extendOldest(exchange);
      case Answer.ErrorResponse:
        return this.#failed(exchange);
      case Answer.Encrypted:
      case Answer.NotEncrypted:
        return this.#encryption(exchange);
      case Answer.CopyBothResponse:
        return this.#replication(exchange);
      case Answer.CopyInResponse: // The answer is yet to come: first the client sends its rows.
      case Answer.NotificationResponse: // Not asked for.
        return;
      default:
        return this.#extendOldest(exchange);
    }
  }

  #row(exchange: Exchange): void {
    const operation = this.#expect(Step.execute);
    if (operation === undefined) return;
    exchange.extend(operation);
    this.#startCounting(operation);
    operation.rows++;
  }

  #startCounting(operation: Operation): void {
    if (this.#counting === operation) return;
    this.#counting = operation;
    this.#rowsBefore = 0;
    operation.rows = 0;
  }

  /** One statement of a simple query is done, or an Execute. `rows` is what the tag says, -1: what was counted holds. */
  #complete(exchange: Exchange, rows: number): void {
    const operation = this.#expect(Step.execute);
    if (operation === undefined) return;
    exchange.extend(operation);
    if (rows >= 0) {
      this.#startCounting(operation);
      operation.rows = this.#rowsBefore + rows;
    }
    if (this.#steps.kind === Step.query) this.#rowsBefore = Math.max(0, operation.rows);
    else this.#executed(exchange, operation);
  }

  /** The last of its batch ends with ReadyForQuery, as the driver waits for that. */
  #executed(exchange: Exchange, operation: Operation): void {
    this.#steps.pop();
    if (this.#steps.operation === operation) return;
    if (this.#current === operation) this.#endCurrent();
    exchange.end(operation, 'ok');
  }

  /** The oldest step is of this kind, or a hole hid the answers of those before it: then they are passed over. */
  #expect(kind: Step): Operation | undefined {
    const steps = this.#steps;
    if (steps.kind === Step.query) return steps.operation;
    for (let index = 0; index < steps.count; index++) {
      const found = steps.kindAt(index);
      if (found >= Step.sync) return undefined;
      if (found !== kind) continue;
      for (let passed = 0; passed < index; passed++) steps.pop();
      return steps.operation;
    }
    return undefined;
  }

  #done(exchange: Exchange, kind: Step): void {
    const operation = this.#steps.kind === Step.query ? undefined : this.#expect(kind);
    if (operation === undefined) return;
    exchange.extend(operation);
    this.#steps.pop();
  }

  /** An error ends the batch: the server skips to the Sync. */
  #failed(exchange: Exchange): void {
    const steps = this.#steps;
    const operation = steps.operation;
    if (operation === undefined) return;
    exchange.extend(operation);
    operation.errorType = this.message.text;
    operation.outcome = 'error';
    if (steps.kind === Step.connect || steps.kind === Step.encryption) {
      steps.pop();
      exchange.end(operation, 'error', operation.errorType);
    } else if (steps.kind < Step.sync) this.#skipBatch(exchange, operation);
  }

  #skipBatch(exchange: Exchange, failed: Operation): void {
    while (this.#steps.count > 0 && this.#steps.kind < Step.sync) {
      const operation = this.#steps.operation;
      this.#steps.pop();
      if (operation === undefined || operation === failed) continue;
      operation.outcome = 'error';
      operation.errorType = SKIPPED;
      if (this.#steps.operation !== operation) exchange.end(operation, 'error', SKIPPED);
    }
    if (this.#steps.count === 0) this.#skipUntilSync(failed);
    else if (this.#steps.operation !== failed) exchange.end(failed, 'error', failed.errorType);
  }

  /** The Sync is not sent yet: what comes before it belongs to the failed operation, which ends behind it. */
  #skipUntilSync(failed: Operation): void {
    this.#isSkipping = true;
    this.#current = failed;
    this.#isExecuted = false;
  }

  /** Answers everything up to the oldest Sync, query or login. */
  #ready(exchange: Exchange): void {
    while (this.#steps.count > 0) {
      const isLast = this.#steps.kind >= Step.sync;
      const operation = this.#steps.operation;
      this.#steps.pop();
      if (operation !== undefined && this.#steps.operation !== operation) this.#end(exchange, operation);
      if (isLast) break;
    }
  }

  #end(exchange: Exchange, operation: Operation): void {
    this.#counting = undefined;
    const isError = operation.outcome === 'error';
    exchange.end(operation, isError ? 'error' : 'ok', operation.errorType);
  }

  /** Behind the yes this connection carries TLS, which is decoded as a connection of its own. */
  #encryption(exchange: Exchange): void {
    const operation = this.#steps.operation;
    if (operation === undefined) return;
    exchange.end(operation, 'ok');
    this.#steps.pop();
    if (this.message.tag === Answer.Encrypted) exchange.handOver('unknown');
  }

  /** A stream both ways without end: what it carries is not decoded. */
  #replication(exchange: Exchange): void {
    const operation = this.#steps.operation;
    if (operation === undefined) return;
    exchange.end(operation, 'ok');
    this.#steps.pop();
  }
}

export const postgres: Protocol<PostgresMessage> = {
  name: 'postgres',
  looksLike: looksLikePostgres,
  open: () => new PostgresConversation(),
};
