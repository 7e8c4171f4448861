// Names with dots: fields of documents, subjects of messages. In: bytes of one part. Out: whether it is a word of the program, or data.

const NAME_LIMIT_BYTES = 40;
/** 'address2' is a name; more digits make an id. */
const DIGITS_LIMIT = 2;
const HEX_ID_BYTES = 8;
const UNDERSCORE = 95;
const MINUS = 45;
const DOLLAR = 36;

export const DOT = 46;

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
const isLetter = (byte: number): boolean => (byte | 32) >= 97 && (byte | 32) <= 122;

/** Of what names in programs are made. */
export function hasOnlyWordBytes(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const byte = bytes[index] ?? 0;
    const isMark = byte === UNDERSCORE || byte === MINUS || byte === DOLLAR;
    if (!isMark && !isDigit(byte) && !isLetter(byte)) return false;
  }
  return true;
}

/** Letters, and perhaps a few digits: a name in a program. Anything else is data. */
export function isWord(bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start || end - start > NAME_LIMIT_BYTES || !hasOnlyWordBytes(bytes, start, end)) return false;
  let digits = 0;
  let hex = 0;
  for (let index = start; index < end; index++) {
    const byte = bytes[index] ?? 0;
    if (isDigit(byte)) digits++;
    if (isDigit(byte) || (isLetter(byte) && (byte | 32) <= 102)) hex++;
  }
  const isHex = hex === end - start && hex >= HEX_ID_BYTES;
  return digits <= DIGITS_LIMIT && digits < end - start && !isHex;
}
