// Chunked bodies. In: bytes of one direction, possibly cut anywhere. Out: the lengths of chunks, and where the last one ends when
// a hole hides how the others lie. Not here: heads (messages.ts), whose body it is (exchange.ts).
// Spec: RFC 9112 §7.1 (https://www.rfc-editor.org/rfc/rfc9112#section-7.1)

import type { ByteReader } from '../../base/bytes.ts';
import { INVALID, NEED_MORE } from '../contract.ts';
import { lineEnd, LENGTH_LIMIT_BYTES, matches, readHeaders, waitOrGiveUp } from './messages.ts';
import type { HttpMessage } from './messages.ts';

/** A chunk header is a length and perhaps an extension (the signature of AWS has 85 bytes). */
const CHUNK_LINE_LIMIT_BYTES = 1024;
const LAST_CHUNK = '\r\n0\r\n';
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * Length of the chunk at the reader's position, its data included whether or not they are captured. The last one is the
 * empty chunk and its trailers. Sets `isLast`.
 */
export function readChunk(reader: ByteReader, message: HttpMessage): number {
  const { bytes, at, end } = reader;
  let index = at;
  let size = 0;
  for (let digit = hexDigit(bytes[index]); digit >= 0 && index < end; digit = hexDigit(bytes[index])) {
    size = size * 16 + digit;
    if (size > LENGTH_LIMIT_BYTES) return INVALID;
    index++;
  }
  if (index === end) return index - at > 16 ? INVALID : NEED_MORE;
  if (index === at || !endsChunkSize(bytes[index])) return INVALID;
  const dataStart = lineEnd(bytes, index, end);
  if (dataStart < 0) return end - at > CHUNK_LINE_LIMIT_BYTES ? INVALID : NEED_MORE;
  message.isLast = size === 0;
  if (size > 0) return dataStart - at + size + 2;
  const trailersEnd = readHeaders(bytes, dataStart, end, message);
  return trailersEnd > 0 ? trailersEnd - at : waitOrGiveUp(reader, trailersEnd);
}

/**
 * Where a chunked body ends in bytes of which the chunk boundaries are not known: offset after the empty chunk and its
 * trailers, or -1. Seven bytes that data almost never hold.
 */
export function findLastChunk(reader: ByteReader, message: HttpMessage): number {
  const { bytes, at: start, end } = reader;
  let found = -1;
  for (let at = start; found < 0 && at + LAST_CHUNK.length <= end; at++) {
    if (bytes[at] !== CR || !matches(bytes, at, end, LAST_CHUNK)) continue;
    const trailersEnd = readHeaders(bytes, at + LAST_CHUNK.length, end, message);
    if (trailersEnd > 0) found = trailersEnd - start;
  }
  return found;
}

/** How many bytes at the end of the window may be the beginning of the last chunk. */
export function beginOfLastChunk(reader: ByteReader): number {
  const { bytes, at, end } = reader;
  const whole = `${LAST_CHUNK}\r\n`;
  for (let length = Math.min(whole.length - 1, end - at); length > 0; length--)
    if (matches(bytes, end - length, end, whole.slice(0, length))) return length;
  return 0;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** What may follow the size of a chunk: the end of the line, an extension, or blanks before either. */
function endsChunkSize(byte: number | undefined): boolean {
  return byte === CR || byte === LF || byte === 0x3b /* ; */ || byte === SPACE || byte === TAB;
}
