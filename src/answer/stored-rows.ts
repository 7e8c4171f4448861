// Requests and operations as the store keeps them: for traces and for the sample that findings come from. In: tables of a store.
// Out: rows. Read a column at a time: a trace may have 100 000 operations. Not here: which ones are asked for.

import { roleNamed } from '../model/operation.ts';
import { repeatIn, type QuestionFacts } from '../model/repeat.ts';
import { protocolNamed } from '../model/protocol.ts';
import type { OperationRow, RequestRow } from '../model/row.ts';
import type { ResultTable } from '../store/query.ts';
import {
  CATEGORY_COLUMNS,
  columns,
  count,
  numbersOf,
  OWN_CATEGORY_COLUMNS,
  PHASE_COLUMNS,
  textsOf,
} from '../store/query.ts';
import { categoryNamed } from './dependencies.ts';

export type StoredRequest = Omit<RequestRow, 'isAborted' | 'operationCount' | 'treeOperationCount'>;
export type StoredOperation = Omit<OperationRow, 'service' | 'attribution' | 'repeatAgeUs'> & {
  readonly repeatAgeUs: number;
};

const REQUEST_NUMBERS = [
  'id',
  'parentOperation',
  'process',
  'status',
  'isError',
  'atUs',
  'durationUs',
  'firstByteUs',
] as const;
const REQUEST_TEXTS = ['traceId', 'service', 'method', 'route'] as const;

const OPERATION_NUMBERS = [
  'id',
  'request',
  'process',
  'connection',
  'nthOnConnection',
  'atUs',
  'durationUs',
  'exclusiveUs',
  'isBlocking',
  'bytesOut',
  'bytesIn',
  'rows',
  'repeatAgeUs',
] as const;
const OPERATION_TEXTS = [
  'protocol',
  'role',
  'category',
  'statement',
  'dependency',
  'callSite',
  'outcome',
  'errorType',
] as const;

export const REQUESTS = {
  from: 'requests',
  select: columns(...REQUEST_NUMBERS, ...REQUEST_TEXTS, ...CATEGORY_COLUMNS, ...OWN_CATEGORY_COLUMNS),
} as const;

export const OPERATIONS = {
  from: 'operations',
  select: columns(...OPERATION_NUMBERS, ...OPERATION_TEXTS, ...PHASE_COLUMNS),
} as const;

/** Many operations of one trace: their texts are asked for once each, by PLACES with the same conditions. */
export const PLACED_OPERATIONS = {
  from: 'operations',
  select: columns(...OPERATION_NUMBERS, 'place', ...PHASE_COLUMNS),
} as const;

export const PLACES = {
  from: 'operations',
  select: { ...columns('place', ...OPERATION_TEXTS), operations: count() },
} as const;

/** In: the answer to REQUESTS. */
export function storedRequests(table: ResultTable): StoredRequest[] {
  const number = columnsNamed(REQUEST_NUMBERS, (name) => numbersOf(table, name));
  const text = columnsNamed(REQUEST_TEXTS, (name) => textsOf(table, name));
  const categories = vectorsOf(table, CATEGORY_COLUMNS);
  const ownCategories = vectorsOf(table, OWN_CATEGORY_COLUMNS);
  return rowsOf(table, (row) => ({
    id: number.id[row] ?? 0,
    traceId: text.traceId[row] ?? '',
    parentOperation: number.parentOperation[row] ?? 0,
    service: text.service[row] ?? '',
    process: number.process[row] ?? 0,
    method: text.method[row] ?? '',
    route: text.route[row] ?? '',
    status: number.status[row] ?? 0,
    isError: number.isError[row] === 1,
    atUs: number.atUs[row] ?? 0,
    durationUs: number.durationUs[row] ?? 0,
    firstByteUs: number.firstByteUs[row] ?? 0,
    categories: categories(row),
    ownCategories: ownCategories(row),
  }));
}

/** In: the answer to OPERATIONS; or to PLACED_OPERATIONS, with that to PLACES. */
export function storedOperations(table: ResultTable, places?: ResultTable): StoredOperation[] {
  const number = columnsNamed(OPERATION_NUMBERS, (name) => numbersOf(table, name));
  const text = columnsNamed(OPERATION_TEXTS, (name) => textsOf(places ?? table, name));
  const rowOfTexts = places === undefined ? (row: number) => row : rowsOfPlaces(table, places);
  const phases = vectorsOf(table, PHASE_COLUMNS);
  return rowsOf(table, (row) => {
    const place = rowOfTexts(row);
    return {
      id: number.id[row] ?? 0,
      request: number.request[row] ?? 0,
      process: number.process[row] ?? 0,
      protocol: protocolNamed(text.protocol[place] ?? ''),
      role: roleNamed(text.role[place] ?? ''),
      category: categoryNamed(text.category[place] ?? ''),
      statement: text.statement[place] ?? '',
      dependency: text.dependency[place] ?? '',
      callSite: text.callSite[place] ?? '',
      connection: number.connection[row] ?? 0,
      nthOnConnection: number.nthOnConnection[row] ?? 0,
      atUs: number.atUs[row] ?? 0,
      durationUs: number.durationUs[row] ?? 0,
      phases: phases(row),
      exclusiveUs: number.exclusiveUs[row] ?? 0,
      isBlocking: number.isBlocking[row] === 1,
      bytesOut: number.bytesOut[row] ?? 0,
      bytesIn: number.bytesIn[row] ?? 0,
      rows: number.rows[row] ?? 0,
      outcome: outcomeNamed(text.outcome[place] ?? ''),
      errorType: text.errorType[place] ?? '',
      ...repeatOf(number.repeatAgeUs[row] ?? 0),
    };
  });
}

/** Row of an operation → row of its place. */
function rowsOfPlaces(table: ResultTable, places: ResultTable): (row: number) => number {
  const place = numbersOf(table, 'place');
  const rows = new Map(Array.from(numbersOf(places, 'place'), (number, row) => [number, row]));
  return (row) => rows.get(place[row] ?? -1) ?? -1;
}

function repeatOf(packed: number): QuestionFacts & Pick<StoredOperation, 'repeatAgeUs'> {
  const { ageUs, ...facts } = repeatIn(packed);
  return { repeatAgeUs: ageUs, ...facts };
}

function columnsNamed<N extends string, C>(
  names: readonly N[],
  columnOf: (name: N) => C,
): Readonly<Record<N, C>> {
  return Object.fromEntries(names.map((name) => [name, columnOf(name)])) as Record<N, C>;
}

/** The values of several columns in one row. */
function vectorsOf(table: ResultTable, names: readonly string[]): (row: number) => number[] {
  const all = names.map((name) => numbersOf(table, name));
  return (row) => all.map((values) => values[row] ?? 0);
}

function rowsOf<T>({ rowCount }: ResultTable, read: (row: number) => T): T[] {
  return Array.from({ length: rowCount }, (_, row) => read(row));
}

function outcomeNamed(name: string): OperationRow['outcome'] {
  return name === 'ok' || name === 'error' ? name : 'unfinished';
}
