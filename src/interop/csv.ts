// Rows of a table, for spreadsheets and data frames. In: rows. Out: CSV (RFC 4180), one line a request or one an operation; times in µs.

import type { ExportOperation, ExportRows } from '../answer/export-rows.ts';
import type { StoredRequest } from '../answer/stored-rows.ts';
import { CATEGORIES } from '../model/category.ts';
import { PHASES } from '../model/row.ts';

type Cell = string | number;

const REQUEST_NAMES = [
  'trace_id',
  'request_id',
  'parent_operation_id',
  'service',
  'method',
  'route',
  'status',
  'is_error',
  'start',
  'duration_us',
  'first_byte_us',
  ...CATEGORIES.map(({ key }) => `${key}_us`),
];

const OPERATION_NAMES = [
  'trace_id',
  'request_id',
  'operation_id',
  'service',
  'protocol',
  'role',
  'category',
  'statement',
  'dependency',
  'call_site',
  'start',
  'duration_us',
  'exclusive_us',
  'is_blocking',
  ...PHASES.map(({ key }) => `phase_${key}_us`),
  'bytes_out',
  'bytes_in',
  'rows',
  'outcome',
  'error_type',
  'connection',
];

export async function* requestsCsv({ parts }: ExportRows): AsyncGenerator<string> {
  yield lineOf(REQUEST_NAMES);
  for await (const { requests } of parts)
    if (requests.length > 0) yield requests.map((row) => lineOf(requestCells(row))).join('');
}

export async function* operationsCsv({ parts, processes }: ExportRows): AsyncGenerator<string> {
  yield lineOf(OPERATION_NAMES);
  for await (const { operations } of parts)
    if (operations.length > 0)
      yield operations
        .map((each) => lineOf(operationCells(each, processes.get(each.row.process)?.service ?? '')))
        .join('');
}

function requestCells(row: StoredRequest): readonly Cell[] {
  return [
    row.traceId,
    row.id,
    row.parentOperation || '',
    row.service,
    row.method,
    row.route,
    row.status,
    Number(row.isError),
    timeOf(row.atUs),
    row.durationUs,
    row.firstByteUs < 0 ? '' : row.firstByteUs,
    ...CATEGORIES.map((_, index) => row.categories[index] ?? 0),
  ];
}

function operationCells({ row, cause }: ExportOperation, service: string): readonly Cell[] {
  return [
    cause?.traceId ?? '',
    cause?.id ?? '',
    row.id,
    service,
    row.protocol,
    row.role,
    row.category,
    row.statement,
    row.dependency,
    row.callSite,
    timeOf(row.atUs),
    row.durationUs,
    row.exclusiveUs,
    Number(row.isBlocking),
    ...PHASES.map((_, index) => row.phases[index] ?? 0),
    row.bytesOut,
    row.bytesIn,
    row.rows < 0 ? '' : row.rows,
    row.outcome,
    row.errorType,
    row.connection,
  ];
}

/** ISO 8601 with microseconds. */
function timeOf(us: number): string {
  const iso = new Date(Math.floor(us / 1000)).toISOString();
  return `${iso.slice(0, -1)}${String(us % 1000).padStart(3, '0')}Z`;
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** A spreadsheet takes text that begins so for a formula and would run it: names come from whoever sends requests. */
const FORMULA = /^[=+\-@\t\r]/;

function cellOf(cell: Cell): string {
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
