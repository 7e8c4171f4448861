// memcached messages. In: bytes of one direction from the start of a message. Out: a command, or one piece of an answer (a line, a
// value with its data, a packet). Data are skipped by the length that stands before them.
// Not here: which answer belongs to which command (exchange.ts), values.
// Spec: https://github.com/memcached/memcached/blob/master/doc/protocol.txt, …/doc/protocol-binary.xml

import type { ByteReader } from '../../base/bytes.ts';
import { INVALID, NEED_MORE, TO_HOLE_END } from '../contract.ts';
import { StatementCache } from '../statement-cache.ts';
import { binaryCommand, RESULTS, textCommand, VALUES } from './commands.ts';
import type { Command } from './commands.ts';

export const Magic = { request: 0x80, response: 0x81 } as const;
export const PACKET_BYTES = 24;

/** A get of a thousand keys of 64 bytes. */
const LINE_LIMIT_BYTES = 64 * 1024;
/** The largest item that a server can be told to keep (-I). */
const DATA_LIMIT_BYTES = 1 << 30;
const WORDS = 6;
const WORD_LIMIT_BYTES = 20;
const KEY_LIMIT_BYTES = 250;
const SPACE = 32;
const NEWLINE = 10;
const RETURN = 13;
const QUIET = 113; /* q */

const latin1 = new TextDecoder('latin1');
const words = new StatementCache((bytes, start, end) => latin1.decode(bytes.subarray(start, end)));

/** A command, or a piece of an answer. Places are in `bytes`, valid until the next message is read. */
export class MemcachedMessage {
  bytes: Uint8Array = new Uint8Array(0);
  command: Command | undefined = undefined;
  keyStart = 0;
  keyEnd = 0;
  /** It is not answered at all (`noreply`), or only when there is something to say (`q`). */
  isSilent = false;
  isQuiet = false;
  /** First word of an answer in text: VALUE, STORED; 'number' for a number. '' for a packet. */
  word = '';
  /** Of a packet. */
  status = 0;
  /** Of a packet: what its answer repeats. */
  number = 0;
  bodyBytes = 0;
  /** First words of a line. */
  count = 0;
  readonly starts = new Int32Array(WORDS);
  readonly ends = new Int32Array(WORDS);

  /** The number that a word is; -1 when it is none. */
  numberAt(index: number): number {
    const start = this.starts[index] ?? 0;
    const end = this.ends[index] ?? 0;
    if (index >= this.count || end === start || end - start > 10) return -1;
    let value = 0;
    for (let at = start; at < end; at++) {
      const digit = (this.bytes[at] ?? 0) - 48;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }
}

export function readCommand(reader: ByteReader, message: MemcachedMessage): number {
  return reader.peek() === Magic.request ? readPacket(reader, message) : readCommandLine(reader, message);
}

export function readAnswer(reader: ByteReader, message: MemcachedMessage): number {
  return reader.peek() === Magic.response ? readPacket(reader, message) : readAnswerLine(reader, message);
}

function readCommandLine(reader: ByteReader, message: MemcachedMessage): number {
  const start = reader.at;
  const length = readWords(reader, message);
  if (length < 0 && length !== TO_HOLE_END) return length;
  const isWhole = length > 0;
  if (!isWhole && (length === NEED_MORE || message.count < 3)) return NEED_MORE;
  const command = textCommand(wordOf(message, 0));
  message.command = command;
  if (command === undefined || !hasShape(message, command)) return INVALID;
  noteKey(message, command);
  noteSilence(message, command, start + Math.max(0, length));
  const size = command.size > 0 ? message.numberAt(command.size) : -2;
  if (size === -1 || size > DATA_LIMIT_BYTES) return INVALID;
  return isWhole ? length + (size < 0 ? 0 : size + 2) : TO_HOLE_END;
}

/** It has its key, and that is one. */
function hasShape(message: MemcachedMessage, command: Command): boolean {
  if (command.key === 0) return true;
  const length = (message.ends[command.key] ?? 0) - (message.starts[command.key] ?? 0);
  return command.key < message.count && length > 0 && length <= KEY_LIMIT_BYTES;
}

function noteKey(message: MemcachedMessage, command: Command): void {
  message.keyStart = command.key > 0 ? (message.starts[command.key] ?? 0) : 0;
  message.keyEnd = command.key > 0 ? (message.ends[command.key] ?? 0) : 0;
}

/** `noreply` is the last word of a line; `q` is one of the flags of a meta command. */
function noteSilence(message: MemcachedMessage, command: Command, lineEnd: number): void {
  const { bytes } = message;
  message.isQuiet = false;
  message.number = 0;
  message.isSilent = !command.isMeta && endsWithNoreply(bytes, message.starts[0] ?? 0, lineEnd);
  if (!command.isMeta) return;
  const from = message.ends[Math.max(command.key, command.size)] ?? 0;
  for (let at = from; at < lineEnd; at++)
    if (bytes[at] === QUIET && bytes[at - 1] === SPACE) message.isQuiet = true;
}

const NOREPLY = new TextEncoder().encode(' noreply');

function endsWithNoreply(bytes: Uint8Array, start: number, lineEnd: number): boolean {
  let end = lineEnd;
  while (end > start && ((bytes[end - 1] ?? 0) === NEWLINE || (bytes[end - 1] ?? 0) === RETURN)) end--;
  if (end - NOREPLY.length < start) return false;
  return NOREPLY.every((byte, index) => bytes[end - NOREPLY.length + index] === byte);
}

function readAnswerLine(reader: ByteReader, message: MemcachedMessage): number {
  const length = readWords(reader, message);
  if (length <= 0) return length === TO_HOLE_END ? NEED_MORE : length;
  message.word = wordOf(message, 0);
  if (VALUES.has(message.word)) return valueLength(message, length);
  if (RESULTS.has(message.word)) return length;
  if (message.numberAt(0) < 0) return isLongNumber(message) ? length : INVALID;
  message.word = 'number';
  return length;
}

/** `VALUE key flags bytes`, `VA bytes flags`. */
function valueLength(message: MemcachedMessage, lineBytes: number): number {
  const size = message.numberAt(message.word === 'VALUE' ? 3 : 1);
  return size < 0 || size > DATA_LIMIT_BYTES ? INVALID : lineBytes + size + 2;
}

/** Counters have 64 bits. */
function isLongNumber(message: MemcachedMessage): boolean {
  const start = message.starts[0] ?? 0;
  const end = message.ends[0] ?? 0;
  if (message.count !== 1 || end - start > 20) return false;
  for (let at = start; at < end; at++) if (!isDigit(message.bytes[at] ?? 0)) return false;
  message.word = 'number';
  return true;
}

/** The first words of a line and its length; TO_HOLE_END when it goes on in a hole. */
function readWords(reader: ByteReader, message: MemcachedMessage): number {
  const { bytes, at: start, end } = reader;
  message.bytes = bytes;
  message.count = 0;
  let at = start;
  let word = -1;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    const isEnd = byte === NEWLINE;
    if (byte > SPACE && byte !== 0x7f) {
      if (word < 0) word = at;
      continue;
    }
    if (word >= 0) addWord(message, word, at);
    word = -1;
    if (isEnd) return message.count > 0 ? at + 1 - start : INVALID;
    if (byte !== SPACE && byte !== RETURN) return INVALID;
    if (at === start) return INVALID;
  }
  if (end - start > LINE_LIMIT_BYTES) return INVALID;
  return reader.isCut ? TO_HOLE_END : NEED_MORE;
}

function addWord(message: MemcachedMessage, start: number, end: number): void {
  if (message.count === WORDS) return;
  message.starts[message.count] = start;
  message.ends[message.count] = end;
  message.count++;
}

function wordOf(message: MemcachedMessage, index: number): string {
  const start = message.starts[index] ?? 0;
  const end = message.ends[index] ?? 0;
  return end - start > WORD_LIMIT_BYTES ? '' : words.of(message.bytes, start, end);
}

/** Header, extras, key, value; everything but the header and the key is passed over. */
function readPacket(reader: ByteReader, message: MemcachedMessage): number {
  if (reader.left < PACKET_BYTES) return NEED_MORE;
  const isRequest = reader.u8() === Magic.request;
  const code = reader.u8();
  message.command = binaryCommand(code);
  const keyBytes = reader.u16be();
  const extraBytes = reader.u8();
  const dataType = reader.u8();
  message.status = reader.u16be();
  message.bodyBytes = reader.u32be();
  const { command, bodyBytes } = message;
  if (command === undefined || dataType !== 0 || keyBytes + extraBytes > bodyBytes) return INVALID;
  if (bodyBytes > DATA_LIMIT_BYTES || keyBytes > KEY_LIMIT_BYTES) return INVALID;
  message.number = reader.u32be() * 256 + code;
  reader.skip(8);
  if (isRequest && reader.left < extraBytes + keyBytes && !reader.isCut) return NEED_MORE;
  message.bytes = reader.bytes;
  message.word = '';
  message.isSilent = false;
  message.isQuiet = false;
  message.keyStart = Math.min(reader.end, reader.at + extraBytes);
  message.keyEnd = command.key > 0 ? Math.min(reader.end, message.keyStart + keyBytes) : message.keyStart;
  return PACKET_BYTES + bodyBytes;
}

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
