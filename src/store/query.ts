// The small vocabulary in which answers ask a store, so that each question is written once for every engine.
// In: what to select from where. Out: columns of plain numbers and strings. Not here: any engine's SQL.

import type { CategoryKey } from '../model/category.ts';
import { CATEGORIES } from '../model/category.ts';
import type { PhaseKey } from '../model/row.ts';
import { PHASES } from '../model/row.ts';

/** `histograms`: one row per rollup and bucket, with the rollup's own key columns. */
export type Source =
  | 'requests'
  | 'operations'
  | 'rollups'
  | 'histograms'
  | 'processes'
  | 'counters'
  | 'findingChanges'
  | 'closings'
  | 'codeLines';

export type CategoryColumn = `categories.${CategoryKey}`;
export type OwnCategoryColumn = `ownCategories.${CategoryKey}`;
export type PhaseColumn = `phases.${PhaseKey}`;

/** Names of the vectors' columns, in order. */
export const CATEGORY_COLUMNS: readonly CategoryColumn[] = CATEGORIES.map(
  ({ key }) => `categories.${key}` as const,
);
export const OWN_CATEGORY_COLUMNS: readonly OwnCategoryColumn[] = CATEGORIES.map(
  ({ key }) => `ownCategories.${key}` as const,
);
export const PHASE_COLUMNS: readonly PhaseColumn[] = PHASES.map(({ key }) => `phases.${key}` as const);

/**
 * A column is named as in model/row.ts; yes and no are 1 and 0; `notVisible` and `pools` of processes are JSON text. `place` of operations: those
 * with the same number have the same texts in all of their columns. `endUs` of requests: µs since 1970.
 */
export type Expression =
  | { readonly kind: 'column' | 'sum' | 'min' | 'max'; readonly column: string }
  | { readonly kind: 'count' }
  /** Exact: the smallest value with at least `share` of the rows at or below it. */
  | { readonly kind: 'quantile'; readonly column: string; readonly share: number }
  /** Number of the slot of `width` a value falls in, 0 from `origin` on. */
  | { readonly kind: 'slot'; readonly column: string; readonly origin: number; readonly width: number };

export type Condition =
  | { readonly column: string; readonly is: string | number }
  | { readonly column: string; readonly isIn: readonly (string | number)[] }
  /** About one row in so many, by a hash of the column: always the same ones, in no order. */
  | { readonly column: string; readonly oneIn: number }
  /** At least one of the lists holds: all of its conditions. None: nothing. */
  | { readonly anyOf: readonly (readonly Condition[])[] }
  /** Both ends inclusive; an absent end is open. */
  | { readonly column: string; readonly from?: number | undefined; readonly to?: number | undefined };

export interface Order {
  /** A name of `select`. */
  readonly by: string;
  readonly descending?: boolean;
}

/** Where anything is counted, summed …, the rows are grouped by everything else that is selected. */
export interface Query {
  readonly from: Source;
  /** Name in the result → what it is. */
  readonly select: Readonly<Record<string, Expression>>;
  /** All of them hold. */
  readonly where?: readonly Condition[];
  readonly orderBy?: readonly Order[];
  readonly limit?: number;
}

/** NaN: there was no value (the maximum of no rows). Whole numbers are exact below 2^53. */
export type Column = Float64Array | readonly string[];

export interface ResultTable {
  readonly rowCount: number;
  /** In the order of `select`. */
  readonly names: readonly string[];
  readonly columns: readonly Column[];
}

export function column(name: string): Expression {
  return { kind: 'column', column: name };
}

export function count(): Expression {
  return { kind: 'count' };
}

export function sum(name: string): Expression {
  return { kind: 'sum', column: name };
}

export function min(name: string): Expression {
  return { kind: 'min', column: name };
}

export function max(name: string): Expression {
  return { kind: 'max', column: name };
}

/** `share` is 0..1. */
export function quantile(name: string, share: number): Expression {
  return { kind: 'quantile', column: name, share };
}

export function slot(name: string, origin: number, width: number): Expression {
  return { kind: 'slot', column: name, origin, width };
}

/** Each name as a column of its own. */
export function columns(...names: readonly string[]): Record<string, Expression> {
  return Object.fromEntries(names.map((name) => [name, column(name)]));
}

/** The sum of each name, under the same name. */
export function sums(...names: readonly string[]): Record<string, Expression> {
  return Object.fromEntries(names.map((name) => [name, sum(name)]));
}

/** The numbers of a column; throws when it was not asked for or holds text. */
export function numbersOf(table: ResultTable, name: string): Float64Array {
  const found = columnOf(table, name);
  if (!(found instanceof Float64Array)) throw new TypeError(`column ${name} holds text`);
  return found;
}

/** The strings of a column; throws when it was not asked for or holds numbers. */
export function textsOf(table: ResultTable, name: string): readonly string[] {
  const found = columnOf(table, name);
  if (found instanceof Float64Array) throw new TypeError(`column ${name} holds numbers`);
  return found;
}

function columnOf(table: ResultTable, name: string): Column {
  const found = table.columns[table.names.indexOf(name)];
  if (found === undefined) throw new TypeError(`column ${name} was not selected`);
  return found;
}

/** One row at a time. `number` of a missing value is NaN. */
export interface RowReader {
  readonly number: (name: string) => number;
  readonly text: (name: string) => string;
}

/** Reads a table row by row: for results of a few thousand rows. */
export function mapRows<T>(table: ResultTable, read: (row: RowReader, index: number) => T): T[] {
  const byName = new Map(table.names.map((name, index) => [name, table.columns[index]]));
  let at = 0;
  const cell = (name: string): string | number => {
    const value = byName.get(name)?.[at];
    if (value === undefined) throw new TypeError(`column ${name} was not selected`);
    return value;
  };
  const reader: RowReader = { number: (name) => Number(cell(name)), text: (name) => String(cell(name)) };
  return Array.from({ length: table.rowCount }, (_, index) => {
    at = index;
    return read(reader, index);
  });
}
