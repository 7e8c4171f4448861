// Are these bytes AMQP 0-9-1, and where does a frame begin? In: bytes from any place of one direction. Out: a likelihood, an offset.

import { ByteReader } from '../../base/bytes.ts';
import type { Likelihood, Side } from '../contract.ts';
import { AmqpMessage, FrameType, readFrame } from './messages.ts';

const PROTOCOL = [0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1];
/** channel_max of brokers; more is not agreed on. */
const CHANNEL_LIMIT = 2047;

const message = new AmqpMessage();
const window = new ByteReader();

/** AMQP 1.0 begins with other numbers behind the four letters. */
export function looksLikeAmqp(reader: ByteReader, from: Side): Likelihood {
  if (reader.peek() === FrameType.protocol)
    return from === 'client' && PROTOCOL.every((byte, index) => reader.peek(index) === byte) ? 3 : 0;
  return isFrameAt(reader.bytes, reader.at, reader.end) ? 3 : 0;
}

export function findFrame(reader: ByteReader, from: Side): number {
  for (let at = reader.at; at < reader.end; at++) {
    if (isFrameAt(reader.bytes, at, reader.end)) return at - reader.at;
    if (from === 'client' && PROTOCOL.every((byte, index) => reader.bytes[at + index] === byte))
      return at - reader.at;
  }
  return -1;
}

/** A whole frame with its end; or the first bytes of a long one whose content says what it is. */
function isFrameAt(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at] === FrameType.protocol) return false;
  const length = readFrame(window.reset(bytes, at, end), message);
  if (length <= 0 || message.channel > CHANNEL_LIMIT) return false;
  if (message.type === FrameType.heartbeat) return message.channel === 0 && at + length <= end;
  if (message.type === FrameType.body) return at + length <= end && message.channel > 0;
  return message.type === FrameType.header ? at + length <= end : message.id > 0;
}
