// HTTP/1.0 and 1.1 messages. In: bytes of one direction, possibly cut anywhere. Out: heads with their lengths,
// and of a head only what framing and naming need. Not here: chunks (chunks.ts), which response answers which request (exchange.ts).
// Spec: RFC 9112 (https://www.rfc-editor.org/rfc/rfc9112), heads §2-3, body length §6.3.

import type { ByteReader } from '../../base/bytes.ts';
import { saltedHash } from '../../base/salted-hash.ts';
import { INVALID, NEED_MORE } from '../contract.ts';

export const Kind = { Request: 1, Response: 2, Body: 3 } as const;

/** Node refuses heads above 16 KiB, nginx above 32 KiB in four parts: what is longer is not a head. */
export const HEAD_LIMIT_BYTES = 16 * 1024;
/** 2^52: sums of two stay exact. */
export const LENGTH_LIMIT_BYTES = 2 ** 52;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const QUESTION_MARK = 0x3f;

/** The IANA registry without the rarest of WebDAV, and PURGE of caches: only these are taken for a request after a hole. */
const METHODS =
  'GET POST PUT DELETE PATCH HEAD OPTIONS CONNECT TRACE QUERY PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH PURGE'.split(
    ' ',
  );
const METHODS_BY_LENGTH = [...Array(10).keys()].map((length) =>
  METHODS.filter((method) => method.length === length),
);
const SHORTEST_METHOD = 3;
const LONGEST_METHOD = 20;
const VERSION = 'HTTP/1.';
const STATUS_LINE_BYTES = 'HTTP/1.1 200'.length;

/** What the latest `next` has read. One per conversation. */
export class HttpMessage {
  kind: number = Kind.Body;
  /** In bytes, as `next` returned it. */
  length = 0;
  /** Bytes of it that were captured. */
  captured = 0;
  /** Of a body: the HTTP message ends with this piece. */
  isLast = false;
  /** A hole ends it; of a head that means that lengths may be missing. */
  isCut = false;
  /** One of the methods that have a specification, else ''. */
  method = '';
  /** Of a request: method, space and path without query are bytes[lineStart, pathEnd), valid as long as the message. */
  bytes: Uint8Array = new Uint8Array(0);
  lineStart = 0;
  pathEnd = 0;
  /** Method and target, and who asks (Authorization, Cookie): what makes two requests without a body equal. */
  argumentHash = 0;
  status = 0;
  /** The latest Host header, '' before the first. */
  host = '';
  /** -1: not given. */
  contentLength = -1;
  isChunked = false;
  /** A transfer coding that says nothing of the length: only the close ends the body. */
  isCoded = false;
  /** `Upgrade: websocket`. */
  isWebSocket = false;
  /** Of a request: it takes compressed answers. */
  takesCompressed = false;
  /** `Connection: close`; of a response also version 1.0, unless it says keep-alive. */
  closes = false;
  /** Of a response: its body is text (JSON, HTML, CSV …), and nothing says that it is compressed. */
  isText = false;
  isCompressed = false;
  /** Trace headers of a request, '' without. */
  traceparent = '';
  b3 = '';
}

/** Length of the request head at the reader's position, NEED_MORE, or INVALID as soon as it cannot be one. */
export function readRequestHead(reader: ByteReader, message: HttpMessage): number {
  const start = skipEmptyLine(reader);
  const headers = readRequestLine(reader.bytes, start, reader.end, message);
  if (headers <= 0) return waitOrGiveUp(reader, headers);
  return readHead(reader, headers, Kind.Request, message);
}

/** Length of the response head at the reader's position, NEED_MORE, or INVALID as soon as it cannot be one. */
export function readResponseHead(reader: ByteReader, message: HttpMessage): number {
  const status = statusAt(reader.bytes, reader.at, reader.end);
  if (status <= 0) return status;
  message.status = status;
  const headers = lineEnd(reader.bytes, reader.at + STATUS_LINE_BYTES, reader.end);
  if (headers < 0) return cutHead(reader, Kind.Response, message);
  return readHead(reader, headers, Kind.Response, message);
}

/** Offset of the first place where a whole request line stands, or -1. */
export function findRequest(reader: ByteReader, message: HttpMessage): number {
  const { bytes, end } = reader;
  for (let at = reader.at; at < end; at++) {
    const isMethod = knownMethodAt(bytes, at, end) !== undefined;
    if (isMethod && readRequestLine(bytes, at, end, message) > 0) return at - reader.at;
  }
  return -1;
}

/** Offset of the first place where a status line stands, or -1. `orBegins`: or where one may begin that is cut by the end. */
export function findResponse(reader: ByteReader, orBegins: boolean): number {
  const { bytes, end } = reader;
  for (let at = reader.at; at < end; at++) {
    if (bytes[at] !== 0x48 /* H */) continue;
    const status = statusAt(bytes, at, end);
    if (status > 0 || (orBegins && status === NEED_MORE)) return at - reader.at;
  }
  return -1;
}

/** One of the methods that have a specification, followed by a space; undefined otherwise. */
export function knownMethodAt(bytes: Uint8Array, at: number, end: number): string | undefined {
  const methods = METHODS_BY_LENGTH[methodLength(bytes, at, end)] ?? [];
  for (const method of methods) if (matches(bytes, at, end, method)) return method;
  return undefined;
}

/** Status code of the status line that begins at `at`, NEED_MORE or INVALID. */
export function statusAt(bytes: Uint8Array, at: number, end: number): number {
  const available = Math.min(end - at, STATUS_LINE_BYTES);
  if (!matches(bytes, at, at + Math.min(available, VERSION.length), VERSION.slice(0, available)))
    return INVALID;
  if (available < STATUS_LINE_BYTES) return NEED_MORE;
  const minor = digit(bytes[at + 7]);
  const hundreds = digit(bytes[at + 9]);
  const tens = digit(bytes[at + 10]);
  const ones = digit(bytes[at + 11]);
  const isStatus = hundreds >= 1 && hundreds <= 5 && tens >= 0 && ones >= 0;
  const after = at + STATUS_LINE_BYTES < end ? bytes[at + STATUS_LINE_BYTES] : SPACE;
  const isLine = (minor === 0 || minor === 1) && bytes[at + 8] === SPACE && isBlankOrEnd(after);
  return isStatus && isLine ? hundreds * 100 + tens * 10 + ones : INVALID;
}

/** Method, target and version at `at`. Index of the first header, NEED_MORE or INVALID. */
export function readRequestLine(bytes: Uint8Array, at: number, end: number, message: HttpMessage): number {
  const length = methodLength(bytes, at, end);
  if (length <= 0) return length;
  const targetStart = at + length + 1;
  let targetEnd = targetStart;
  let pathEnd = 0;
  for (; targetEnd < end && isTargetByte(bytes[targetEnd]); targetEnd++)
    if (bytes[targetEnd] === QUESTION_MARK && pathEnd === 0) pathEnd = targetEnd;
  if (targetEnd === end) return NEED_MORE;
  if (targetEnd === targetStart || bytes[targetEnd] !== SPACE) return INVALID;
  const headers = endOfVersion(bytes, targetEnd + 1, end);
  if (headers <= 0) return headers;
  message.method = knownMethodAt(bytes, at, end) ?? '';
  message.bytes = bytes;
  message.lineStart = at;
  message.pathEnd = pathEnd === 0 ? targetEnd : pathEnd;
  message.argumentHash = saltedHash(bytes, at, targetEnd);
  return headers;
}

/** `HTTP/1.1` and the end of the line. Index after it, NEED_MORE or INVALID. */
function endOfVersion(bytes: Uint8Array, at: number, end: number): number {
  const available = Math.min(end - at, VERSION.length);
  if (!matches(bytes, at, at + available, VERSION.slice(0, available))) return INVALID;
  if (end - at < VERSION.length + 2) return NEED_MORE;
  const minor = digit(bytes[at + 7]);
  if (minor !== 0 && minor !== 1) return INVALID;
  if (bytes[at + 8] === LF) return at + 9;
  if (bytes[at + 8] !== CR) return INVALID;
  if (at + 9 === end) return NEED_MORE;
  return bytes[at + 9] === LF ? at + 10 : INVALID;
}

function readHead(reader: ByteReader, headers: number, kind: number, message: HttpMessage): number {
  message.contentLength = -1;
  message.isChunked = false;
  message.isCoded = false;
  message.isWebSocket = false;
  message.takesCompressed = false;
  message.closes = kind === Kind.Response && digit(reader.bytes[reader.at + VERSION.length]) === 0;
  message.isText = false;
  message.isCompressed = false;
  message.traceparent = '';
  message.b3 = '';
  message.isCut = false;
  message.kind = kind;
  const headEnd = readHeaders(reader.bytes, headers, reader.end, message);
  if (headEnd > 0) return headEnd - reader.at;
  return headEnd === INVALID ? INVALID : cutHead(reader, kind, message);
}

/** The end of a head is not there: yet to come, or hidden by a hole, in which case the hole counts to it. */
function cutHead(reader: ByteReader, kind: number, message: HttpMessage): number {
  if (reader.missing === 0) return waitOrGiveUp(reader, NEED_MORE);
  message.kind = kind;
  message.isCut = true;
  return reader.end - reader.at + reader.missing;
}

export function waitOrGiveUp(reader: ByteReader, step: number): number {
  return step === NEED_MORE && reader.end - reader.at > HEAD_LIMIT_BYTES ? INVALID : step;
}

/** Header lines from `at` to the empty line. Index after it, NEED_MORE or INVALID. */
export function readHeaders(bytes: Uint8Array, start: number, end: number, message: HttpMessage): number {
  let at = start;
  while (at < end) {
    const first = bytes[at] ?? 0;
    if (first === LF) return at + 1;
    if (first === CR) return at + 1 === end ? NEED_MORE : bytes[at + 1] === LF ? at + 2 : INVALID;
    let colon = 0;
    let index = at;
    for (; index < end && bytes[index] !== LF; index++)
      if (colon === 0 && bytes[index] === COLON) colon = index;
    if (index === end) return NEED_MORE;
    if (!readHeader(bytes, at, colon, index, message)) return INVALID;
    at = index + 1;
  }
  return NEED_MORE;
}

/** One header line bytes[at, end). False when it is none. */
function readHeader(
  bytes: Uint8Array,
  at: number,
  colon: number,
  end: number,
  message: HttpMessage,
): boolean {
  const first = bytes[at] ?? 0;
  if (first === SPACE || first === TAB) return true; // folded: the rest of the header before
  if (colon <= at || first < SPACE) return false;
  let from = colon + 1;
  while (from < end && isBlank(bytes[from])) from++;
  let to = end;
  while (to > from && isBlank(bytes[to - 1])) to--;
  switch (colon - at) {
    case 2:
      if (isName(bytes, at, 'b3')) message.b3 = traceText(bytes, from, to);
      return true;
    case 4:
      if (isName(bytes, at, 'host')) message.host = sameText(message.host, bytes, from, to);
      return true;
    case 6:
      if (isName(bytes, at, 'cookie'))
        message.argumentHash = saltedHash(bytes, from, to, message.argumentHash);
      return true;
    case 7:
      if (isName(bytes, at, 'upgrade'))
        message.isWebSocket = to - from === 9 && isName(bytes, from, 'websocket');
      return true;
    case 10:
      if (!isName(bytes, at, 'connection')) return true;
      if (holds(bytes, from, to, 'close')) message.closes = true;
      else if (holds(bytes, from, to, 'keep-alive')) message.closes = false;
      return true;
    case 11:
      if (isName(bytes, at, 'traceparent')) message.traceparent = traceText(bytes, from, to);
      return true;
    case 12:
      if (isName(bytes, at, 'content-type')) message.isText = isTextType(bytes, from, to);
      return true;
    case 13:
      if (isName(bytes, at, 'authorization'))
        message.argumentHash = saltedHash(bytes, from, to, message.argumentHash);
      return true;
    case 14:
      return !isName(bytes, at, 'content-length') || readContentLength(bytes, from, to, message);
    case 15:
      if (isName(bytes, at, 'accept-encoding')) message.takesCompressed = !isIdentity(bytes, from, to);
      return true;
    case 16:
      if (isName(bytes, at, 'content-encoding')) message.isCompressed = !isIdentity(bytes, from, to);
      return true;
    case 17:
      if (isName(bytes, at, 'transfer-encoding')) readTransferEncoding(bytes, from, to, message);
      return true;
    default:
      return true;
  }
}

/** A list of equal numbers is allowed; different ones are an attack and not our concern: the first counts. */
function readContentLength(bytes: Uint8Array, from: number, to: number, message: HttpMessage): boolean {
  let length = 0;
  let at = from;
  for (; at < to && digit(bytes[at]) >= 0; at++) length = length * 10 + digit(bytes[at]);
  const isNumber = at > from && length <= LENGTH_LIMIT_BYTES && (at === to || bytes[at] === 0x2c); /* , */
  if (isNumber) message.contentLength = length;
  return isNumber;
}

/** Only the last coding frames the body. */
function readTransferEncoding(bytes: Uint8Array, from: number, to: number, message: HttpMessage): void {
  message.isChunked = to - from >= 7 && isName(bytes, to - 7, 'chunked');
  message.isCoded = !message.isChunked;
}

function isIdentity(bytes: Uint8Array, from: number, to: number): boolean {
  return to === from || (to - from === 8 && isName(bytes, from, 'identity'));
}

/** What is text by its name. A stream of events is none: it is never at its end. */
const TEXT_TYPES = ['json', 'xml', 'javascript', 'csv', 'yaml'];

function isTextType(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from >= 5 && isName(bytes, from, 'text/')) return !holds(bytes, from, to, 'event-stream');
  return TEXT_TYPES.some((name) => holds(bytes, from, to, name));
}

function holds(bytes: Uint8Array, from: number, to: number, name: string): boolean {
  for (let at = from; at + name.length <= to; at++) if (isName(bytes, at, name)) return true;
  return false;
}

/** Bytes of the method at `at`, which a space follows; NEED_MORE or INVALID. */
function methodLength(bytes: Uint8Array, at: number, end: number): number {
  let index = at;
  while (index < end && isMethodByte(bytes[index])) index++;
  const length = index - at;
  if (length > LONGEST_METHOD) return INVALID;
  if (index === end) return NEED_MORE;
  return length >= SHORTEST_METHOD && bytes[index] === SPACE ? length : INVALID;
}

function skipEmptyLine(reader: ByteReader): number {
  const { bytes, at } = reader;
  if (bytes[at] === CR && bytes[at + 1] === LF && at + 2 < reader.end) return at + 2;
  return at;
}

/** Index after the next line feed, or -1. */
export function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let index = at; index < end; index++) if (bytes[index] === LF) return index + 1;
  return -1;
}

/** Do bytes[at, ...) spell `word`, of which all must lie before `end`? */
export function matches(bytes: Uint8Array, at: number, end: number, word: string): boolean {
  if (at + word.length > end) return false;
  for (let index = 0; index < word.length; index++)
    if (bytes[at + index] !== word.charCodeAt(index)) return false;
  return true;
}

/** Is the header name at `at`, whose length is known to fit, `name` in any case? */
function isName(bytes: Uint8Array, at: number, name: string): boolean {
  for (let index = 0; index < name.length; index++)
    if (((bytes[at + index] ?? 0) | 0x20) !== name.charCodeAt(index) && bytes[at + index] !== 0x2d)
      return false;
  return true;
}

/** Two ids and flags: at most 70 characters. Anything longer is something else. */
const TRACE_LIMIT = 100;

function traceText(bytes: Uint8Array, from: number, to: number): string {
  return to - from > TRACE_LIMIT ? '' : text(bytes, from, to);
}

/** `known` when the bytes say the same, so that a host asked again and again allocates nothing. */
function sameText(known: string, bytes: Uint8Array, from: number, to: number): string {
  return known.length === to - from && matches(bytes, from, to, known) ? known : text(bytes, from, to);
}

/** One character a byte. */
export function text(bytes: Uint8Array, from: number, to: number): string {
  let characters = '';
  for (let index = from; index < to; index++) characters += String.fromCharCode(bytes[index] ?? 0);
  return characters;
}

function digit(byte: number | undefined): number {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : -1;
}

function isMethodByte(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x41 && byte <= 0x5a) || byte === 0x2d);
}

/** Visible ASCII, or a byte of UTF-8, which browsers never but some clients do send. */
function isTargetByte(byte: number | undefined): boolean {
  return byte !== undefined && byte > SPACE && byte !== 0x7f;
}

function isBlankOrEnd(byte: number | undefined): boolean {
  return byte === SPACE || byte === CR || byte === LF;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CR;
}
