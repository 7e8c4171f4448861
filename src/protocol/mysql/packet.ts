// MySQL and MariaDB packets, protocol 4.1 and later. In: bytes of one direction, possibly cut anywhere. Out: packets with
// their lengths, and of their content what matching and naming need. Not here: which packet answers which (answer.ts).
// Spec: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html, https://mariadb.com/kb/en/clientserver-protocol/

import type { ByteReader } from '../../base/bytes.ts';
import { NEED_MORE } from '../contract.ts';

export const HEADER_BYTES = 4;
/** A packet of this size goes on in the next one. */
export const FULL_PACKET = 0xffffff;
/** The longest query text that is looked at: what an agent captures of one write. */
const TEXT_LIMIT_BYTES = 16 * 1024;
/** Nothing of it is read but its size. */
const CHANGE_USER_BYTES = 1;
/** OK: 1 + 9 + 9 + 2 + 2. Error: 1 + 2 + 6. PREPARE OK: 12. Column count: 9 + 1. Longer content is text. */
const ANSWER_BYTES = 23;

/** Request commands: include/my_command.h; the last two are MariaDB's. */
export const Command = {
  Quit: 0x01,
  InitDb: 0x02,
  Query: 0x03,
  FieldList: 0x04,
  CreateDb: 0x05,
  DropDb: 0x06,
  Refresh: 0x07,
  Shutdown: 0x08,
  Statistics: 0x09,
  ProcessInfo: 0x0a,
  ProcessKill: 0x0c,
  Debug: 0x0d,
  Ping: 0x0e,
  ChangeUser: 0x11,
  BinlogDump: 0x12,
  TableDump: 0x13,
  RegisterReplica: 0x15,
  Prepare: 0x16,
  Execute: 0x17,
  SendLongData: 0x18,
  Close: 0x19,
  Reset: 0x1a,
  SetOption: 0x1b,
  Fetch: 0x1c,
  BinlogDumpGtid: 0x1e,
  ResetConnection: 0x1f,
  BulkExecute: 0xfa,
} as const;

/** First byte of an answer. What it means depends on what is expected. */
export const First = { Ok: 0x00, More: 0x01, LocalInfile: 0xfb, Eof: 0xfe, Error: 0xff } as const;

export const Status = { MoreResults: 0x0008, CursorExists: 0x0040 } as const;
/** MariaDB's progress report comes as an error of this number. */
export const PROGRESS = 0xffff;

/** What the latest `next` has read. One per conversation. */
export class MySqlMessage {
  /** Of the content, without header. */
  size = 0;
  sequence = 0;
  /** First byte of the content; -1 when there is none or it is not captured. */
  first = -1;
  /** A part of the content is behind a hole. */
  isCut = false;

  /** Client: the text of a query or the name of a database is bytes[textStart, textEnd), valid as long as the message. */
  bytes: Uint8Array = new Uint8Array(0);
  textStart = 0;
  textEnd = 0;
  isTextCut = false;
  /** Client: of the command. Server: of the answer to PREPARE. */
  statementId = 0;

  /** Server: capabilities of a greeting. Client: of a login. */
  capabilities = 0;
  isSslRequest = false;
  database = '';

  /** Server: of an OK or EOF packet. */
  status = 0;
  affectedRows = 0;
  /** Server: of an error: SQLSTATE, or the number where there is none. */
  errorNumber = 0;
  errorType = '';
  /** Server: of a result set or of the answer to PREPARE. */
  columnCount = 0;
  parameterCount = 0;
  /** Server: false when the client is to remember the columns of an earlier execution. */
  hasColumns = true;
}

/** Reads the header, then waits for `want` bytes of content (or all, or what a hole leaves). Length of the packet or NEED_MORE. */
export function readPacket(reader: ByteReader, message: MySqlMessage, want: number): number {
  if (reader.left < HEADER_BYTES) return NEED_MORE;
  message.size = reader.u24le();
  message.sequence = reader.u8();
  const isThere = reader.left >= Math.min(message.size, want);
  if (!isThere && !reader.isCut) return NEED_MORE;
  message.isCut = reader.left < message.size;
  message.first = message.size > 0 ? reader.peek() : -1;
  return HEADER_BYTES + message.size;
}

/** A row, a column, or what nobody looks into. */
export function readAny(reader: ByteReader, message: MySqlMessage): number {
  return readPacket(reader, message, 1);
}

/** A command of the client, which begins with the byte that names it. */
export function readCommand(reader: ByteReader, message: MySqlMessage): number {
  const length = readPacket(reader, message, 1);
  if (length <= 0) return length;
  switch (message.first) {
    case Command.Query:
      return readText(reader, message, length, true);
    case Command.Prepare:
    case Command.InitDb:
      return readText(reader, message, length, false);
    case Command.ChangeUser:
      return waitFor(reader, message, CHANGE_USER_BYTES) ? length : NEED_MORE;
    default:
      if (!waitFor(reader, message, 5)) return NEED_MORE;
      reader.skip(1);
      message.statementId = message.size >= 5 ? reader.u32le() : 0;
      message.bytes = reader.bytes;
      message.textStart = reader.at;
      message.textEnd = reader.start + length;
      message.isTextCut = reader.end < message.textEnd;
      return length;
  }
}

function waitFor(reader: ByteReader, message: MySqlMessage, want: number): boolean {
  return reader.isCut || reader.left >= Math.min(message.size, want);
}

function readText(reader: ByteReader, message: MySqlMessage, length: number, isQuery: boolean): number {
  if (!waitFor(reader, message, TEXT_LIMIT_BYTES)) return NEED_MORE;
  const end = Math.min(reader.end, reader.at + Math.min(message.size, TEXT_LIMIT_BYTES));
  message.isTextCut = end - reader.at < message.size;
  reader.skip(1);
  if (isQuery) skipAttributes(reader, end);
  message.bytes = reader.bytes;
  message.textStart = Math.min(reader.at, end);
  message.textEnd = end;
  return length;
}

/**
 * CLIENT_QUERY_ATTRIBUTES: count of parameters, count of sets (1), and the parameters, before the text. Without them the text
 * begins here; no SQL begins with a control byte followed by 1.
 */
function skipAttributes(reader: ByteReader, end: number): void {
  const count = reader.peek();
  if (count < 0 || count >= 0x09 || reader.peek(1) !== 1) return;
  reader.skip(2);
  if (count > 0) skipParameters(reader, count, end);
}

function skipParameters(reader: ByteReader, count: number, end: number): void {
  const nulls = reader.slice((count + 7) >> 3);
  reader.skip(1);
  const types: number[] = [];
  for (let index = 0; index < count; index++) {
    types.push(reader.u16le() & 0xff);
    reader.skip(lengthEncoded(reader));
  }
  for (const [index, type] of types.entries()) {
    const isNull = ((nulls[index >> 3] ?? 0) >> (index & 7)) & 1;
    if (isNull === 0) skipValue(reader, type);
  }
  if (reader.short) reader.at = end;
}

/** Binary protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html */
function skipValue(reader: ByteReader, type: number): void {
  switch (type) {
    case 0x01: // TINY
      return reader.skip(1);
    case 0x02: // SHORT
    case 0x0d: // YEAR
      return reader.skip(2);
    case 0x03: // LONG
    case 0x04: // FLOAT
    case 0x09: // INT24
      return reader.skip(4);
    case 0x05: // DOUBLE
    case 0x08: // LONGLONG
      return reader.skip(8);
    case 0x06: // NULL
      return;
    case 0x07: // TIMESTAMP
    case 0x0a: // DATE
    case 0x0b: // TIME
    case 0x0c: // DATETIME
      return reader.skip(reader.u8());
    default:
      return reader.skip(lengthEncoded(reader));
  }
}

/** A length-encoded integer; lengths above 2^32 do not occur where we read them. */
export function lengthEncoded(reader: ByteReader): number {
  const first = reader.u8();
  if (first < 0xfb) return first;
  if (first === 0xfc) return reader.u16le();
  if (first === 0xfd) return reader.u24le();
  if (first !== 0xfe) return 0;
  const low = reader.u32le();
  return low + reader.u32le() * 2 ** 32;
}

/** An answer whose first byte says what it is: OK, error, EOF, or the count of columns. */
export function readAnswer(reader: ByteReader, message: MySqlMessage): number {
  const length = readPacket(reader, message, ANSWER_BYTES);
  if (length <= 0) return length;
  if (message.first === First.Error) readError(reader, message);
  else if (message.first === First.Ok) readOk(reader, message);
  else if (message.first === First.Eof) readEof(reader, message);
  return length;
}

/** A row, or what ends rows: EOF, or an OK that says EOF, or an error. A row whose first column is so long would be full. */
export function readRow(reader: ByteReader, message: MySqlMessage): number {
  const length = readPacket(reader, message, 1);
  const isRow = message.first < First.Eof || message.size === FULL_PACKET;
  if (length <= 0 || isRow) return length;
  reader.at -= HEADER_BYTES;
  return readAnswer(reader, message);
}

function readOk(reader: ByteReader, message: MySqlMessage): void {
  reader.skip(1);
  message.affectedRows = lengthEncoded(reader);
  lengthEncoded(reader);
  message.status = reader.u16le();
}

function readEof(reader: ByteReader, message: MySqlMessage): void {
  if (!isShortEof(message)) return readOk(reader, message);
  reader.skip(3);
  message.status = reader.u16le();
}

/** The EOF packet of old: warnings and status. An OK in its place is longer. */
export function isShortEof(message: MySqlMessage): boolean {
  return message.first === First.Eof && message.size === 5;
}

export function readError(reader: ByteReader, message: MySqlMessage): void {
  reader.skip(1);
  message.errorNumber = reader.u16le();
  const hasState = reader.peek() === 0x23 /* # */ && reader.left >= 6;
  if (!hasState) message.errorType = String(message.errorNumber);
  else {
    reader.skip(1);
    message.errorType = reader.latin1(5);
  }
}

/** After the header of `readAnswer`: how many columns follow. `isOptional`: with a byte that says whether they do. */
export function readColumnCount(reader: ByteReader, message: MySqlMessage, isOptional: boolean): void {
  const start = reader.at;
  const hasFlag = isOptional && message.size > 1;
  message.hasColumns = !hasFlag || reader.u8() !== 0;
  message.columnCount = lengthEncoded(reader);
  // MariaDB with cached metadata: the byte comes behind.
  if (!hasFlag && message.size > reader.at - start) message.hasColumns = reader.u8() !== 0;
}

/** After the header of `readAnswer`: id and counts of a prepared statement. */
export function readPrepared(reader: ByteReader, message: MySqlMessage): void {
  reader.skip(1);
  message.statementId = reader.u32le();
  message.columnCount = reader.u16le();
  message.parameterCount = reader.u16le();
}
