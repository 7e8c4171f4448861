// The tables as data: what is created, and in which order columns are appended. In: nothing. Out: DDL, column lists.
// Rows that repeat the same texts point into two dictionaries: `endpoints` (of requests) and `places` (of operations).
// Not here: what questions see (compile.ts), how rows get in (encode.ts, append.ts).

import { CATEGORIES } from '../../model/category.ts';
import { PHASES } from '../../model/row.ts';

/** Refuse newer; raise with every change of the tables. */
export const SCHEMA_VERSION = 6;
/** The oldest that is read. What it does not have yet, it gets when it is opened to be written. */
export const OLDEST_VERSION = 3;

/**
 * BIGINT wherever a value has no natural limit: it is packed to the bits in use on disk (docs/decisions/0007-store-layout.md).
 * `trace` is 32 hex digits kept as 16 bytes.
 */
export type ColumnType = 'INTEGER' | 'BIGINT' | 'VARCHAR' | 'UUID';

export interface ColumnDef {
  readonly name: string;
  readonly type: ColumnType;
}

export interface TableDef {
  readonly name: string;
  readonly columns: readonly ColumnDef[];
  readonly primaryKey?: string;
}

/** Phases that are stored; `wait` is what they leave of the duration. */
export const STORED_PHASES = PHASES.map(({ key }) => key).filter((key) => key !== 'wait');

const integers = (...names: string[]): ColumnDef[] => names.map((name) => ({ name, type: 'INTEGER' }));
const longs = (...names: string[]): ColumnDef[] => names.map((name) => ({ name, type: 'BIGINT' }));
const texts = (...names: string[]): ColumnDef[] => names.map((name) => ({ name, type: 'VARCHAR' }));

/** `parent_operation` and `request` are NULL, not 0, when there is none: so that the ranges of each row group stay narrow. */
export const TABLES = {
  endpoints: { name: 'endpoints', columns: [...integers('id'), ...texts('service', 'method', 'route')] },
  places: {
    name: 'places',
    columns: [
      ...integers('id'),
      ...texts('service', 'attribution', 'protocol', 'role', 'category'),
      ...texts('statement', 'dependency', 'call_site', 'outcome', 'error_type'),
    ],
  },
  requests: {
    name: 'requests',
    columns: [
      ...longs('id'),
      { name: 'trace_id', type: 'UUID' },
      ...longs('parent_operation'),
      ...integers('process', 'endpoint', 'status', 'is_error', 'is_aborted'),
      ...longs('at_us', 'duration_us', 'first_byte_us'),
      ...longs(...CATEGORIES.map(({ key }) => `c_${key}`)),
      // Own categories minus categories: zero for every request without traced callees, and zeros take no room.
      ...longs(...CATEGORIES.map(({ key }) => `o_${key}`)),
      ...longs('operation_count', 'tree_operation_count'),
    ],
  },
  operations: {
    name: 'operations',
    columns: [
      ...longs('id', 'request'),
      ...integers('process', 'place'),
      ...longs('connection', 'nth', 'at_us', 'duration_us'),
      ...longs(...STORED_PHASES.map((key) => `p_${key}`)),
      ...longs('hidden_us'),
      ...integers('is_blocking'),
      ...longs('bytes_out', 'bytes_in', 'row_count', 'repeat_age_us'),
    ],
  },
  rollups: {
    name: 'rollups',
    columns: [
      ...integers('minute', 'endpoint', 'place'),
      ...longs('count', 'errors', 'total_us', 'exclusive_us'),
      ...longs(...PHASES.map(({ key }) => `p_${key}`)),
      ...longs('bytes_out', 'bytes_in', 'row_count', 'new_connections'),
    ],
  },
  histograms: {
    name: 'histograms',
    columns: [...integers('minute', 'endpoint', 'place', 'bucket'), ...longs('count')],
  },
  processes: {
    name: 'processes',
    columns: [
      ...integers('id'),
      ...texts('service', 'runtime', 'version'),
      ...integers('pid'),
      ...texts('host', 'argv', 'cwd'),
      ...longs('started_at_us'),
      ...texts('not_visible', 'pools'),
    ],
    primaryKey: 'id',
  },
  counters: {
    name: 'counters',
    columns: [...integers('process'), ...texts('name'), ...longs('value')],
    primaryKey: 'process, name',
  },
  findingChanges: {
    name: 'findingChanges',
    columns: [
      ...texts('finding_id'),
      ...longs('at_us'),
      ...texts('state'),
      ...integers('is_by_person'),
      ...texts('note', 'data'),
    ],
  },
  /** In no dictionary: a connection that was closed without an operation has no place. */
  closings: { name: 'closings', columns: longs('connection', 'at_us') },
  codeLines: {
    name: 'codeLines',
    columns: [
      ...integers('minute', 'endpoint'),
      ...texts('call_site', 'name', 'called', 'callers'),
      ...longs('us', 'blocked_us', 'looks'),
    ],
  },
} as const satisfies Record<string, TableDef>;

export type TableName = keyof typeof TABLES;

/** Statements that make an empty data folder ready. */
export function createStatements(): string[] {
  return [
    'CREATE TABLE meta (schema_version INTEGER)',
    `INSERT INTO meta VALUES (${SCHEMA_VERSION})`,
    ...Object.values(TABLES).map(createTable),
  ];
}

/** Tables that came later, and the first version that has them as they are. */
const LATER_TABLES = { closings: 4, codeLines: 6 } as const satisfies Partial<Record<TableName, number>>;

/** What a recording of an older version does not have. */
export function tablesMissing(version: number): TableName[] {
  return Object.entries(LATER_TABLES).flatMap(([name, since]) =>
    version < since ? [name as keyof typeof LATER_TABLES] : [],
  );
}

/** Statements that make a recording of an older version one of today. */
export function migrateStatements(version: number): string[] {
  const tables = tablesMissing(version).flatMap((name) => [
    `DROP TABLE IF EXISTS ${name}`,
    createTable(TABLES[name]),
  ]);
  return [...tables, `UPDATE meta SET schema_version = ${SCHEMA_VERSION}`];
}

function createTable(table: TableDef): string {
  const lines = table.columns.map(({ name, type }) => `${name} ${type}`);
  if (table.primaryKey !== undefined) lines.push(`PRIMARY KEY (${table.primaryKey})`);
  return `CREATE TABLE ${table.name} (${lines.join(', ')})`;
}
