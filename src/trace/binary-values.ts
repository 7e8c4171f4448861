// Values that are not written as text, as asyncpg sends and gets them: a length and a number or UUID, big-endian. In: bytes. Out: salted hashes of what the
// same value is as text, so that it is found again in a path or another protocol. Not here: whose bytes they are; what looks like one by
// accident is in every question of that kind, and no value then.

import { saltedHash } from '../base/salted-hash.ts';

const LENGTH_BYTES = 4;
const UUID_BYTES = 16;
const LENGTHS: ReadonlySet<number> = new Set([2, 4, 8, UUID_BYTES]);
/** After which digits a UUID has a dash, in bytes. */
const DASHES: ReadonlySet<number> = new Set([4, 6, 8, 10]);
const ASCII = new TextEncoder();

/** `shortest`: digits. Integers of 2, 4 and 8 bytes, UUIDs. */
export function eachNumber(bytes: Uint8Array, shortest: number, visit: (hash: number) => void): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = LENGTH_BYTES; at < bytes.length; at++) {
    const length = lengthBefore(bytes, at);
    if (length === 0) continue;
    const text = textAt(view, at, length);
    if (text.length < shortest) continue;
    const written = ASCII.encode(text);
    visit(saltedHash(written, 0, written.length));
  }
}

/** Whether bytes[from, to) is a part of such a value, and looks like a word by accident. */
export function isInNumber(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = Math.max(LENGTH_BYTES, to - UUID_BYTES); at <= from; at++)
    if (at + lengthBefore(bytes, at) >= to) return true;
  return false;
}

/** Of the value that begins at `at`; 0: there is none. What can be read is text, and as long by accident. */
function lengthBefore(bytes: Uint8Array, at: number): number {
  // Most bytes are none: no look at four of them.
  if (bytes[at - 2] !== 0 || bytes[at - 3] !== 0 || bytes[at - 4] !== 0) return 0;
  const length = bytes[at - 1] ?? 0;
  if (!LENGTHS.has(length) || at + length > bytes.length) return 0;
  for (let byte = at; byte < at + length; byte++) if (!isPrintable(bytes[byte])) return length;
  return 0;
}

function isPrintable(byte = 0): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

function textAt(view: DataView, at: number, length: number): string {
  if (length === 2) return String(view.getInt16(at));
  if (length === 4) return String(view.getInt32(at));
  return length === 8 ? String(view.getBigInt64(at)) : uuidAt(view, at);
}

function uuidAt(view: DataView, at: number): string {
  let text = '';
  for (let byte = 0; byte < UUID_BYTES; byte++)
    text +=
      (DASHES.has(byte) ? '-' : '') +
      view
        .getUint8(at + byte)
        .toString(16)
        .padStart(2, '0');
  return text;
}

const [BIND, PARSE, DESCRIBE, CLOSE] = [0x42, 0x50, 0x44, 0x43];

/**
 * Whether bytes[from, to) is the name that a driver gave a prepared statement of Postgres: another one on each connection, and no value.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function isStatementName(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[to] !== 0) return false;
  if (bytes[from - 1] === 0 && startsAt(bytes, from - 6, BIND)) return true;
  // The last byte of the length may be a letter, and look like the first of the name.
  return [from - 5, from - 4].some((at) =>
    [PARSE, DESCRIBE, CLOSE].some((type) => startsAt(bytes, at, type)),
  );
}

/** The type of a message and the first two bytes of its length. */
function startsAt(bytes: Uint8Array, at: number, type: number): boolean {
  return bytes[at] === type && bytes[at + 1] === 0 && bytes[at + 2] === 0;
}
