// Kafka requests and answers. In: bytes of one direction from the start of a message. Out: of a request its kind and first topic, of
// an answer its number and where its body begins; records are passed over. Not here: which answer belongs to which request.
// Spec: https://kafka.apache.org/protocol.html#protocol_messages

import { ByteReader } from '../../base/bytes.ts';
import { INVALID, NEED_MORE } from '../contract.ts';
import { ApiKey, apiOf, ErrorAt } from './apis.ts';
import type { Api } from './apis.ts';

const SIZE_BYTES = 4;
/** Kind, version, number, length of the client's name. */
const HEADER_BYTES = 10;
/** Brokers refuse requests of more than 100 MiB (socket.request.max.bytes); answers are not longer. */
const LENGTH_LIMIT_BYTES = 128 << 20;
/** Names of a client, a transaction and a topic, 255 bytes at most each, and what stands between. */
const LOOK_BYTES = 1024;
const CLIENT_NAME_LIMIT_BYTES = 255;
const TOPIC_LIMIT_BYTES = 249;
/** Versions are below 20 today. */
const VERSION_LIMIT = 30;
/** From here on Produce and Fetch name topics by ids that only the broker knows. */
const TOPIC_IDS_FROM = 13;

/** What the latest `next` has read. Places are in `bytes`, valid until the next message is read. */
export class KafkaMessage {
  bytes: Uint8Array = new Uint8Array(0);
  api: Api | undefined = undefined;
  version = 0;
  /** The answer repeats it. */
  correlation = 0;
  /** First topic of Produce or Fetch; empty when it is not known. */
  topicStart = 0;
  topicEnd = 0;
  topicCount = 0;
  /** The client wants no answer (acks = 0). */
  isSilent = false;
  /** Of an answer. */
  bodyStart = 0;
  limit = 0;
}

export function readRequest(reader: ByteReader, message: KafkaMessage): number {
  const start = reader.at;
  if (reader.left < SIZE_BYTES + HEADER_BYTES) return NEED_MORE;
  const length = SIZE_BYTES + reader.u32be();
  const api = apiOf(reader.u16be());
  message.api = api;
  message.version = reader.u16be();
  message.correlation = reader.u32be();
  const nameBytes = int16(reader);
  const isPossible =
    length >= SIZE_BYTES + HEADER_BYTES + Math.max(0, nameBytes) && length <= LENGTH_LIMIT_BYTES;
  if (api === undefined || message.version > VERSION_LIMIT || !isPossible) return INVALID;
  if (nameBytes < -1 || nameBytes > CLIENT_NAME_LIMIT_BYTES) return INVALID;
  const wanted = Math.min(length, LOOK_BYTES);
  if (reader.end - start < wanted && !reader.isCut) return NEED_MORE;
  message.bytes = reader.bytes;
  message.topicStart = 0;
  message.topicEnd = 0;
  message.topicCount = 0;
  message.isSilent = false;
  const nameEnd = reader.at + Math.max(0, nameBytes);
  if (!isPrintable(reader.bytes, reader.at, Math.min(nameEnd, reader.end))) return INVALID;
  reader.at = Math.min(nameEnd, reader.end);
  readBody(reader, message, api);
  return length;
}

function isPrintable(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) < 32) return false;
  return true;
}

function readBody(reader: ByteReader, message: KafkaMessage, api: Api): void {
  const isFlexible = message.version >= api.flexibleFrom;
  if (isFlexible) skipTags(reader);
  if (api.key === ApiKey.Produce) readProduce(reader, message, isFlexible);
  else if (api.key === ApiKey.Fetch) readFetch(reader, message, isFlexible);
}

function readProduce(reader: ByteReader, message: KafkaMessage, isFlexible: boolean): void {
  if (message.version >= 3) skipText(reader, isFlexible);
  const acks = int16(reader);
  reader.skip(4);
  if (reader.short) return;
  message.isSilent = acks === 0;
  readTopic(reader, message, isFlexible);
}

/** Replica, longest wait, bytes wanted; bytes at most, isolation, session: each from some version on. */
function readFetch(reader: ByteReader, message: KafkaMessage, isFlexible: boolean): void {
  const { version } = message;
  reader.skip(version >= 15 ? 8 : 12);
  if (version >= 3) reader.skip(4);
  if (version >= 4) reader.skip(1);
  if (version >= 7) reader.skip(8);
  readTopic(reader, message, isFlexible);
}

function readTopic(reader: ByteReader, message: KafkaMessage, isFlexible: boolean): void {
  const count = isFlexible ? varint(reader) - 1 : reader.u32be();
  if (reader.short || count <= 0 || message.version >= TOPIC_IDS_FROM) return;
  const length = textLength(reader, isFlexible);
  if (reader.short || length <= 0 || length > TOPIC_LIMIT_BYTES || reader.left < length) return;
  message.topicCount = count;
  message.topicStart = reader.at;
  message.topicEnd = reader.at + length;
}

/** The size and the number; all else depends on what was asked. */
export function readAnswer(reader: ByteReader, message: KafkaMessage): number {
  const start = reader.at;
  if (reader.left < SIZE_BYTES + 4) return NEED_MORE;
  const length = SIZE_BYTES + reader.u32be();
  message.correlation = reader.u32be();
  if (length < SIZE_BYTES + 4 || length > LENGTH_LIMIT_BYTES) return INVALID;
  const wanted = Math.min(length, LOOK_BYTES);
  if (reader.end - start < wanted && !reader.isCut) return NEED_MORE;
  message.bytes = reader.bytes;
  message.bodyStart = reader.at;
  message.limit = Math.min(reader.end, start + wanted);
  return length;
}

const answer = new ByteReader();

/** The error code of an answer to this request; 0 when it went well, or does not say so in one place. */
export function errorCodeOf(message: KafkaMessage, api: Api, version: number): number {
  answer.reset(message.bytes, message.bodyStart, message.limit);
  const isFlexible = version >= api.flexibleFrom;
  // The answer to ApiVersions has no tags, so that clients of any age can read it.
  if (isFlexible && api.key !== ApiKey.ApiVersions) skipTags(answer);
  if (api.errorAt === ErrorAt.none) return 0;
  if (api.errorAt === ErrorAt.behindThrottle && version >= api.throttledFrom) answer.skip(4);
  if (api.errorAt === ErrorAt.firstPartition && !skipToPartition(isFlexible, version)) return 0;
  const code = int16(answer);
  return answer.short ? 0 : code;
}

/** Topics, the first one's name or id, its partitions, the first one's number. */
function skipToPartition(isFlexible: boolean, version: number): boolean {
  const topics = isFlexible ? varint(answer) - 1 : answer.u32be();
  if (answer.short || topics <= 0) return false;
  if (version >= TOPIC_IDS_FROM) answer.skip(16);
  else skipText(answer, isFlexible);
  const partitions = isFlexible ? varint(answer) - 1 : answer.u32be();
  if (answer.short || partitions <= 0) return false;
  answer.skip(4);
  return true;
}

function int16(reader: ByteReader): number {
  return (reader.u16be() << 16) >> 16;
}

function varint(reader: ByteReader): number {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = reader.u8();
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

function textLength(reader: ByteReader, isFlexible: boolean): number {
  return isFlexible ? varint(reader) - 1 : int16(reader);
}

function skipText(reader: ByteReader, isFlexible: boolean): void {
  reader.skip(Math.max(0, textLength(reader, isFlexible)));
}

const TAGS_LIMIT = 16;

function skipTags(reader: ByteReader): void {
  const count = Math.min(varint(reader), TAGS_LIMIT);
  for (let index = 0; index < count && !reader.short; index++) {
    varint(reader);
    reader.skip(varint(reader));
  }
}
