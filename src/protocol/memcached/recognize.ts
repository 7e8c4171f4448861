// Are these bytes memcached, and where does a message begin? In: bytes from any place of one direction. Out: a likelihood, an offset.

import { ByteReader } from '../../base/bytes.ts';
import type { Likelihood, Side } from '../contract.ts';
import { Magic, MemcachedMessage, readAnswer, readCommand } from './messages.ts';

const NEWLINE = 10;
/** So many pieces of an answer one behind the other do not happen in a value by chance. */
const CHAIN = 4;

const message = new MemcachedMessage();
const window = new ByteReader();

export function looksLikeMemcached(reader: ByteReader, from: Side): Likelihood {
  const first = reader.peek();
  window.reset(reader.bytes, reader.at, reader.end);
  const length = from === 'client' ? readCommand(window, message) : readAnswer(window, message);
  if (length <= 0) return 0;
  if (first === Magic.request || first === Magic.response) return 3;
  return from === 'client' ? looksLikeCommand() : looksLikeAnswer();
}

/** `set key 0 60 5` with its numbers is memcached and nothing else; `get key` may be another protocol's. */
function looksLikeCommand(): Likelihood {
  const { command } = message;
  if (command === undefined) return 0;
  if (command.size === 4) return message.numberAt(2) >= 0 ? 3 : 0;
  return command.key > 0 ? 2 : 1;
}

function looksLikeAnswer(): Likelihood {
  const { word } = message;
  if (word === 'VALUE') return 3;
  return word === 'number' || word === 'OK' || word === 'VERSION' || word === 'ERROR' ? 1 : 2;
}

export function findMessage(reader: ByteReader, from: Side): number {
  for (let at = reader.at; at < reader.end; at++)
    if (isPlausible(reader.bytes, at, reader.at, reader.end, from)) return at - reader.at;
  return -1;
}

/** A packet, or lines that lead to the end of what is there. */
function isPlausible(bytes: Uint8Array, at: number, start: number, end: number, from: Side): boolean {
  const first = bytes[at] ?? 0;
  if (first === (from === 'client' ? Magic.request : Magic.response))
    return lengthAt(bytes, at, end, from) > 0;
  const isLineStart = at === start || bytes[at - 1] === NEWLINE;
  if (!isLineStart || !isWordStart(first, from)) return false;
  return from === 'client' ? isCommandAt(bytes, at, end) : isChain(bytes, at, end);
}

/** Commands are written in small letters, answers in capitals. */
function isWordStart(byte: number, from: Side): boolean {
  return from === 'client' ? byte >= 97 && byte <= 122 : byte >= 65 && byte <= 90;
}

function isCommandAt(bytes: Uint8Array, at: number, end: number): boolean {
  const length = lengthAt(bytes, at, end, 'client');
  if (length <= 0) return false;
  const { command } = message;
  return (
    command !== undefined && (command.size === 0 || length <= end - at || message.numberAt(command.size) >= 0)
  );
}

function isChain(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (let count = 0; at < end && count < CHAIN; count++) {
    const length = lengthAt(bytes, at, end, 'server');
    if (length < 0) return false;
    if (length === 0) return count > 0;
    at += length;
  }
  return true;
}

function lengthAt(bytes: Uint8Array, at: number, end: number, from: Side): number {
  window.reset(bytes, at, end);
  return from === 'client' ? readCommand(window, message) : readAnswer(window, message);
}
