// Are these bytes PostgreSQL, and where does a message begin? In: bytes from any place of one direction. Out: a likelihood, an offset.
// A tag is one letter and any number is a length, so one header proves little: what counts is a chain of messages.

import { ByteReader } from '../../base/bytes.ts';
import type { Likelihood, Side } from '../contract.ts';
import { Answer, Ask, PostgresMessage, readAnswer, readAsk } from './messages.ts';

/** So many messages one behind the other do not happen by chance: each has a tag in 20 of 256 and a length below 2^20 of 2^32. */
const CHAIN = 3;
/** Text of a query up to here is looked at. */
const TEXT_CHECK_BYTES = 256;

const message = new PostgresMessage();
const window = new ByteReader();

export function looksLikePostgres(reader: ByteReader, from: Side): Likelihood {
  if (from === 'client' && reader.peek() === 0) return looksLikeStartup(reader);
  const chain = new Chain(reader.bytes, reader.at, reader.end, from);
  if (chain.isBroken || chain.whole === 0) return 0;
  return chain.whole >= CHAIN ? 3 : chain.whole >= 2 || chain.isStrong ? 2 : 1;
}

function looksLikeStartup(reader: ByteReader): Likelihood {
  window.reset(reader.bytes, reader.at, reader.end).isCut = true;
  if (reader.left < 8) return 0;
  return readAsk(window, message, true) > 0 ? 3 : 0;
}

/** Offset of the first place where a chain of messages begins that is long enough, or ends where the bytes end. */
export function findMessage(reader: ByteReader, from: Side): number {
  for (let at = reader.at; at < reader.end; at++) {
    const chain = new Chain(reader.bytes, at, reader.end, from);
    if (!chain.isBroken && (chain.whole >= CHAIN || (chain.isStrong && chain.whole > 0)))
      return at - reader.at;
  }
  return -1;
}

/** Messages one behind the other from a place on. */
class Chain {
  whole = 0;
  isBroken = false;
  /** One of them has a body that only such a message has. */
  isStrong = false;

  constructor(bytes: Uint8Array, start: number, end: number, from: Side) {
    let at = start;
    while (at < end && this.whole < CHAIN) {
      window.reset(bytes, at, end);
      const length = from === 'client' ? readAsk(window, message, false) : readAnswer(window, message, false);
      if (length === 0) return;
      this.isBroken = length < 0 || (at + length <= end && !isPlausible(bytes, at, at + length, from));
      if (this.isBroken || at + length > end) return;
      this.whole++;
      this.isStrong ||= isTelling(from);
      at += length;
    }
  }
}

/** The body fits the tag; called when it is captured as a whole. */
function isPlausible(bytes: Uint8Array, start: number, end: number, from: Side): boolean {
  if (from === 'client') return isPlausibleAsk(bytes, end);
  switch (message.tag) {
    case Answer.DataRow:
      return areFields(bytes, start + 5, end);
    case Answer.CommandComplete:
      return (
        (bytes[start + 5] ?? 0) >= 0x41 &&
        (bytes[start + 5] ?? 0) <= 0x5a &&
        isText(bytes, start + 5, end - 1)
      );
    case Answer.ErrorResponse:
    case Answer.NoticeResponse:
      return bytes[start + 5] === 0x53 /* S, severity */ && bytes[end - 1] === 0;
    case Answer.ParameterStatus:
      return end - start > 7 && bytes[end - 1] === 0 && isText(bytes, start + 5, start + 6);
    case Answer.BackendKeyData:
      return end - start <= 5 + 4 + 256;
    default:
      return true;
  }
}

function isPlausibleAsk(bytes: Uint8Array, end: number): boolean {
  if (message.tag !== Ask.Query && message.tag !== Ask.Parse)
    return message.tag === Ask.Bind || isEnd(bytes, end);
  return isText(bytes, message.textStart, Math.min(message.textEnd, message.textStart + TEXT_CHECK_BYTES));
}

/** Messages with a name or a text end in a zero or a number; these are too short to check more. */
function isEnd(bytes: Uint8Array, end: number): boolean {
  return message.tag === Ask.Describe || message.tag === Ask.Close ? bytes[end - 1] === 0 : true;
}

/** A message that says by itself what it is. */
function isTelling(from: Side): boolean {
  if (from === 'server') return message.tag === Answer.ReadyForQuery || message.tag === Answer.ErrorResponse;
  return message.tag === Ask.Query || message.tag === Ask.Parse;
}

/** A count and so many fields of a length each, -1 for null, that end where the row ends. */
function areFields(bytes: Uint8Array, start: number, end: number): boolean {
  window.reset(bytes, start, end);
  const count = window.u16be();
  for (let field = 0; field < count && !window.short; field++) {
    const length = window.i32be();
    if (length < -1) return false;
    if (length > 0) window.skip(length);
  }
  return !window.short && window.left === 0;
}

/** No control characters but white space. */
function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const byte = bytes[index] ?? 0;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) return false;
  }
  return true;
}
