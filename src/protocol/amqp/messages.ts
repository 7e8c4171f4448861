// AMQP 0-9-1 frames. In: bytes of one direction from the start of a frame. Out: its channel, and of a method the names, numbers and
// flags that matching and naming need; bodies are passed over. Not here: which answer belongs to which call (exchange.ts).
// Spec: https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf §4.2

import type { ByteReader } from '../../base/bytes.ts';
import { INVALID, NEED_MORE } from '../contract.ts';
import { Id, isMethod, methodId, methodOf } from './methods.ts';
import type { Method } from './methods.ts';

export const FrameType = { method: 1, header: 2, body: 3, heartbeat: 8, protocol: 0x41 /* A */ } as const;
const FRAME_END = 0xce;
const HEADER_BYTES = 7;
const PROTOCOL_BYTES = 8;
/** Brokers use 128 KiB and refuse more than they were told. */
const FRAME_LIMIT_BYTES = 16 << 20;
/** Class, method, three texts of 255 and some flags. */
const METHOD_BYTES = 800;
/** Class, weight, size of the body. */
const CONTENT_BYTES = 12;
const TEXTS = 3;

/** What the latest `next` has read. Places are in `bytes`, valid until the next frame is read. */
export class AmqpMessage {
  bytes: Uint8Array = new Uint8Array(0);
  type = 0;
  channel = 0;
  /** Without header and end. */
  size = 0;
  /** Class and method as one number; 0 when they were not captured. */
  id = 0;
  method: Method | undefined = undefined;
  /** Texts that were captured. */
  count = 0;
  readonly starts = new Int32Array(TEXTS);
  readonly ends = new Int32Array(TEXTS);
  /** No answer is wanted. */
  isNoWait = false;
  /** Of ack and nack. */
  deliveryTag = 0;
  isMultiple = false;
  /** Of a close by the server. */
  replyCode = 0;
  /** Of a content header. */
  bodyBytes = 0;
}

export function readFrame(reader: ByteReader, message: AmqpMessage): number {
  const start = reader.at;
  message.type = reader.peek();
  if (message.type === FrameType.protocol) return readProtocol(reader, message);
  if (reader.left < HEADER_BYTES) return reader.left > 0 && !isType(message.type) ? INVALID : NEED_MORE;
  reader.skip(1);
  message.channel = reader.u16be();
  message.size = reader.u32be();
  const length = HEADER_BYTES + message.size + 1;
  const end = start + length;
  if (!isType(message.type) || message.size > FRAME_LIMIT_BYTES) return INVALID;
  if (end <= reader.end && reader.bytes[end - 1] !== FRAME_END) return INVALID;
  if (reader.left < wantedBytes(message) && !reader.isCut) return NEED_MORE;
  message.bytes = reader.bytes;
  return readPayload(reader, message, end - 1) ? length : INVALID;
}

function readProtocol(reader: ByteReader, message: AmqpMessage): number {
  if (reader.left < PROTOCOL_BYTES) return NEED_MORE;
  message.channel = 0;
  return reader.peek(1) === 0x4d && reader.peek(2) === 0x51 && reader.peek(3) === 0x50
    ? PROTOCOL_BYTES
    : INVALID;
}

function isType(type: number): boolean {
  return (type >= FrameType.method && type <= FrameType.body) || type === FrameType.heartbeat;
}

function wantedBytes({ type, size }: AmqpMessage): number {
  if (type === FrameType.method) return Math.min(size, METHOD_BYTES);
  return type === FrameType.header ? Math.min(size, CONTENT_BYTES) : 0;
}

function readPayload(reader: ByteReader, message: AmqpMessage, end: number): boolean {
  message.id = 0;
  message.method = undefined;
  message.count = 0;
  message.isNoWait = false;
  if (message.type === FrameType.heartbeat) return message.size === 0;
  if (message.type === FrameType.method) return readMethod(reader, message, end);
  if (message.type === FrameType.header) readContent(reader, message);
  return true;
}

function readContent(reader: ByteReader, message: AmqpMessage): void {
  reader.skip(4);
  const high = reader.u32be();
  message.bodyBytes = high * 2 ** 32 + reader.u32be();
}

function readMethod(reader: ByteReader, message: AmqpMessage, end: number): boolean {
  const classId = reader.u16be();
  const method = reader.u16be();
  if (reader.short) return true;
  if (!isMethod(classId, method)) return false;
  message.id = methodId(classId, method);
  message.method = methodOf(message.id);
  if (message.method !== undefined) readArguments(reader, message, message.method, end);
  else if (message.id === Id.ack || message.id === Id.nack) readAck(reader, message);
  else if (message.id === Id.connectionOpen) readText(reader, message, end);
  if (message.id === Id.connectionClose || message.id === Id.channelClose) message.replyCode = reader.u16be();
  return true;
}

function readAck(reader: ByteReader, message: AmqpMessage): void {
  const high = reader.u32be();
  message.deliveryTag = high * 2 ** 32 + reader.u32be();
  message.isMultiple = (reader.u8() & 1) === 1;
}

function readArguments(reader: ByteReader, message: AmqpMessage, method: Method, end: number): void {
  if (method.isReserved) reader.skip(2);
  for (let index = 0; index < method.texts; index++) if (!readText(reader, message, end)) return;
  if (method.noWaitBit >= 0 && reader.at < end)
    message.isNoWait = ((reader.u8() >> method.noWaitBit) & 1) === 1;
}

function readText(reader: ByteReader, message: AmqpMessage, end: number): boolean {
  const length = reader.u8();
  const start = reader.at;
  if (start + length > Math.min(end, reader.end)) return false;
  reader.skip(length);
  message.starts[message.count] = start;
  message.ends[message.count] = start + length;
  message.count++;
  return true;
}
