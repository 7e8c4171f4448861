// One channel of an AMQP connection: what was called and not answered, what was published and not confirmed, and which content is
// on its way. In: methods and pieces of content of this channel. Out: operations that end. Not here: frames, statements.

import { BoundedMap } from '../../base/bounded.ts';
import type { Operation } from '../../model/operation.ts';
import { AnswerQueue } from '../answer-queue.ts';
import type { Exchange } from '../contract.ts';
import { OPEN_LIMIT } from '../operations.ts';
import { Id } from './methods.ts';

const NO_CONTENT = -1;

export class Channel {
  /** Published messages are confirmed. */
  isConfirming = false;
  /** Frames of the server were lost: answers may have been among them. */
  isInDoubt = false;
  /** Calls, with the method that answers each. */
  readonly #calls = new AnswerQueue();
  readonly #unconfirmed = new BoundedMap<number, Operation>(OPEN_LIMIT);
  #published = 0;
  /** The message that is being written, and how much of it is to come; NO_CONTENT before its header. */
  #writing: Operation | undefined = undefined;
  #toWrite = NO_CONTENT;
  /** The answer to `get` that is being read. */
  #reading: Operation | undefined = undefined;
  #toRead = NO_CONTENT;

  called(operation: Operation, answer: number, exchange: Exchange): void {
    if (this.isInDoubt) this.#endDoubt(exchange);
    this.#calls.push(answer, operation);
  }

  publishing(operation: Operation): void {
    this.#writing = operation;
    this.#toWrite = NO_CONTENT;
    if (this.isConfirming) this.#unconfirmed.set(++this.#published, operation);
  }

  /** A piece of the message that is being written. `bodyBytes`: what its header announces; -1 for a piece of the body. */
  wrote(bodyBytes: number, size: number, exchange: Exchange): void {
    const operation = this.#writing;
    if (operation === undefined) return;
    exchange.extend(operation);
    this.#toWrite = bodyBytes >= 0 ? bodyBytes : this.#toWrite - size;
    if (this.#toWrite > 0) return;
    this.#writing = undefined;
    if (!this.isConfirming) exchange.end(operation, 'ok');
  }

  answered(id: number, exchange: Exchange): void {
    this.#endReading(exchange);
    const isEmpty = id === Id.getEmpty;
    const { operation } = this.#calls;
    if (operation === undefined || this.#calls.kind !== (isEmpty ? Id.getOk : id)) return;
    this.#calls.pop();
    exchange.extend(operation);
    if (id === Id.getOk) this.#reading = operation;
    else {
      if (isEmpty) operation.rows = 0;
      exchange.end(operation, 'ok');
    }
    this.#toRead = NO_CONTENT;
  }

  /** A piece of a message that came. Only the one that was asked for belongs to an operation. */
  read(bodyBytes: number, size: number, exchange: Exchange): void {
    const operation = this.#reading;
    if (operation === undefined || this.isInDoubt) return;
    exchange.extend(operation);
    this.#toRead = bodyBytes >= 0 ? bodyBytes : this.#toRead - size;
    if (this.#toRead > 0) return;
    this.#endReading(exchange);
  }

  /** Its content is there, or something else follows on this channel. */
  #endReading(exchange: Exchange): void {
    const operation = this.#reading;
    this.#reading = undefined;
    if (operation === undefined) return;
    operation.rows = 1;
    operation.hasHole ||= this.isInDoubt;
    exchange.end(operation, 'ok');
  }

  /** `isRefused`: the broker could not take them. */
  confirmed(tag: number, isMultiple: boolean, isRefused: boolean, exchange: Exchange): void {
    if (isMultiple || this.isInDoubt) this.#confirmUpTo(tag, isRefused, exchange);
    else this.#confirm(tag, isRefused, exchange);
  }

  #confirmUpTo(tag: number, isRefused: boolean, exchange: Exchange): void {
    // 0 means all there are.
    for (const [each] of this.#unconfirmed.entries())
      if (each <= tag || tag === 0) this.#confirm(each, isRefused, exchange);
  }

  #confirm(tag: number, isRefused: boolean, exchange: Exchange): void {
    const operation = this.#unconfirmed.get(tag);
    if (operation === undefined) return;
    this.#unconfirmed.delete(tag);
    exchange.end(operation, isRefused ? 'error' : 'ok', isRefused ? 'nack' : '');
  }

  /** Nothing more is answered on this channel. */
  closed(errorType: string, exchange: Exchange): void {
    while (this.#calls.count > 0) {
      const { operation } = this.#calls;
      this.#calls.pop();
      if (operation !== undefined) exchange.end(operation, errorType === '' ? 'ok' : 'error', errorType);
    }
    for (const operation of this.#unconfirmed.values())
      exchange.end(operation, 'error', errorType || 'closed');
    this.#unconfirmed.clear();
    this.#reading = undefined;
  }

  /** The driver gave up what was open. */
  forgetEnded(): void {
    this.#calls.popEnded();
    for (const [tag, operation] of this.#unconfirmed.entries())
      if (operation.end >= 0) this.#unconfirmed.delete(tag);
    if (this.#reading !== undefined && this.#reading.end >= 0) this.#reading = undefined;
  }

  lostWriting(): void {
    this.#writing = undefined;
  }

  /** A client that calls again has had its answer: it was in the hole. */
  #endDoubt(exchange: Exchange): void {
    this.#endReading(exchange);
    this.isInDoubt = false;
    while (this.#calls.count > 0) {
      const { operation } = this.#calls;
      this.#calls.pop();
      if (operation === undefined) continue;
      operation.hasHole = true;
      exchange.end(operation, 'ok');
    }
  }
}
