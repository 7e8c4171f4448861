// Columns of whole numbers as bytes. In: a text and columns by name. Out: bytes, and both again. Each column is kept in the fewest
// bytes that hold its range: what is the same in all rows takes none. Not here: what the columns mean (trace-columns.ts).
// Little-endian: magic, length of the head, head (JSON: the text, and of each column its name, rows, lowest value and width), columns.

/** undefined where a text or a column is not what it should be: the bytes came over a wire. */
export interface Packed {
  readonly text: string;
  readonly columns: ReadonlyMap<string, Float64Array>;
}

interface ColumnHead {
  readonly name: string;
  readonly rows: number;
  /** Added to each value. */
  readonly base: number;
  /** Bytes of a value. */
  readonly width: 0 | 1 | 2 | 4 | 8;
}

const MAGIC = 0x32_52_54_57; // 'WTR2'
const HEAD_FROM = 8;
/** Columns begin at multiples of it, so that they can be read in place. */
const ALIGNMENT = 8;

/** Values are whole numbers below 2^53. */
export function pack(
  text: string,
  columns: Readonly<Record<string, ArrayLike<number>>>,
): Uint8Array<ArrayBuffer> {
  const all = Object.entries(columns);
  const heads = all.map(([name, values]) => headOf(name, values));
  const head = new TextEncoder().encode(JSON.stringify({ text, columns: heads }));
  const places = placesOf(heads, HEAD_FROM + head.length);
  const bytes = new Uint8Array(places.end);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, head.length, true);
  bytes.set(head, HEAD_FROM);
  all.forEach(([, values], index) => {
    const column = heads[index];
    if (column !== undefined) write(bytes.buffer, places.starts[index] ?? 0, column, values);
  });
  return bytes;
}

/** undefined: these are not such bytes, or not all of them. */
export function unpack(buffer: ArrayBuffer): Packed | undefined {
  if (buffer.byteLength < HEAD_FROM) return undefined;
  const view = new DataView(buffer);
  const length = view.getUint32(4, true);
  if (view.getUint32(0, true) !== MAGIC || HEAD_FROM + length > buffer.byteLength) return undefined;
  const head = headIn(new TextDecoder().decode(new Uint8Array(buffer, HEAD_FROM, length)));
  if (head === undefined) return undefined;
  const places = placesOf(head.columns, HEAD_FROM + length);
  if (places.end !== buffer.byteLength) return undefined;
  const columns = head.columns.map(
    (column, index) => [column.name, read(buffer, places.starts[index] ?? 0, column)] as const,
  );
  return { text: head.text, columns: new Map(columns) };
}

function headOf(name: string, values: ArrayLike<number>): ColumnHead {
  let least = Infinity;
  let most = -Infinity;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (values.length === 0) return { name, rows: 0, base: 0, width: 0 };
  return { name, rows: values.length, base: least, width: widthOf(most - least) };
}

function widthOf(range: number): ColumnHead['width'] {
  if (range === 0) return 0;
  if (range < 2 ** 8) return 1;
  if (range < 2 ** 16) return 2;
  return range < 2 ** 32 ? 4 : 8;
}

function placesOf(
  heads: readonly ColumnHead[],
  from: number,
): { readonly starts: number[]; readonly end: number } {
  let end = from;
  const starts = heads.map(({ rows, width }) => {
    const start = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = start + rows * width;
    return start;
  });
  return { starts, end };
}

/** Every machine that runs wiretime is little-endian. */
function valuesAt(buffer: ArrayBuffer, start: number, { rows, width }: ColumnHead) {
  if (width === 1) return new Uint8Array(buffer, start, rows);
  if (width === 2) return new Uint16Array(buffer, start, rows);
  return width === 4 ? new Uint32Array(buffer, start, rows) : new Float64Array(buffer, start, rows);
}

function write(buffer: ArrayBuffer, start: number, head: ColumnHead, values: ArrayLike<number>): void {
  if (head.width === 0) return;
  const kept = valuesAt(buffer, start, head);
  for (let row = 0; row < head.rows; row++) kept[row] = (values[row] ?? 0) - head.base;
}

function read(buffer: ArrayBuffer, start: number, head: ColumnHead): Float64Array {
  const values = new Float64Array(head.rows).fill(head.base);
  if (head.width === 0) return values;
  const kept = valuesAt(buffer, start, head);
  for (let row = 0; row < head.rows; row++) values[row] = (kept[row] ?? 0) + head.base;
  return values;
}

function headIn(
  json: string,
): { readonly text: string; readonly columns: readonly ColumnHead[] } | undefined {
  try {
    const head: unknown = JSON.parse(json);
    if (typeof head !== 'object' || head === null || !('text' in head) || !('columns' in head))
      return undefined;
    const { text, columns } = head;
    if (typeof text !== 'string' || !Array.isArray(columns) || !columns.every(isHead)) return undefined;
    return { text, columns };
  } catch {
    return undefined;
  }
}

const WIDTHS: readonly unknown[] = [0, 1, 2, 4, 8];

function isHead(value: unknown): value is ColumnHead {
  if (typeof value !== 'object' || value === null) return false;
  const { name, rows, base, width } = value as Partial<Record<keyof ColumnHead, unknown>>;
  const isCount = typeof rows === 'number' && Number.isSafeInteger(rows) && rows >= 0 && rows < 2 ** 31;
  return typeof name === 'string' && isCount && Number.isSafeInteger(base) && WIDTHS.includes(width);
}
