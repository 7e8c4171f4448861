// Requests of one endpoint as columns, for charts that are brushed where they are drawn. In: columns. Out: bytes, and columns again.
// Little-endian: 64 bytes of header, then each column whole. A category that no request has takes no room: then a request is
// 12 bytes and 4 for each category that is there, about 36.

import { CATEGORY_COUNT } from './category.ts';

/** Of every request kept: when, how long, where its time went, how many operations its whole tree had. */
export interface RequestColumns {
  /** ms since 1970: what `at` counts from. */
  readonly originMs: number;
  /** Requests there were. More than `at.length`: the faster ones are a sample. */
  readonly total: number;
  /** Requests from this duration on are all there; below it each stands for `weightBelow`. 0: all of them are there. */
  readonly completeFromUs: number;
  readonly weightBelow: number;
  /** ms from `originMs`, rising. */
  readonly at: Uint32Array;
  readonly durationUs: Uint32Array;
  /** By category, µs; a category that nobody has is all zeros. They add up to `durationUs`. */
  readonly categories: readonly Uint32Array[];
  readonly operations: Uint32Array;
}

const MAGIC = 0x31_52_54_57; // 'WTR1'
const HEADER_BYTES = 64;
const WORD = 4;

export function encodeColumns(columns: RequestColumns): Uint8Array<ArrayBuffer> {
  const count = columns.at.length;
  const mask = columns.categories.reduce(
    (bits, values, index) => (values.some((us) => us > 0) ? bits | (1 << index) : bits),
    0,
  );
  const present = columns.categories.filter((_, index) => (mask >> index) & 1);
  const all = [columns.at, columns.durationUs, columns.operations, ...present];
  const bytes = new Uint8Array(HEADER_BYTES + all.length * count * WORD);
  writeHeader(new DataView(bytes.buffer), columns, mask);
  const words = new DataView(bytes.buffer, HEADER_BYTES);
  all.forEach((column, nth) =>
    column.forEach((value, index) => words.setUint32((nth * count + index) * WORD, value, true)),
  );
  return bytes;
}

function writeHeader(view: DataView, columns: RequestColumns, mask: number): void {
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, columns.at.length, true);
  view.setUint32(8, mask, true);
  view.setFloat64(16, columns.originMs, true);
  view.setFloat64(24, columns.total, true);
  view.setFloat64(32, columns.completeFromUs, true);
  view.setFloat64(40, columns.weightBelow, true);
}

/** undefined: these are not columns, or not all of them. */
export function decodeColumns(buffer: ArrayBuffer): RequestColumns | undefined {
  if (buffer.byteLength < HEADER_BYTES) return undefined;
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  const count = view.getUint32(4, true);
  const mask = view.getUint32(8, true) & ((1 << CATEGORY_COUNT) - 1);
  const present = CATEGORY_INDEXES.filter((index) => (mask >> index) & 1);
  if (buffer.byteLength !== HEADER_BYTES + (3 + present.length) * count * WORD) return undefined;
  const column = (nth: number) => readColumn(view, HEADER_BYTES + nth * count * WORD, count);
  const none = new Uint32Array(count);
  return {
    originMs: view.getFloat64(16, true),
    total: view.getFloat64(24, true),
    completeFromUs: view.getFloat64(32, true),
    weightBelow: view.getFloat64(40, true),
    at: column(0),
    durationUs: column(1),
    operations: column(2),
    categories: CATEGORY_INDEXES.map((index) =>
      present.includes(index) ? column(3 + present.indexOf(index)) : none,
    ),
  };
}

const CATEGORY_INDEXES = Array.from({ length: CATEGORY_COUNT }, (_, index) => index);

function readColumn(view: DataView, from: number, count: number): Uint32Array {
  const values = new Uint32Array(count);
  for (let index = 0; index < count; index++) values[index] = view.getUint32(from + index * WORD, true);
  return values;
}
