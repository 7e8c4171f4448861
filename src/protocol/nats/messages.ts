// NATS messages. In: bytes of one direction from the start of a message. Out: its kind, its subject and reply subject; payloads are
// passed over by the length that stands before them. Not here: which answer belongs to which request (exchange.ts), payloads.
// Spec: https://docs.nats.io/reference/reference-protocols/nats-protocol

import type { ByteReader } from '../../base/bytes.ts';
import { INVALID, NEED_MORE, TO_HOLE_END } from '../contract.ts';

export const Kind = {
  connect: 1,
  publish: 2,
  subscribe: 3,
  unsubscribe: 4,
  ping: 5,
  pong: 6,
  info: 7,
  message: 8,
  ok: 9,
  error: 10,
} as const;

/** INFO lists the servers of a cluster; the server's own limit for lines of clients is 4 KiB. */
const LINE_LIMIT_BYTES = 64 * 1024;
/** max_payload may be raised up to this. */
const PAYLOAD_LIMIT_BYTES = 64 << 20;
const WORDS = 6;
/** `NATS/1.0 503`: the status of an answer that has no payload. */
const STATUS_BYTES = 12;
const SPACE = 32;
const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const BRACE = 123;

interface Word {
  readonly text: string;
  readonly kind: number;
  readonly hasHeaders: boolean;
  /** How many numbers end its line; 0: there is no payload. */
  readonly numbers: number;
}

const word = (text: string, kind: number, numbers = 0, hasHeaders = false): Word => ({
  text,
  kind,
  numbers,
  hasHeaders,
});
const CLIENT_WORDS: readonly Word[] = [
  word('PUB', Kind.publish, 1),
  word('HPUB', Kind.publish, 2, true),
  word('PING', Kind.ping),
  word('PONG', Kind.pong),
  word('SUB', Kind.subscribe),
  word('UNSUB', Kind.unsubscribe),
  word('CONNECT', Kind.connect),
];
const SERVER_WORDS: readonly Word[] = [
  word('MSG', Kind.message, 1),
  word('HMSG', Kind.message, 2, true),
  word('PING', Kind.ping),
  word('PONG', Kind.pong),
  word('+OK', Kind.ok),
  word('-ERR', Kind.error),
  word('INFO', Kind.info),
];

/** What the latest `next` has read. Places are in `bytes`, valid until the next message is read. */
export class NatsMessage {
  bytes: Uint8Array = new Uint8Array(0);
  kind = 0;
  subjectStart = 0;
  subjectEnd = 0;
  /** Where an answer is to be sent; empty when none is wanted. */
  replyStart = 0;
  replyEnd = 0;
  /** Of an answer that only says how it went: 503 when nobody listens; 0 usually. */
  status = 0;
  /** Of an error: the line. */
  lineEnd = 0;
  count = 0;
  readonly starts = new Int32Array(WORDS);
  readonly ends = new Int32Array(WORDS);
}

export function readMessage(reader: ByteReader, message: NatsMessage, isClient: boolean): number {
  const { bytes, at: start, end } = reader;
  message.bytes = bytes;
  const found = wordAt(bytes, start, end, isClient ? CLIENT_WORDS : SERVER_WORDS);
  if (found === undefined) return end - start > 7 || !mayBegin(bytes, start, end) ? INVALID : NEED_MORE;
  message.kind = found.kind;
  const length = reader.find(NEWLINE);
  if (length < 0) return unfinishedLine(reader, found);
  message.lineEnd = start + length;
  readWords(message, start, start + length);
  if (!hasShape(message, found)) return INVALID;
  return found.numbers === 0 ? length + 1 : readPayload(reader, message, found, length + 1);
}

/** A long line says nothing that is needed. */
function unfinishedLine(reader: ByteReader, { kind }: Word): number {
  if (reader.left > LINE_LIMIT_BYTES) return INVALID;
  const isPassed = kind === Kind.info || kind === Kind.connect;
  return reader.isCut && isPassed ? TO_HOLE_END : NEED_MORE;
}

function hasShape(message: NatsMessage, { kind }: Word): boolean {
  const { count, bytes, starts } = message;
  if (kind === Kind.info || kind === Kind.connect) return count > 1 && bytes[starts[1] ?? 0] === BRACE;
  if (kind === Kind.subscribe) return count === 3 || count === 4;
  if (kind === Kind.unsubscribe) return count === 2 || count === 3;
  return kind === Kind.error || kind === Kind.publish || kind === Kind.message || count === 1;
}

/** `PUB subject [reply] bytes`, `MSG subject sid [reply] bytes`; with headers their length comes first. */
function readPayload(reader: ByteReader, message: NatsMessage, found: Word, lineBytes: number): number {
  const before = found.kind === Kind.message ? 3 : 2;
  const names = message.count - found.numbers;
  const size = numberAt(message, message.count - 1);
  if ((names !== before && names !== before + 1) || size < 0 || size > PAYLOAD_LIMIT_BYTES) return INVALID;
  message.subjectStart = message.starts[1] ?? 0;
  message.subjectEnd = message.ends[1] ?? 0;
  const hasReply = names > before;
  message.replyStart = hasReply ? (message.starts[before] ?? 0) : 0;
  message.replyEnd = hasReply ? (message.ends[before] ?? 0) : 0;
  message.status = 0;
  const wanted = found.hasHeaders && found.kind === Kind.message ? lineBytes + STATUS_BYTES : 0;
  if (reader.left < wanted && !reader.isCut) return NEED_MORE;
  if (wanted > 0) readStatus(message, reader.at + lineBytes, reader.end);
  return lineBytes + size + 2;
}

/** `NATS/1.0 503`, where other headers follow `NATS/1.0` at once. */
function readStatus(message: NatsMessage, start: number, end: number): void {
  if (start + STATUS_BYTES > end || message.bytes[start + 8] !== SPACE) return;
  let status = 0;
  for (let at = start + 9; at < start + STATUS_BYTES; at++)
    status = status * 10 + (message.bytes[at] ?? 0) - 48;
  message.status = status >= 100 && status < 1000 ? status : 0;
}

function readWords(message: NatsMessage, start: number, end: number): void {
  message.count = 0;
  let at = start;
  while (at < end && message.count < WORDS) {
    while (at < end && isSpace(message.bytes[at] ?? 0)) at++;
    const first = at;
    while (at < end && !isSpace(message.bytes[at] ?? 0)) at++;
    if (at === first) return;
    message.starts[message.count] = first;
    message.ends[message.count] = at;
    message.count++;
  }
}

const isSpace = (byte: number): boolean => byte === SPACE || byte === TAB || byte === RETURN;

function numberAt(message: NatsMessage, index: number): number {
  const start = message.starts[index] ?? 0;
  const end = message.ends[index] ?? 0;
  if (index < 2 || end === start || end - start > 9) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (message.bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The word that the line begins with, in any case, when a space or its end follows. */
function wordAt(bytes: Uint8Array, at: number, end: number, words: readonly Word[]): Word | undefined {
  for (const each of words) {
    const next = at + each.text.length;
    if (next < end && isSpace(bytes[next] ?? 0) && isText(bytes, at, each.text)) return each;
  }
  return undefined;
}

/** What is there may be the beginning of a word: letters, or a sign. */
function mayBegin(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    const isLetter = (byte | 32) >= 97 && (byte | 32) <= 122;
    if (!isLetter && !(at === start && (byte === 0x2b || byte === 0x2d))) return false;
  }
  return true;
}

function isText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const byte = bytes[at + index] ?? 0;
    const capital = byte >= 97 && byte <= 122 ? byte - 32 : byte;
    if (capital !== text.charCodeAt(index)) return false;
  }
  return true;
}
