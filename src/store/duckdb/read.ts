// Results out of DuckDB. In: a result. Out: its columns: numbers as they lie in DuckDB's own vectors, texts each once with a number
// per row. Rows of a join repeat few texts: read value by value, 100 000 operations of a trace took a second.
// Not here: SQL (compile.ts), texts as the questions want them (texts.ts).

import type { DuckDBResult } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { ensure } from '../../base/assert.ts';
import type { CodedTexts, SentColumn } from './texts.ts';

/** A DuckDB string: its length, and its bytes when they are at most 12, else a pointer to them. */
const STRING_BYTES = 16;
const STRING_WORDS = STRING_BYTES / 4;

/** `isText` says of each column what it is; numbers are DOUBLE. */
export async function readColumns(result: DuckDBResult, isText: readonly boolean[]): Promise<SentColumn[]> {
  const columns = isText.map((each) => (each ? new TextColumn() : new NumberColumn()));
  for (let chunk = await result.fetchChunk(); chunk !== null; chunk = await result.fetchChunk()) {
    const rows = chunk.rowCount;
    if (rows === 0) break;
    columns.forEach((column, index) => column.add(duckdb.data_chunk_get_vector(chunk.chunk, index), rows));
  }
  return columns.map((column) => column.finish());
}

/** undefined: every row has a value. */
function validityOf(vector: duckdb.Vector, rows: number): Uint8Array | undefined {
  // DuckDB gives nothing when no row is NULL, whatever its types say.
  return (duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8) as Uint8Array | null) ?? undefined;
}

function isNull(validity: Uint8Array, row: number): boolean {
  return (((validity[row >> 3] ?? 0) >> (row & 7)) & 1) === 0;
}

class NumberColumn {
  readonly #parts: Float64Array[] = [];
  #rows = 0;

  add(vector: duckdb.Vector, rows: number): void {
    const bytes = duckdb.vector_get_data(vector, rows * 8);
    const values = new Float64Array(bytes.buffer, bytes.byteOffset, rows).slice();
    const validity = validityOf(vector, rows);
    if (validity !== undefined)
      for (let row = 0; row < rows; row++) if (isNull(validity, row)) values[row] = Number.NaN;
    this.#parts.push(values);
    this.#rows += rows;
  }

  finish(): Float64Array {
    const all = new Float64Array(this.#rows);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** Of strings seen last in this chunk, by their 16 bytes: a power of two, larger than the places of most requests. */
const KNOWN = 1024;

class TextColumn {
  readonly #codes = new Map<string, number>();
  readonly #parts: Uint32Array[] = [];
  /** The 16 bytes of a string, and its code plus 1; 0: nothing is known here. */
  readonly #known = new Uint32Array(KNOWN * (STRING_WORDS + 1));
  #rows = 0;

  add(vector: duckdb.Vector, rows: number): void {
    // Pointers hold for one chunk.
    this.#known.fill(0);
    const bytes = duckdb.vector_get_data(vector, rows * STRING_BYTES);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, rows * STRING_WORDS);
    const validity = validityOf(vector, rows);
    const codes = new Uint32Array(rows);
    for (let row = 0; row < rows; row++)
      codes[row] =
        validity !== undefined && isNull(validity, row) ? this.#codeOf('') : this.#codeAt(words, row, bytes);
    this.#parts.push(codes);
    this.#rows += rows;
  }

  #codeAt(words: Uint32Array, row: number, bytes: Uint8Array): number {
    const at = row * STRING_WORDS;
    const [a = 0, b = 0, c = 0, d = 0] = [words[at], words[at + 1], words[at + 2], words[at + 3]];
    const mixed = Math.imul(Math.imul(a ^ b, 31) ^ c, 0x9e3779b1) ^ Math.imul(d, 0x85ebca6b);
    const slot = ((mixed ^ (mixed >>> 15)) & (KNOWN - 1)) * (STRING_WORDS + 1);
    const known = this.#known;
    const code = known[slot + STRING_WORDS] ?? 0;
    if (
      code > 0 &&
      known[slot] === a &&
      known[slot + 1] === b &&
      known[slot + 2] === c &&
      known[slot + 3] === d
    )
      return code - 1;
    const found = this.#codeOf(textAt(bytes, row * STRING_BYTES, a));
    known.set([a, b, c, d, found + 1], slot);
    return found;
  }

  #codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.#codes.size;
    this.#codes.set(text, code);
    return code;
  }

  finish(): CodedTexts {
    const codes = new Uint32Array(this.#rows);
    let at = 0;
    for (const part of this.#parts) {
      codes.set(part, at);
      at += part.length;
    }
    return { codes, texts: [...this.#codes.keys()] };
  }
}

const INLINE_BYTES = 12;
const decoder = new TextDecoder();

function textAt(bytes: Uint8Array, offset: number, length: number): string {
  if (length <= INLINE_BYTES) return decoder.decode(bytes.subarray(offset + 4, offset + 4 + length));
  const buffer = ensure(bytes.buffer instanceof ArrayBuffer ? bytes.buffer : undefined, 'memory of a vector');
  return decoder.decode(duckdb.get_data_from_pointer(buffer, bytes.byteOffset + offset + 8, length));
}
