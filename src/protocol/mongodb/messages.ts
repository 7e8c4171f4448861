// MongoDB wire messages. In: bytes of one direction from the start of a message. Out: its header and where its documents are.
// The first 16 KiB are waited for, as an agent captures them; a longer message is skipped by its length.
// Not here: what the documents say (statement.ts, answer.ts), which answer belongs to which command (exchange.ts).
// Spec: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/

import type { ByteReader } from '../../base/bytes.ts';
import { INVALID, NEED_MORE } from '../contract.ts';
import { SMALLEST_DOCUMENT_BYTES } from './bson.ts';

export const OpCode = { Reply: 1, Query: 2004, Compressed: 2012, Message: 2013 } as const;

export const Flag = { Checksum: 1, MoreToCome: 1 << 1, ExhaustAllowed: 1 << 16 } as const;
/** Of the lower 16 bits, a reader must refuse those that it does not know; the upper ones may be anything. */
const REQUIRED_BITS = 0xfffc;
/** Flag of OP_REPLY. */
const QUERY_FAILURE = 2;

export const HEADER_BYTES = 16;
/** maxMessageSizeBytes. */
const LENGTH_LIMIT_BYTES = 48_000_000;
/** What an agent captures of one write. */
const LOOK_BYTES = 16 * 1024;
const CHECKSUM_BYTES = 4;
/** Database and collection: 255 bytes at most, and the server refuses longer ones. */
const NAME_LIMIT_BYTES = 512;

/** What the latest `next` has read. Places are in `bytes`, valid until the next message is read. */
export class MongoMessage {
  bytes: Uint8Array = new Uint8Array(0);
  opCode = 0;
  requestId = 0;
  responseTo = 0;
  /** Of OP_MSG. */
  flags = 0;
  /** Where the command, its answer, or the first document of OP_REPLY begins; -1: not captured, or there is none. */
  body = -1;
  /** Documents that stand beside the command: bytes[listName, listNameEnd) names them, the first is at `list`; -1. */
  list = -1;
  listName = 0;
  listNameEnd = 0;
  /** Documents that OP_REPLY announces. */
  replyCount = 0;
  /** OP_REPLY: the query failed, and its document says why. */
  isQueryFailed = false;
  /** OP_QUERY: `database.collection`. */
  spaceStart = 0;
  spaceEnd = 0;
  /** What is captured and looked at ends here. */
  limit = 0;

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }
}

/** Length of the message, or NEED_MORE, or INVALID. */
export function readMessage(reader: ByteReader, message: MongoMessage): number {
  const start = reader.at;
  const length = readHeader(reader, message);
  if (length <= 0) return length;
  const wanted = Math.min(length, LOOK_BYTES);
  if (reader.end - start < wanted && !reader.isCut) return NEED_MORE;
  message.limit = Math.min(reader.end, start + wanted);
  readContent(reader, message, start + length);
  return length;
}

function readHeader(reader: ByteReader, message: MongoMessage): number {
  if (reader.left < HEADER_BYTES) return NEED_MORE;
  const length = reader.u32le();
  message.requestId = reader.u32le() | 0;
  message.responseTo = reader.u32le() | 0;
  message.opCode = reader.u32le();
  return length <= HEADER_BYTES || length > LENGTH_LIMIT_BYTES || !isKnown(message.opCode) ? INVALID : length;
}

function isKnown(opCode: number): boolean {
  return (
    opCode === OpCode.Message ||
    opCode === OpCode.Compressed ||
    opCode === OpCode.Query ||
    opCode === OpCode.Reply
  );
}

function readContent(reader: ByteReader, message: MongoMessage, end: number): void {
  message.bytes = reader.bytes;
  message.flags = 0;
  message.body = -1;
  message.list = -1;
  if (message.opCode === OpCode.Message) readSections(reader, message, end);
  else if (message.opCode === OpCode.Query) readQuery(reader, message);
  else if (message.opCode === OpCode.Reply) readReply(reader, message);
}

/** Kind 0: the command. Kind 1: a list of documents that belongs to it, before or behind it. */
function readSections(reader: ByteReader, message: MongoMessage, messageEnd: number): void {
  message.flags = reader.u32le();
  const end = message.has(Flag.Checksum) ? messageEnd - CHECKSUM_BYTES : messageEnd;
  while (reader.at + 1 + 4 <= Math.min(end, message.limit)) {
    const kind = reader.u8();
    const start = reader.at;
    const size = reader.u32le();
    if (size < 4 || kind > 1) return;
    if (kind === 0) message.body = start;
    else noteList(reader, message);
    reader.at = start + size;
  }
}

function noteList(reader: ByteReader, message: MongoMessage): void {
  const length = reader.find(0);
  if (length < 0) return;
  message.listName = reader.at;
  message.listNameEnd = reader.at + length;
  message.list = message.listNameEnd + 1;
}

function readQuery(reader: ByteReader, message: MongoMessage): void {
  reader.skip(4);
  const length = reader.find(0);
  if (length < 0 || length > NAME_LIMIT_BYTES) return;
  message.spaceStart = reader.at;
  message.spaceEnd = reader.at + length;
  message.body = message.spaceEnd + 1 + 8;
}

function readReply(reader: ByteReader, message: MongoMessage): void {
  message.isQueryFailed = (reader.u32le() & QUERY_FAILURE) !== 0;
  reader.skip(12);
  message.replyCount = reader.u32le();
  if (!reader.short && message.replyCount > 0) message.body = reader.at;
}

/** A message that can be nothing else begins here: header, flags and first section agree. Fewer bytes than that: false. */
export function isMessageAt(bytes: Uint8Array, at: number, end: number, isAnswer: boolean): boolean {
  if (at + HEADER_BYTES + 5 > end) return false;
  const length = int32(bytes, at);
  const opCode = int32(bytes, at + 12);
  const isResponding = int32(bytes, at + 8) !== 0;
  if (length < HEADER_BYTES + 9 || length > LENGTH_LIMIT_BYTES || isResponding !== isAnswer) return false;
  const first = int32(bytes, at + HEADER_BYTES);
  if (opCode === OpCode.Message) return isSectionAt(bytes, at, end, length, first);
  if (opCode === OpCode.Compressed)
    return first === OpCode.Message || first === OpCode.Query || first === OpCode.Reply;
  if (opCode === OpCode.Query) return !isAnswer && isNameAt(bytes, at + HEADER_BYTES + 4, end);
  return opCode === OpCode.Reply && isAnswer && first >= 0 && first < 16;
}

function isSectionAt(bytes: Uint8Array, at: number, end: number, length: number, flags: number): boolean {
  const kind = bytes[at + HEADER_BYTES + 4] ?? 0;
  const sizeAt = at + HEADER_BYTES + 5;
  if ((flags & REQUIRED_BITS) !== 0 || kind > 1 || sizeAt + 4 > end) return false;
  const size = int32(bytes, sizeAt);
  return size >= SMALLEST_DOCUMENT_BYTES && size <= length - HEADER_BYTES - 5;
}

/** `database.`: printable. */
function isNameAt(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end && at - start < NAME_LIMIT_BYTES; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x2e /* . */) return at > start;
    if (byte <= 0x20) return false;
  }
  return false;
}

function int32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}
