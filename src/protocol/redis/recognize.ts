// Are these bytes Redis, and where does a message begin? In: bytes from any place of one direction. Out: a likelihood, an offset.

import { ByteReader } from '../../base/bytes.ts';
import type { Likelihood, Side } from '../contract.ts';
import { readCommand, readElement, RedisMessage, Type } from './messages.ts';

/** So many elements one behind the other do not happen in a value by chance. */
const CHAIN = 8;
const NEWLINE = 10;

const message = new RedisMessage();
const window = new ByteReader();

export function looksLikeRedis(reader: ByteReader, from: Side): Likelihood {
  return from === 'client' ? looksLikeCommand(reader) : looksLikeAnswer(reader);
}

/** `*2 $3 GET` is Redis and nothing else; a line of words may be another protocol's. */
function looksLikeCommand(reader: ByteReader): Likelihood {
  window.reset(reader.bytes, reader.at, reader.end);
  const isArray = reader.peek() === Type.array;
  const length = readCommand(window, message);
  if (length < 0) return 0;
  if (isArray) return message.count > 0 && message.isName(0) ? 3 : 0;
  return length > 0 && isInlineCommand() ? 1 : 0;
}

/** Those that people type, and health checks send. */
function isInlineCommand(): boolean {
  return message.is(0, 'PING') || message.is(0, 'INFO') || message.is(0, 'QUIT') || message.is(0, 'MONITOR');
}

function looksLikeAnswer(reader: ByteReader): Likelihood {
  const first = reader.peek();
  const end = chainEnd(reader.bytes, reader.at, reader.end);
  if (end < 0) return 0;
  return first === Type.bulk || first === Type.array || first === Type.map ? 2 : 1;
}

/** Where elements one behind the other end: at the end of the bytes, or when they are enough; -1 when they are broken. */
function chainEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let count = 0;
  while (at < end && count < CHAIN) {
    const length = readElement(window.reset(bytes, at, end), message);
    if (length < 0) return -1;
    if (length === 0) return count > 1 ? end : -1;
    at += length;
    count++;
  }
  return count > 0 ? at : -1;
}

/** Where a command begins: only what is written as an array is looked for. */
export function findCommand(reader: ByteReader): number {
  for (let at = reader.at; at < reader.end; at++) {
    if (reader.bytes[at] !== Type.array) continue;
    const length = readCommand(window.reset(reader.bytes, at, reader.end), message);
    if (length >= 0 && message.known > 0 && message.isName(0)) return at - reader.at;
  }
  return -1;
}

/**
 * Where an element of an answer begins: from there on all is well formed. When there is none and the bytes end as
 * strings do, they are the rest of the last string of an answer.
 */
export function findElement(reader: ByteReader): number {
  for (let at = reader.at; at < reader.end; at++) {
    const isLineStart = at === reader.at || reader.bytes[at - 1] === NEWLINE;
    const end = isLineStart || at < reader.at + 64 ? chainEnd(reader.bytes, at, reader.end) : -1;
    if (end >= 0 && (isLineStart || end === reader.end)) return at - reader.at;
  }
  const isEnd =
    reader.left > 1 && reader.bytes[reader.end - 1] === NEWLINE && reader.bytes[reader.end - 2] === 13;
  return isEnd ? reader.left : -1;
}
