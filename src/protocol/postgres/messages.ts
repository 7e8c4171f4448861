// PostgreSQL frontend and backend messages, protocol 3.
// In: bytes of one direction from the start of a message. Out: its tag, its length, and the few fields that matter.
// Not here: which answer belongs to which query (exchange.ts), time, values.
// Spec: https://www.postgresql.org/docs/current/protocol-message-formats.html

import type { ByteReader } from '../../base/bytes.ts';
import { INVALID, NEED_MORE } from '../contract.ts';

/** Tags of messages to the server. */
export const Ask = {
  Query: 0x51 /* Q */,
  Parse: 0x50 /* P */,
  Bind: 0x42 /* B */,
  Execute: 0x45 /* E */,
  Describe: 0x44 /* D */,
  Close: 0x43 /* C */,
  Sync: 0x53 /* S */,
  Flush: 0x48 /* H */,
  FunctionCall: 0x46 /* F */,
  CopyData: 0x64 /* d */,
  CopyDone: 0x63 /* c */,
  CopyFail: 0x66 /* f */,
  Password: 0x70 /* p, also SASL and GSS */,
  Terminate: 0x58 /* X */,
  // Without a tag on the wire; numbers that no tag has.
  Startup: 0x100,
  EncryptionRequest: 0x101 /* SSLRequest, GSSENCRequest */,
  CancelRequest: 0x102,
} as const;

/** Tags of messages from the server. */
export const Answer = {
  Authentication: 0x52 /* R */,
  ParameterStatus: 0x53 /* S */,
  BackendKeyData: 0x4b /* K */,
  NegotiateProtocolVersion: 0x76 /* v */,
  ReadyForQuery: 0x5a /* Z */,
  RowDescription: 0x54 /* T */,
  DataRow: 0x44 /* D */,
  CommandComplete: 0x43 /* C */,
  EmptyQueryResponse: 0x49 /* I */,
  ErrorResponse: 0x45 /* E */,
  NoticeResponse: 0x4e /* N */,
  NotificationResponse: 0x41 /* A */,
  ParseComplete: 0x31 /* 1 */,
  BindComplete: 0x32 /* 2 */,
  CloseComplete: 0x33 /* 3 */,
  NoData: 0x6e /* n */,
  ParameterDescription: 0x74 /* t */,
  PortalSuspended: 0x73 /* s */,
  CopyInResponse: 0x47 /* G */,
  CopyOutResponse: 0x48 /* H */,
  CopyBothResponse: 0x57 /* W */,
  CopyData: 0x64 /* d */,
  CopyDone: 0x63 /* c */,
  FunctionCallResponse: 0x56 /* V */,
  // One byte without a length, the answer to an EncryptionRequest.
  Encrypted: 0x101 /* S, G */,
  NotEncrypted: 0x102 /* N */,
} as const;

/** What the first 8 bytes of a connection ask for, as one number behind the length. */
const ProtocolCode = {
  cancel: 80877102,
  ssl: 80877103,
  gss: 80877104,
  version3: 3 << 16,
} as const;

/** The server refuses longer start-up packets. */
const STARTUP_LIMIT_BYTES = 10_000;
/** PQ_LARGE_MESSAGE_LIMIT: 1 GiB - 1. */
const LENGTH_LIMIT_BYTES = 0x3fffffff;
/** Server messages without a body, or with one of fixed length: tag → length field. */
const FIXED_LENGTH: Readonly<Record<number, number>> = {
  [Answer.ReadyForQuery]: 5,
  [Answer.ParseComplete]: 4,
  [Answer.BindComplete]: 4,
  [Answer.CloseComplete]: 4,
  [Answer.NoData]: 4,
  [Answer.PortalSuspended]: 4,
  [Answer.EmptyQueryResponse]: 4,
  [Answer.CopyDone]: 4,
};
/** Server tag → the longest it is in practice; a longer one is taken as garbage. 0: not a tag. */
const ANSWER_LIMIT = limits(
  [
    ['D', 'd', 'V'],
    ['T', 't', 'E', 'N', 'A'],
    ['R', 'S', 'K', 'C', 'G', 'H', 'W', 'v', 'Z', '1', '2', '3', 'n', 's', 'I', 'c'],
  ],
  [LENGTH_LIMIT_BYTES, 1 << 20, 1 << 16],
);
const ASK_LIMIT = limits(
  [
    ['Q', 'P', 'B', 'd', 'F'],
    ['E', 'D', 'C', 'f', 'p'],
    ['S', 'H', 'c', 'X'],
  ],
  [LENGTH_LIMIT_BYTES, 1 << 16, 4],
);

function limits(tags: readonly (readonly string[])[], bytes: readonly number[]): Uint32Array {
  const table = new Uint32Array(256);
  for (const [index, group] of tags.entries())
    for (const tag of group) table[tag.charCodeAt(0)] = bytes[index] ?? 0;
  return table;
}

/** One message. Text fields are places in `bytes`, valid until the next message is read. */
export class PostgresMessage {
  tag = 0;
  bytes: Uint8Array = new Uint8Array(0);
  /** Query text of Query and Parse, parameters of Bind. */
  textStart = 0;
  textEnd = 0;
  /** It goes on behind what was captured. */
  isTextCut = false;
  /** Statement name of Parse, Bind, Describe, Close. */
  statement = '';
  /** Portal name of Bind, Execute, Describe, Close. */
  portal = '';
  /** Rows of a CommandComplete, -1 when its tag has no number. */
  rows = -1;
  /** SQLSTATE of an ErrorResponse, database of a Startup. */
  text = '';
  /** The one byte that matters: status of ReadyForQuery, kind of Authentication or of Describe and Close. */
  code = 0;
}

/** Reads a message to the server; `isFirst`: it may be one without a tag. */
export function readAsk(reader: ByteReader, message: PostgresMessage, isFirst: boolean): number {
  if (isFirst && reader.peek() === 0) return readStartup(reader, message);
  const length = readHeader(reader, message, ASK_LIMIT);
  return length > 0 ? readAskBody(reader, message, length) : length;
}

/** Reads a message from the server; `isEncryptionAsked`: one byte is the answer to that. */
export function readAnswer(reader: ByteReader, message: PostgresMessage, isEncryptionAsked: boolean): number {
  if (isEncryptionAsked && reader.peek() !== Answer.ErrorResponse) return readEncryption(reader, message);
  const length = readHeader(reader, message, ANSWER_LIMIT);
  if (length <= 0) return length;
  const fixed = FIXED_LENGTH[message.tag];
  if (fixed !== undefined && fixed !== length - 1) return INVALID;
  return readAnswerBody(reader, message, length);
}

/** The tag and the length, which counts itself but not the tag. Returns the length with the tag. */
function readHeader(reader: ByteReader, message: PostgresMessage, limit: Uint32Array): number {
  if (reader.left === 0) return NEED_MORE;
  const tag = reader.u8();
  const most = limit[tag] ?? 0;
  if (most === 0) return INVALID;
  const length = reader.u32be();
  if (reader.short) return NEED_MORE;
  if (length < 4 || length > most) return INVALID;
  message.tag = tag;
  message.bytes = reader.bytes;
  return length + 1;
}

function readStartup(reader: ByteReader, message: PostgresMessage): number {
  const length = reader.u32be();
  const code = reader.u32be();
  if (reader.short) return NEED_MORE;
  if (length < 8 || length > STARTUP_LIMIT_BYTES) return INVALID;
  message.bytes = reader.bytes;
  if (code === ProtocolCode.ssl || code === ProtocolCode.gss) message.tag = Ask.EncryptionRequest;
  else if (code === ProtocolCode.cancel) message.tag = Ask.CancelRequest;
  else if (code >>> 16 === 3) return readParameters(reader, message, length);
  else return INVALID;
  return length;
}

/** `user`, `database`, `_pq_.…`: a request for Kafka's metadata begins as a start-up does, but for this. */
function isNameStart(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f;
}

/** Name and value pairs; the database is the user's when it is not named. */
function readParameters(reader: ByteReader, message: PostgresMessage, length: number): number {
  if (reader.left === 0) return NEED_MORE;
  if (!isNameStart(reader.peek())) return INVALID;
  if (reader.left < length - 8 && !reader.isCut) return NEED_MORE;
  let user = '';
  message.tag = Ask.Startup;
  message.text = '';
  while (!reader.short && reader.peek() > 0) {
    const name = reader.cstring();
    const value = reader.cstring();
    if (name === 'user') user = value;
    else if (name === 'database') message.text = value;
  }
  message.text ||= user;
  return length;
}

function readAskBody(reader: ByteReader, message: PostgresMessage, length: number): number {
  const end = reader.start + length;
  switch (message.tag) {
    case Ask.Query:
      return readText(reader, message, end);
    case Ask.Parse:
      message.statement = readName(reader);
      return readText(reader, message, end);
    case Ask.Bind:
      message.portal = readName(reader);
      message.statement = readName(reader);
      message.textStart = reader.at;
      message.textEnd = end;
      message.isTextCut = reader.end < end;
      break;
    case Ask.Execute:
      message.portal = readName(reader);
      break;
    case Ask.Describe:
    case Ask.Close:
      message.code = reader.u8();
      message.statement = readName(reader);
      break;
    default:
      break;
  }
  return wanted(reader, length);
}

/** The length, unless a field of the captured part is still to come. */
function wanted(reader: ByteReader, length: number): number {
  return reader.short && !reader.isCut ? NEED_MORE : length;
}

/** Names are nearly always empty or short: no decoder is asked for the empty one. */
function readName(reader: ByteReader): string {
  if (reader.peek() !== 0) return reader.cstring();
  reader.skip(1);
  return '';
}

/** Query text up to its zero byte, which may lie behind the captured bytes. */
function readText(reader: ByteReader, message: PostgresMessage, end: number): number {
  const whole = end - reader.start;
  if (reader.short) return wanted(reader, whole);
  const last = Math.min(end, reader.end);
  let at = reader.at;
  while (at < last && reader.bytes[at] !== 0) at++;
  if (at === last && last < end && !reader.isCut) return NEED_MORE;
  if (at === end) return INVALID;
  message.textStart = reader.at;
  message.textEnd = at;
  message.isTextCut = at === last;
  return whole;
}

function readEncryption(reader: ByteReader, message: PostgresMessage): number {
  const byte = reader.peek();
  if (byte < 0) return NEED_MORE;
  message.tag = byte === 0x4e /* N */ ? Answer.NotEncrypted : Answer.Encrypted;
  return byte === 0x53 /* S */ || byte === 0x47 /* G */ || byte === 0x4e ? 1 : INVALID;
}

function readAnswerBody(reader: ByteReader, message: PostgresMessage, length: number): number {
  switch (message.tag) {
    case Answer.CommandComplete:
      return readCommandTag(reader, message, length);
    case Answer.ErrorResponse:
      message.text = readSqlState(reader, reader.start + length);
      return wanted(reader, length);
    case Answer.ReadyForQuery: {
      message.code = reader.u8();
      const isStatus =
        message.code === 0x49 /* I */ || message.code === 0x54 /* T */ || message.code === 0x45; /* E */
      return reader.short ? NEED_MORE : isStatus ? length : INVALID;
    }
    case Answer.Authentication:
      message.code = reader.u32be();
      return reader.short ? NEED_MORE : message.code <= 12 ? length : INVALID;
    default:
      return length;
  }
}

/** The number at the end of 'SELECT 3', 'INSERT 0 1', 'COPY 5'. */
function readCommandTag(reader: ByteReader, message: PostgresMessage, length: number): number {
  const end = reader.start + length - 1;
  message.rows = -1;
  if (end >= reader.end) return reader.isCut ? length : NEED_MORE;
  if (reader.bytes[end] !== 0) return INVALID;
  let at = end - 1;
  let scale = 1;
  let rows = 0;
  for (; at >= reader.at && isDigit(reader.bytes[at] ?? 0); at--) {
    rows += ((reader.bytes[at] ?? 0) - 48) * scale;
    scale *= 10;
  }
  message.rows = at < end - 1 ? rows : -1;
  return length;
}

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/** Field 'C' of the fields of an error: a letter and a text each. */
function readSqlState(reader: ByteReader, end: number): string {
  while (reader.at < end && reader.peek() > 0) {
    const field = reader.u8();
    const length = reader.find(0);
    if (length < 0) break;
    if (field === 0x43 /* C */) return sqlState(reader.latin1(length));
    reader.skip(length + 1);
  }
  if (reader.at < end && reader.peek() !== 0) reader.short = true;
  return '';
}

const sqlState = (text: string): string => (/^[0-9A-Z]{5}$/.test(text) ? text : '');
