// WebSocket frames. In: bytes of one direction from the start of a frame. Out: its kind and whether its message ends with it; payloads
// are passed over by the length that stands before them. Not here: messages (exchange.ts), payloads, extensions.
// Spec: RFC 6455 §5.2

import type { ByteReader } from '../../base/bytes.ts';
import { INVALID, NEED_MORE } from '../contract.ts';
import type { Side } from '../contract.ts';

export const OpCode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const LAST = 0x80;
/** RSV1: the message is compressed (RFC 7692). */
const COMPRESSED = 0x40;
const RESERVED = 0x30;
const MASKED = 0x80;
const MASK_BYTES = 4;
const CONTROL_LIMIT_BYTES = 125;
/** Nobody sends a frame of a gigabyte. */
const LENGTH_LIMIT_BYTES = 2 ** 30;

/** What the latest `next` has read. */
export class WebSocketMessage {
  opCode = 0;
  /** The message ends with this frame. */
  isLast = false;
}

/** Frames of a client are masked, those of a server are not. */
export function readFrame(reader: ByteReader, message: WebSocketMessage, from: Side): number {
  if (reader.left < 2) return NEED_MORE;
  const start = reader.at;
  const first = reader.u8();
  const second = reader.u8();
  message.opCode = first & 0x0f;
  message.isLast = (first & LAST) !== 0;
  const isMasked = (second & MASKED) !== 0;
  if ((first & RESERVED) !== 0 || isMasked !== (from === 'client') || !isAllowed(message, first, second))
    return INVALID;
  const size = payloadBytes(reader, second & 0x7f);
  if (reader.short) return NEED_MORE;
  if (size > LENGTH_LIMIT_BYTES) return INVALID;
  return reader.at - start + (isMasked ? MASK_BYTES : 0) + size;
}

/** Control frames are short and whole; only the first frame of a message says that it is compressed. */
function isAllowed({ opCode, isLast }: WebSocketMessage, first: number, second: number): boolean {
  const isCompressed = (first & COMPRESSED) !== 0;
  if (opCode === OpCode.text || opCode === OpCode.binary) return true;
  if (isCompressed) return false;
  if (opCode === OpCode.continuation) return true;
  const isControl = opCode >= OpCode.close && opCode <= OpCode.pong;
  return isControl && isLast && (second & 0x7f) <= CONTROL_LIMIT_BYTES;
}

function payloadBytes(reader: ByteReader, short: number): number {
  if (short < 126) return short;
  if (short === 126) return reader.u16be();
  const high = reader.u32be();
  return high * 2 ** 32 + reader.u32be();
}
