// The shape of a MongoDB document: names and operators without values, {email: ?, age: {$gt: ?}}. In: a document in bytes.
// Out: the shape as bytes, bounded. Not here: which documents of a command are shown (statement.ts).

import { DOT, hasOnlyWordBytes, isWord } from '../dotted-name.ts';
import { BsonCursor, BsonType } from './bson.ts';

/** A filter of a dozen fields; what is longer is cut, and says so. */
const LIMIT_BYTES = 400;
/** Filters are two or three deep, pipelines five. */
const DEPTH_LIMIT = 6;
const ELEMENTS_LIMIT = 16;
const CUT = new TextEncoder().encode('…');
const DOLLAR = 36;

export class Shape {
  readonly bytes = new Uint8Array(LIMIT_BYTES + CUT.length);
  length = 0;
  /** It had no room, and ends with `…`. */
  isFull = false;
  readonly #cursors = Array.from({ length: DEPTH_LIMIT }, () => new BsonCursor());

  clear(): void {
    this.length = 0;
    this.isFull = false;
  }

  /** Letters of the program, not of the peer. */
  write(text: string): void {
    for (let index = 0; index < text.length; index++) this.#put(text.charCodeAt(index));
  }

  /** Bytes as they are: the name of a command or collection. */
  copy(bytes: Uint8Array, start: number, end: number): void {
    for (let index = start; index < end; index++) this.#put(bytes[index] ?? 0);
  }

  /** `{a: ?, b: {$in: [?]}}` of the document at `start`. */
  document(bytes: Uint8Array, start: number, limit: number, depth = 0): void {
    const cursor = this.#open(bytes, start, limit, depth);
    if (cursor === undefined) return this.write('{…}');
    this.write('{');
    for (let count = 0; !this.isFull && cursor.next(); count++) {
      if (count > 0) this.write(', ');
      if (count === ELEMENTS_LIMIT) {
        this.copy(CUT, 0, CUT.length);
        break;
      }
      this.#name(bytes, cursor.nameStart, cursor.nameEnd);
      this.write(': ');
      this.#value(cursor, limit, depth + 1);
    }
    this.write('}');
  }

  /** `{$set: ?, $inc: ?}` of an update, `{…}` of a replacement, a pipeline as it is. */
  operators(cursor: BsonCursor, limit: number): void {
    if (cursor.type === BsonType.array) return this.array(cursor.bytes, cursor.value, limit, 0);
    const inner = this.#open(cursor.bytes, cursor.value, limit, 0);
    if (inner === undefined) return;
    this.write('{');
    for (let count = 0; !this.isFull && count < ELEMENTS_LIMIT && inner.next(); count++) {
      if (inner.bytes[inner.nameStart] !== DOLLAR) {
        this.copy(CUT, 0, CUT.length);
        break;
      }
      if (count > 0) this.write(', ');
      this.#name(inner.bytes, inner.nameStart, inner.nameEnd);
      this.write(': ?');
    }
    this.write('}');
  }

  /** `[?]` of values, `[{a: ?}, {b: ?}]` of documents; one for those next to each other that are alike. */
  array(bytes: Uint8Array, start: number, limit: number, depth: number): void {
    const cursor = this.#open(bytes, start, limit, depth);
    if (cursor === undefined) return this.write('[…]');
    this.write('[');
    let before = this.length;
    let written = 0;
    for (let count = 0; !this.isFull && count < ELEMENTS_LIMIT && cursor.next(); count++) {
      const at = this.length;
      if (written > 0) this.write(', ');
      const item = this.length;
      this.#value(cursor, limit, depth + 1);
      if (written > 0 && !this.isFull && this.#isSame(before, at, item)) this.length = at;
      else {
        before = item;
        written++;
      }
    }
    this.write(']');
  }

  #open(bytes: Uint8Array, start: number, limit: number, depth: number): BsonCursor | undefined {
    return this.#cursors[depth]?.open(bytes, start, limit);
  }

  #value(cursor: BsonCursor, limit: number, depth: number): void {
    const { bytes, type, value } = cursor;
    if (type === BsonType.document) this.document(bytes, value, limit, depth);
    else if (type === BsonType.array) this.array(bytes, value, limit, depth);
    else this.write('?');
  }

  /** bytes[start, end) is what bytes[other, length) is. */
  #isSame(start: number, end: number, other: number): boolean {
    if (end - start !== this.length - other) return false;
    for (let index = 0; index < end - start; index++)
      if (this.bytes[start + index] !== this.bytes[other + index]) return false;
    return true;
  }

  /** `address.city`; a part that is no word is data: `scores.?`, and with it what belongs to it. */
  #name(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    while (from <= end) {
      let to = from;
      while (to < end && bytes[to] !== DOT) to++;
      if (isWord(bytes, from, to)) this.copy(bytes, from, to);
      else this.write('?');
      if (!hasOnlyWordBytes(bytes, from, to)) return;
      if (to < end) this.#put(DOT);
      from = to + 1;
    }
  }

  #put(byte: number): void {
    if (this.isFull) return;
    if (this.length < LIMIT_BYTES) {
      this.bytes[this.length++] = byte;
      return;
    }
    // A character of several bytes is not cut in its middle.
    while (this.length > 0 && ((this.bytes[this.length] ?? 0) & 0xc0) === 0x80) this.length--;
    this.isFull = true;
    this.bytes.set(CUT, this.length);
    this.length += CUT.length;
  }
}
