// Is this MySQL, and where does a packet begin? In: bytes of one side. Out: how sure, or an offset.
// A packet has no mark of its own, so what tells is that lengths lead from one header to the next with rising numbers.
// Not here: what packets mean.

import type { ByteReader } from '../../base/bytes.ts';
import type { Likelihood, Side } from '../contract.ts';
import { commandOf } from './commands.ts';
import { readGreeting, readLogin } from './login.ts';
import { Command, First, HEADER_BYTES, MySqlMessage } from './packet.ts';

/** The server greets with its version, the client answers with 23 bytes that are nearly all zero: nobody else does. In the middle commands and answers are numbered. */
export function looksLikeMySql(reader: ByteReader, from: Side): Likelihood {
  const message = new MySqlMessage();
  if (from === 'server') return looksLikeGreeting(reader, message);
  if (readLogin(reader, message) > 0) return 3;
  reader.at = reader.start;
  return isWholeCommand(reader.bytes, reader.at, reader.end) ? 2 : 0;
}

function looksLikeGreeting(reader: ByteReader, message: MySqlMessage): Likelihood {
  if (reader.peek(3) === 1) return isFirstOfAnswer(reader) ? 1 : 0;
  if (readGreeting(reader, message) <= 0) return 0;
  if (message.first !== First.Error) return message.sequence === 0 && isVersion(reader) ? 3 : 0;
  // Refused before a greeting: host blocked, too many connections.
  return message.sequence === 0 && message.errorNumber >= 1000 && message.errorNumber < 5000 ? 2 : 0;
}

/** An answer whose question was seen: its packets are numbered from 1 on. */
function isFirstOfAnswer({ bytes, at, end }: ByteReader): boolean {
  const size = sizeAt(bytes, at);
  const next = at + HEADER_BYTES + size;
  if (size === 0 || next > end) return false;
  return next === end || (next + HEADER_BYTES <= end && (bytes[next + 3] === 2 || bytes[next + 3] === 1));
}

/** `8.4.3`, `5.5.5-10.11.14-MariaDB-log`. */
function isVersion(reader: ByteReader): boolean {
  const first = reader.bytes[reader.start + HEADER_BYTES + 1] ?? 0;
  return isDigit(first);
}

/** Offset of the first place where a packet of the server begins, or -1. `sequence`: its number, or -1 when not known. */
export function findAnswer(reader: ByteReader, sequence: number): number {
  for (let at = reader.at; at + HEADER_BYTES < reader.end; at++) {
    const isWanted = sequence < 0 || reader.bytes[at + 3] === sequence;
    if (isWanted && isChain(reader.bytes, at, reader.end, sequence >= 0)) return at - reader.at;
  }
  return -1;
}

/**
 * Two headers of which the first leads to the second, or one packet that ends with the window and says how an answer ended.
 * For random bytes the length alone passes in 1 of 2^18 cases (64 of 2^24), the number in 1 of 256.
 */
function isChain(bytes: Uint8Array, start: number, end: number, isNumbered: boolean): boolean {
  const size = sizeAt(bytes, start);
  const next = start + HEADER_BYTES + size;
  if (size === 0 || next > end) return false;
  if (next === end) return isEnding(bytes[start + HEADER_BYTES] ?? 0, size) || isNumbered;
  if (next + HEADER_BYTES > end) return false;
  return bytes[next + 3] === (((bytes[start + 3] ?? 0) + 1) & 0xff) && sizeAt(bytes, next) > 0;
}

/** OK, EOF or an error, by first byte and size. */
function isEnding(first: number, size: number): boolean {
  if (first === First.Eof) return size >= 5;
  if (first === First.Ok) return size >= 7;
  return first === First.Error && size >= 9;
}

/** Offset of the first place where the client logs in or asks for something, or -1. */
export function findCommand(reader: ByteReader, message: MySqlMessage): number {
  const { bytes, at: start, end } = reader;
  for (let at = start; at + HEADER_BYTES < end; at++) {
    if (isWholeCommand(bytes, at, end)) return isInCompressedFrame(bytes, at, end) ? -1 : at - start;
    if ((bytes[at + 3] ?? 0) === 0 || (bytes[at + 2] ?? 0) !== 0) continue;
    reader.at = at;
    if (readLogin(reader, message) > 0) return at - start;
  }
  return -1;
}

/** Where packets are compressed, short ones are not: a frame header of 7 bytes, the last three of them zero, comes before. */
function isInCompressedFrame(bytes: Uint8Array, at: number, end: number): boolean {
  return at >= 7 && sizeAt(bytes, at - 7) === end - at && sizeAt(bytes, at - 3) === 0;
}

/** A command that ends with the window, or another follows it. */
function isWholeCommand(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at <= HEADER_BYTES || bytes[at + 3] !== 0) return false;
  const size = sizeAt(bytes, at);
  const next = at + HEADER_BYTES + size;
  const first = bytes[at + HEADER_BYTES] ?? 0;
  if (commandOf(first, size) === undefined || !hasText(bytes, at + HEADER_BYTES, first)) return false;
  if (next === end) return true;
  return (
    next + HEADER_BYTES < end &&
    bytes[next + 3] === 0 &&
    commandOf(bytes[next + HEADER_BYTES] ?? 0, sizeAt(bytes, next)) !== undefined
  );
}

/** Queries begin with a letter, a bracket, a comment or white space; or with the count of their attributes. */
function hasText(bytes: Uint8Array, at: number, first: number): boolean {
  if (first !== Command.Query && first !== Command.Prepare) return true;
  const next = bytes[at + 1] ?? 0;
  return (
    (next >= 0x20 && next < 0x7f && !isDigit(next)) || next === 0x0a || next === 0x0d || bytes[at + 2] === 1
  );
}

function sizeAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
