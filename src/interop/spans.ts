// Requests and operations as spans of OpenTelemetry, for formats that have such. In: rows of an export. Out: spans with the names of the
// semantic conventions; what has no convention is under `wiretime.`. The one place where these names are.

import type { ExportOperation, ExportPart, ExportProcess } from '../answer/export-rows.ts';
import type { StoredOperation, StoredRequest } from '../answer/stored-rows.ts';
import { CATEGORIES } from '../model/category.ts';
import { isConsumed } from '../model/request.ts';
import { PHASES } from '../model/row.ts';

export type SpanKind = 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a root. */
  readonly parentSpanId: string;
  readonly kind: SpanKind;
  readonly name: string;
  readonly process: number;
  /** µs since 1970. */
  readonly startUs: number;
  readonly durationUs: number;
  readonly isError: boolean;
  /** What a client talks to; '' of a request. */
  readonly peer: string;
  readonly attributes: Attributes;
}

export function spansOf({ requests, operations }: ExportPart): Span[] {
  return [...requests.map(requestSpan), ...operations.map(operationSpan)];
}

/** Of a process. */
export function resourceOf(process: ExportProcess | undefined): Attributes {
  if (process === undefined) return { 'service.name': 'unknown' };
  const { service, runtime, version, pid, host } = process;
  return filled({
    'service.name': service,
    'process.runtime.name': runtime,
    'process.runtime.version': version,
    'process.pid': pid,
    'host.name': host,
    'telemetry.sdk.name': 'wiretime',
  });
}

/** Requests and operations count each for themselves: the first digit tells them apart. */
function requestSpanId(id: number): string {
  return `8${id.toString(16).padStart(15, '0')}`;
}

function operationSpanId(id: number): string {
  return id.toString(16).padStart(16, '0');
}

function requestSpan(row: StoredRequest): Span {
  const isMessage = isConsumed(row.method);
  const categories = CATEGORIES.map(({ key }, index) => [`wiretime.time.${key}`, row.categories[index] ?? 0]);
  return {
    traceId: row.traceId,
    spanId: requestSpanId(row.id),
    parentSpanId: row.parentOperation === 0 ? '' : operationSpanId(row.parentOperation),
    kind: isMessage ? 'CONSUMER' : 'SERVER',
    name: `${row.method} ${row.route}`,
    process: row.process,
    startUs: row.atUs,
    durationUs: row.durationUs,
    isError: row.isError,
    peer: '',
    attributes: filled({
      ...(isMessage
        ? { 'messaging.operation.type': 'process', 'messaging.destination.name': row.route }
        : { 'http.request.method': row.method, 'http.route': row.route }),
      'http.response.status_code': row.status,
      ...Object.fromEntries(categories.filter(([, us]) => us !== 0)),
    }),
  };
}

function operationSpan({ row, cause }: ExportOperation): Span {
  const isSent = row.category === 'msg';
  return {
    // Nothing caused it: it is a trace of its own.
    traceId: cause?.traceId ?? row.id.toString(16).padStart(32, '0'),
    spanId: operationSpanId(row.id),
    parentSpanId: cause === undefined ? '' : requestSpanId(cause.id),
    kind: isSent ? 'PRODUCER' : 'CLIENT',
    name: row.statement === '' ? row.dependency : row.statement.slice(0, LONGEST_NAME),
    process: row.process,
    startUs: row.atUs,
    durationUs: row.durationUs,
    isError: row.outcome === 'error',
    peer: row.dependency,
    attributes: filled({ ...aboutProtocol(row), ...aboutCall(row) }),
  };
}

/** Names are for lists; the whole statement is an attribute. */
const LONGEST_NAME = 200;

function aboutProtocol(row: StoredOperation): Record<string, string | number> {
  if (row.category === 'db' || row.category === 'cache')
    return {
      'db.system.name': DB_SYSTEMS[row.protocol] ?? row.protocol,
      'db.query.text': row.statement,
      'db.response.returned_rows': Math.max(0, row.rows),
    };
  if (row.category === 'msg') return { 'messaging.system': MESSAGING[row.protocol] ?? row.protocol };
  const [method = '', ...path] = row.statement.split(' ');
  if (row.protocol === 'http') return { 'http.request.method': method, 'url.template': path.join(' ') };
  return {};
}

const DB_SYSTEMS: Readonly<Record<string, string>> = {
  postgres: 'postgresql',
  mssql: 'microsoft.sql_server',
  odbc: 'other_sql',
};
const MESSAGING: Readonly<Record<string, string>> = { amqp: 'rabbitmq' };

function aboutCall(row: StoredOperation): Record<string, string | number | boolean> {
  const [, file = '', line = ''] = /^(.*?):(\d+)(?::\d+)?$/.exec(row.callSite) ?? [];
  const phases = PHASES.map(({ key }, index) => [`wiretime.phase.${key}`, row.phases[index] ?? 0]);
  return {
    'server.address': row.dependency,
    'network.protocol.name': row.protocol,
    'error.type': row.outcome === 'ok' ? '' : row.errorType || row.outcome,
    'code.file.path': file,
    ...(line === '' ? {} : { 'code.line.number': Number(line) }),
    'wiretime.category': row.category,
    'wiretime.role': row.role,
    'wiretime.on_critical_path': row.isBlocking,
    'wiretime.exclusive': row.exclusiveUs,
    'wiretime.bytes_out': row.bytesOut,
    'wiretime.bytes_in': row.bytesIn,
    'wiretime.connection': row.connection,
    ...Object.fromEntries(phases.filter(([, us]) => us !== 0)),
  };
}

/** Without what is empty: 0 and '' say nothing. */
function filled(attributes: Record<string, string | number | boolean>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== '' && value !== 0));
}
