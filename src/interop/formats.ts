// The forms in which data leaves, one line each. In: nothing. Out: the table; a new form is a file and a line here.

import type { ExportRows } from '../answer/export-rows.ts';
import { operationsCsv, requestsCsv } from './csv.ts';
import { otlp } from './otlp.ts';
import { perfetto } from './perfetto.ts';
import { zipkin } from './zipkin.ts';

export interface ExportFormat {
  readonly key: string;
  /** Of a file with it. */
  readonly extension: string;
  readonly mediaType: string;
  /** It does not look at operations. */
  readonly isWithoutOperations?: boolean;
  /** The whole text, piece by piece. */
  readonly write: (rows: ExportRows) => AsyncGenerator<string>;
}

export const EXPORT_FORMATS: readonly ExportFormat[] = [
  { key: 'perfetto', extension: 'json', mediaType: 'application/json', write: perfetto },
  { key: 'otlp', extension: 'jsonl', mediaType: 'application/x-ndjson', write: otlp },
  { key: 'zipkin', extension: 'json', mediaType: 'application/json', write: zipkin },
  {
    key: 'csv',
    extension: 'csv',
    mediaType: 'text/csv; charset=utf-8',
    isWithoutOperations: true,
    write: requestsCsv,
  },
  { key: 'csv-operations', extension: 'csv', mediaType: 'text/csv; charset=utf-8', write: operationsCsv },
];

export function formatNamed(key: string): ExportFormat | undefined {
  return EXPORT_FORMATS.find((format) => format.key === key);
}
