// Are these bytes NATS, and where does a message begin? In: bytes from any place of one direction. Out: a likelihood, an offset.

import { ByteReader } from '../../base/bytes.ts';
import type { Likelihood, Side } from '../contract.ts';
import { Kind, NatsMessage, readMessage } from './messages.ts';

const NEWLINE = 10;
const message = new NatsMessage();
const window = new ByteReader();

/** `INFO {…}` and `CONNECT {…}` are NATS and nothing else. */
export function looksLikeNats(reader: ByteReader, from: Side): Likelihood {
  const length = lengthAt(reader.bytes, reader.at, reader.end, from);
  if (length <= 0) return 0;
  if (message.kind === Kind.info || message.kind === Kind.connect) return 3;
  if (message.kind === Kind.message || message.kind === Kind.publish) return 2;
  return 1;
}

/** A line that is whole and well formed, at the beginning of a line. */
export function findMessage(reader: ByteReader, from: Side): number {
  for (let at = reader.at; at < reader.end; at++) {
    const isLineStart = at === reader.at || reader.bytes[at - 1] === NEWLINE;
    if (isLineStart && isWhole(reader.bytes, at, reader.end, from)) return at - reader.at;
  }
  return -1;
}

/** With a payload that fits: its end is a line's end, or lies outside. */
function isWhole(bytes: Uint8Array, at: number, end: number, from: Side): boolean {
  const length = lengthAt(bytes, at, end, from);
  return length > 0 && (at + length > end || bytes[at + length - 1] === NEWLINE);
}

function lengthAt(bytes: Uint8Array, at: number, end: number, from: Side): number {
  return readMessage(window.reset(bytes, at, end), message, from === 'client');
}
