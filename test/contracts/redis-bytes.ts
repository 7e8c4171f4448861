// RESP as bytes, so that a test reads like the specification. In: words and values. Out: one command or one answer.

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** A command as drivers write it: an array of strings. */
export const command = (...words: readonly string[]): Uint8Array =>
  bytes(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
export const inline = (line: string): Uint8Array => bytes(`${line}\r\n`);

export const simple = (text: string): Uint8Array => bytes(`+${text}\r\n`);
export const error = (text: string): Uint8Array => bytes(`-${text}\r\n`);
export const integer = (value: number): Uint8Array => bytes(`:${value}\r\n`);
export const bulk = (text: string): Uint8Array => bytes(`$${Buffer.byteLength(text)}\r\n${text}\r\n`);
export const nullBulk = (): Uint8Array => bytes('$-1\r\n');
export const nullArray = (): Uint8Array => bytes('*-1\r\n');
export const nothing = (): Uint8Array => bytes('_\r\n');
export const boolean = (value: boolean): Uint8Array => bytes(`#${value ? 't' : 'f'}\r\n`);
export const double = (value: number): Uint8Array => bytes(`,${value}\r\n`);
export const bigNumber = (text: string): Uint8Array => bytes(`(${text}\r\n`);
export const bulkError = (text: string): Uint8Array => bytes(`!${text.length}\r\n${text}\r\n`);
export const verbatim = (text: string): Uint8Array => bytes(`=${text.length + 4}\r\ntxt:${text}\r\n`);

function aggregate(type: string, count: number, items: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat([bytes(`${type}${count}\r\n`), ...items]));
}

/** The head alone: its elements follow as messages of their own. */
export const arrayHead = (count: number): Uint8Array => bytes(`*${count}\r\n`);
export const array = (...items: readonly Uint8Array[]): Uint8Array => aggregate('*', items.length, items);
export const set = (...items: readonly Uint8Array[]): Uint8Array => aggregate('~', items.length, items);
export const push = (...items: readonly Uint8Array[]): Uint8Array => aggregate('>', items.length, items);
/** Keys and values in turn. */
export const map = (...items: readonly Uint8Array[]): Uint8Array => aggregate('%', items.length / 2, items);
export const attribute = (...items: readonly Uint8Array[]): Uint8Array =>
  aggregate('|', items.length / 2, items);
