// RESP 2 and 3. In: bytes of one direction from the start of a message. Out: a whole command of the client, or one element of an
// answer (a line, a string, the head of an array), because an answer may be longer than anything that can be kept.
// Not here: which answer belongs to which command (exchange.ts), values.
// Spec: https://redis.io/docs/latest/develop/reference/protocol-spec/

import type { ByteReader } from '../../base/bytes.ts';
import { NO_HASH, saltedHash } from '../../base/salted-hash.ts';
import { INVALID, NEED_MORE, TO_HOLE_END } from '../contract.ts';
import { capital, isName } from './commands.ts';

export const Type = {
  simple: 0x2b /* + */,
  error: 0x2d /* - */,
  integer: 0x3a /* : */,
  bulk: 0x24 /* $ */,
  array: 0x2a /* * */,
  nothing: 0x5f /* _ */,
  boolean: 0x23 /* # */,
  double: 0x2c /* , */,
  bigNumber: 0x28 /* ( */,
  bulkError: 0x21 /* ! */,
  verbatim: 0x3d /* = */,
  map: 0x25 /* % */,
  set: 0x7e /* ~ */,
  attribute: 0x7c /* | */,
  push: 0x3e /* > */,
} as const;

/** proto-max-bulk-len. */
const BULK_LIMIT_BYTES = 512 << 20;
/** The server refuses more arguments. */
const COUNT_LIMIT = 1 << 20;
/** Lines are errors, statuses and what MONITOR prints; the server refuses longer inline commands. */
const LINE_LIMIT_BYTES = 64 * 1024;
/** Arguments that are looked at: a key is one of the first, STREAMS too. */
const ARGUMENTS = 16;
/** A value that long is not waited for but skipped; a key that long is cut anyway. */
const WAITED_BYTES = 1024;
/** First strings of answers and errors that are looked at: the longest is 'punsubscribe', the longest error prefix 'NOREPLICAS'. */
const TEXT_BYTES = 32;

/** A command, or an element of an answer. Places are in `bytes`, valid until the next message is read. */
export class RedisMessage {
  bytes: Uint8Array = new Uint8Array(0);
  /** Arguments of the command, as it says; 0: an empty one, which has no answer. */
  count = 0;
  /** Arguments that were captured, of the first 16. */
  known = 0;
  readonly #starts = new Int32Array(ARGUMENTS);
  readonly #ends = new Int32Array(ARGUMENTS);

  /** Type of the element. */
  type = 0;
  /** Number of an integer, elements of an array (both halves of a map), length of a string; -1: null. */
  size = 0;
  /** Start of a line or string, at most 32 bytes. */
  textStart = 0;
  textEnd = 0;
  /** The captured bytes end where it ends. */
  isAtEnd = false;

  startOf(index: number): number {
    return this.#starts[index] ?? 0;
  }

  endOf(index: number): number {
    return this.#ends[index] ?? 0;
  }

  add(start: number, end: number): void {
    if (this.known === ARGUMENTS) return;
    this.#starts[this.known] = start;
    this.#ends[this.known] = end;
    this.known++;
  }

  /** Of all arguments; NO_HASH when not all of them were captured. */
  argumentHash(): number {
    if (this.known < this.count) return NO_HASH;
    let hash: number | undefined;
    for (let index = 1; index < this.known; index++)
      hash = saltedHash(this.bytes, this.startOf(index), this.endOf(index), hash);
    return hash ?? saltedHash(this.bytes, 0, 0);
  }

  /** The argument can be a name of the protocol. */
  isName(index: number): boolean {
    return index < this.known && isName(this.bytes, this.startOf(index), this.endOf(index));
  }

  /** The argument is this word, in any case. */
  is(index: number, word: string): boolean {
    return index < this.known && isWord(this.bytes, this.startOf(index), this.endOf(index), word);
  }

  /** Index of the argument that is this word; -1. */
  indexOf(word: string): number {
    for (let index = 1; index < this.known; index++) if (this.is(index, word)) return index;
    return -1;
  }

  has(word: string): boolean {
    return this.indexOf(word) > 0;
  }

  /** The text of the element is this word, in any case. */
  isText(word: string): boolean {
    return isWord(this.bytes, this.textStart, this.textEnd, word);
  }
}

/** `word` is in capitals. */
function isWord(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false;
  for (let index = 0; index < word.length; index++)
    if (capital(bytes[start + index] ?? 0) !== word.charCodeAt(index)) return false;
  return true;
}

/** What `number` found: the line is not whole, or is no number. */
const CUT = -2;
const NO_NUMBER = -3;

/** Reads a whole number of at most 15 digits and the line's end; moves behind it. -1 is the only negative one. */
function numberLine(reader: ByteReader): number {
  const { bytes, end } = reader;
  let at = reader.at;
  const isNegative = bytes[at] === 45 && at < end;
  if (isNegative) at++;
  const first = at;
  let value = 0;
  for (; at < end && at - first < 16; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (at >= end || (at + 1 >= end && bytes[at] === 13)) return CUT;
  if (at === first || bytes[at] !== 13 || bytes[at + 1] !== 10 || (isNegative && value !== 1))
    return NO_NUMBER;
  reader.at = at + 2;
  return isNegative ? -1 : value;
}

/** A command: an array of strings, or a line of words. */
export function readCommand(reader: ByteReader, message: RedisMessage): number {
  message.bytes = reader.bytes;
  message.known = 0;
  if (reader.peek() !== Type.array) return readInline(reader, message);
  reader.at++;
  const count = numberLine(reader);
  if (count === CUT) return NEED_MORE;
  if (count < -1 || count > COUNT_LIMIT) return INVALID;
  message.count = Math.max(0, count);
  return readArguments(reader, message);
}

function readArguments(reader: ByteReader, message: RedisMessage): number {
  for (let index = 0; index < message.count; index++) {
    if (reader.at >= reader.end) return unfinished(reader, message);
    if (reader.peek() !== Type.bulk) return INVALID;
    reader.at++;
    const length = numberLine(reader);
    if (length === CUT) return unfinished(reader, message);
    if (length < 0 || length > BULK_LIMIT_BYTES) return INVALID;
    const end = reader.at + length;
    if (end + 2 > reader.end) return beyond(reader, message, index, length);
    if (reader.bytes[end] !== 13 || reader.bytes[end + 1] !== 10) return INVALID;
    message.add(reader.at, end);
    reader.at = end + 2;
  }
  return reader.used;
}

/** The argument is not there as a whole: a long last one is skipped by its length. */
function beyond(reader: ByteReader, message: RedisMessage, index: number, length: number): number {
  const isLast = index === message.count - 1;
  const isSkipped = index > 0 && isLast && (reader.isCut || length > WAITED_BYTES);
  return isSkipped ? reader.used + length + 2 : unfinished(reader, message);
}

/** Before a hole a command whose name is known is taken to reach to the end of it. */
function unfinished(reader: ByteReader, message: RedisMessage): number {
  return reader.isCut && message.known > 0 ? TO_HOLE_END : NEED_MORE;
}

/** Words with spaces between. */
function readInline(reader: ByteReader, message: RedisMessage): number {
  const length = reader.find(10);
  if (length < 0)
    return reader.left > LINE_LIMIT_BYTES || !isPrintable(reader, reader.end) ? INVALID : NEED_MORE;
  const end = reader.at + length;
  if (!isPrintable(reader, end)) return INVALID;
  let at = reader.at;
  while (at < end) {
    while (at < end && (reader.bytes[at] ?? 0) <= 32) at++;
    const start = at;
    while (at < end && (reader.bytes[at] ?? 0) > 32) at++;
    if (at > start) message.add(start, at);
  }
  message.count = message.known;
  if (message.known > 0 && !message.isName(0)) return INVALID;
  return length + 1;
}

/** No control characters but tab and a carriage return; bytes above ASCII are text. */
function isPrintable(reader: ByteReader, end: number): boolean {
  for (let index = reader.at; index < end; index++) {
    const byte = reader.bytes[index] ?? 0;
    if (byte < 32 && byte !== 9 && byte !== 13) return false;
  }
  return true;
}

/** One element of an answer. */
export function readElement(reader: ByteReader, message: RedisMessage): number {
  message.bytes = reader.bytes;
  const left = reader.left;
  const length = readTyped(reader, message, reader.u8());
  message.isAtEnd = length === left;
  return length;
}

function readTyped(reader: ByteReader, message: RedisMessage, type: number): number {
  message.type = type;
  message.size = 0;
  message.textStart = 0;
  message.textEnd = 0;
  switch (type) {
    case Type.bulk:
    case Type.verbatim:
    case Type.bulkError:
      return readBulk(reader, message);
    case Type.array:
    case Type.set:
    case Type.push:
      return readCount(reader, message, 1);
    case Type.map:
    case Type.attribute:
      return readCount(reader, message, 2);
    case Type.simple:
    case Type.error:
    case Type.integer:
    case Type.nothing:
    case Type.boolean:
    case Type.double:
    case Type.bigNumber:
      return readLine(reader, message, type);
    default:
      return INVALID;
  }
}

function readCount(reader: ByteReader, message: RedisMessage, perItem: number): number {
  const count = numberLine(reader);
  if (count === CUT) return NEED_MORE;
  if (count < -1 || count > 2 ** 32) return INVALID;
  message.size = count < 0 ? -1 : count * perItem;
  return reader.used;
}

function readBulk(reader: ByteReader, message: RedisMessage): number {
  const length = numberLine(reader);
  if (length === CUT) return NEED_MORE;
  if (length < -1 || length > BULK_LIMIT_BYTES) return INVALID;
  message.size = length;
  if (length < 0) return reader.used;
  const end = reader.at + length;
  if (end + 2 <= reader.end && (reader.bytes[end] !== 13 || reader.bytes[end + 1] !== 10)) return INVALID;
  const textEnd = Math.min(end, reader.at + TEXT_BYTES);
  if (textEnd > reader.end && !reader.isCut) return NEED_MORE;
  message.textStart = reader.at;
  message.textEnd = Math.min(textEnd, reader.end);
  return reader.used + length + 2;
}

function readLine(reader: ByteReader, message: RedisMessage, type: number): number {
  const length = reader.find(13);
  if (length < 0)
    return reader.left > LINE_LIMIT_BYTES || !isLine(reader, reader.end, type) ? INVALID : NEED_MORE;
  if (length === reader.left - 1) return NEED_MORE;
  const end = reader.at + length;
  if (reader.bytes[end + 1] !== 10 || !isLine(reader, end, type)) return INVALID;
  if (length === 0 && type !== Type.nothing && type !== Type.simple) return INVALID;
  message.textStart = reader.at;
  message.textEnd = Math.min(end, reader.at + TEXT_BYTES);
  return reader.used + length + 2;
}

/** The bytes are such as a line of this type has. */
function isLine(reader: ByteReader, end: number, type: number): boolean {
  for (let index = reader.at; index < end; index++)
    if (!isOfLine(reader.bytes[index] ?? 0, type)) return false;
  return true;
}

function isOfLine(byte: number, type: number): boolean {
  if (type === Type.simple || type === Type.error) return byte >= 32 || byte === 9;
  const isDigit = byte >= 48 && byte <= 57;
  if (type === Type.integer || type === Type.bigNumber) return isDigit || byte === 45 || byte === 43;
  if (type === Type.boolean) return byte === 116 /* t */ || byte === 102; /* f */
  if (type === Type.nothing) return false;
  return isDigit || '+-.eEinfa'.includes(String.fromCharCode(byte));
}
