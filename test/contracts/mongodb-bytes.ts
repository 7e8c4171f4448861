// MongoDB messages as bytes, so that a test reads like the specification. In: numbers and documents. Out: one message.

import { BSON } from 'mongodb';

const { serialize } = BSON;

function int32(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeInt32LE(value | 0, index * 4);
  return new Uint8Array(bytes);
}

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(`${value}\0`));

function message(id: number, to: number, opCode: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return new Uint8Array(Buffer.concat([int32(16 + content.length, id, to, opCode), content]));
}

export type Document = Readonly<Record<string, unknown>>;

/** A section of kind 0. */
export const body = (document: Document): Uint8Array =>
  new Uint8Array(Buffer.concat([Uint8Array.of(0), serialize(document)]));

/** A section of kind 1. */
export function list(name: string, ...documents: readonly Document[]): Uint8Array {
  const content = Buffer.concat([text(name), ...documents.map((document) => serialize(document))]);
  return new Uint8Array(Buffer.concat([Uint8Array.of(1), int32(content.length + 4), content]));
}

export const Flags = { checksum: 1, moreToCome: 2, exhaustAllowed: 1 << 16 } as const;

/** OP_MSG. With the flag, four bytes stand for a checksum, which nobody here computes. */
export function msg(id: number, to: number, flags: number, ...sections: readonly Uint8Array[]): Uint8Array {
  const checksum = (flags & Flags.checksum) === 0 ? [] : [int32(0x1234567)];
  return message(id, to, 2013, int32(flags), ...sections, ...checksum);
}

export const command = (id: number, document: Document): Uint8Array => msg(id, 0, 0, body(document));
export const answer = (to: number, document: Document): Uint8Array => msg(to + 1000, to, 0, body(document));

/** OP_QUERY. */
export const query = (id: number, space: string, document: Document): Uint8Array =>
  message(id, 0, 2004, int32(0), text(space), int32(0, -1), serialize(document));

/** OP_REPLY. */
export const reply = (to: number, flags: number, ...documents: readonly Document[]): Uint8Array =>
  message(
    to + 1000,
    to,
    1,
    int32(flags, 0, 0, 0, documents.length),
    ...documents.map((document) => serialize(document)),
  );

/** OP_COMPRESSED: an OP_MSG in zlib, whatever the bytes are. */
export const compressed = (id: number, to: number, size: number): Uint8Array =>
  message(
    id,
    to,
    2012,
    int32(2013, size * 3),
    Uint8Array.of(2),
    Uint8Array.from({ length: size }, (_, index) => (index * 37) & 0xff),
  );
