// What a MongoDB answer says. In: its document in bytes, perhaps cut. Out: whether it went well, the name of the error, and how
// many documents came back or were changed. Not here: which command it answers.

import { BsonCursor, BsonType } from './bson.ts';
import type { MongoMessage } from './messages.ts';

const UNKNOWN = -1;
/** Errors have names like DuplicateKey. */
const NAME_LIMIT_BYTES = 64;

export class AnswerReader {
  /** '' when it went well, or the end of the answer was not seen. */
  errorType = '';
  /** -1 when it does not say, or not all of it was seen. */
  rows = UNKNOWN;
  readonly #cursor = new BsonCursor();
  readonly #inner = new BsonCursor();
  readonly #items = new BsonCursor();
  #isFailed = false;
  #code = 0;
  #name = '';
  #written = UNKNOWN;

  /** `isCounted`: the command changes documents, and `n` says how many. */
  read(message: MongoMessage, isCounted: boolean): void {
    this.#isFailed = false;
    this.#code = 0;
    this.#name = '';
    this.rows = UNKNOWN;
    this.#written = UNKNOWN;
    if (message.body >= 0) this.#members(message);
    if (isCounted) this.rows = this.#written;
    this.errorType = this.#isFailed ? this.#failure() : '';
  }

  #failure(): string {
    if (this.#name !== '') return this.#name;
    return this.#code > 0 ? String(this.#code) : 'error';
  }

  #members(message: MongoMessage): void {
    const cursor = this.#cursor.open(message.bytes, message.body, message.limit);
    while (cursor.next()) {
      if (cursor.isNamed('ok')) this.#isFailed ||= cursor.number() === 0;
      else if (cursor.isNamed('code')) this.#code = cursor.number();
      else if (cursor.isNamed('codeName')) this.#name = nameOf(cursor);
      else if (cursor.isNamed('$err')) this.#isFailed = true;
      else if (cursor.isNamed('n')) this.#written = cursor.number();
      else this.#result(cursor, message.limit);
    }
  }

  #result(cursor: BsonCursor, limit: number): void {
    const { type } = cursor;
    if (type === BsonType.document && cursor.isNamed('cursor')) this.#batch(cursor, limit);
    else if (type === BsonType.array && cursor.isNamed('values')) this.rows = this.#count(cursor, limit);
    else if (cursor.isNamed('value')) this.rows = type === BsonType.null ? 0 : 1;
    else if (type === BsonType.array && cursor.isNamed('writeErrors')) this.#writeError(cursor, limit);
    else if (type === BsonType.document && cursor.isNamed('writeConcernError')) this.#error(cursor, limit);
  }

  #batch(cursor: BsonCursor, limit: number): void {
    const inner = this.#inner.open(cursor.bytes, cursor.value, limit);
    while (inner.next())
      if (inner.type === BsonType.array && (inner.isNamed('firstBatch') || inner.isNamed('nextBatch')))
        this.rows = this.#count(inner, limit);
  }

  #count(cursor: BsonCursor, limit: number): number {
    const items = this.#items.open(cursor.bytes, cursor.value, limit);
    let count = 0;
    while (items.next()) count++;
    return items.isCut ? UNKNOWN : count;
  }

  #writeError(cursor: BsonCursor, limit: number): void {
    const errors = this.#items.open(cursor.bytes, cursor.value, limit);
    if (errors.next() && errors.type === BsonType.document) this.#error(errors, limit);
  }

  #error(cursor: BsonCursor, limit: number): void {
    const error = this.#inner.open(cursor.bytes, cursor.value, limit);
    this.#isFailed = true;
    while (error.next()) {
      if (error.isNamed('code')) this.#code = error.number();
      else if (error.isNamed('codeName')) this.#name = nameOf(error);
    }
  }
}

function nameOf(cursor: BsonCursor): string {
  const { bytes, textStart, textEnd } = cursor;
  return String.fromCharCode(...bytes.subarray(textStart, Math.min(textEnd, textStart + NAME_LIMIT_BYTES)));
}
