// Columns as they cross from the store's thread: each text once. In: such columns. Out: columns as questions want them.

import type { Column, ResultTable } from '../query.ts';

/** `codes[row]` is an index in `texts`. */
export interface CodedTexts {
  readonly codes: Uint32Array;
  readonly texts: readonly string[];
}

export type SentColumn = Float64Array | CodedTexts;

export interface SentTable extends Omit<ResultTable, 'columns'> {
  readonly columns: readonly SentColumn[];
}

export function received(table: SentTable): ResultTable {
  return { ...table, columns: table.columns.map(columnOf) };
}

/** Rows share the texts: no text is copied. */
function columnOf(column: SentColumn): Column {
  if (column instanceof Float64Array) return column;
  const { codes, texts } = column;
  return Array.from(codes, (code) => texts[code] ?? '');
}
