// Rows for tests of stores and answers, each with one thing that matters. In: what differs from the usual. Out: whole rows.

import { CATEGORY_COUNT, CategoryIndex, type CategoryKey } from '../../src/model/category.ts';
import type { OperationRow, PhaseKey, ProcessRow, RequestRow, RollupRow } from '../../src/model/row.ts';
import { PHASES, PhaseIndex } from '../../src/model/row.ts';
import type { Batch } from '../../src/store/store.ts';

/** A noon, in µs since 1970. */
export const NOON_US = Date.UTC(2026, 10, 25, 12) * 1000;

export function batchOf(parts: Partial<Batch>): Batch {
  return { processes: [], requests: [], operations: [], rollups: [], counters: [], ...parts };
}

/** A vector from what is not zero. */
export function categories(parts: Partial<Record<CategoryKey, number>>): number[] {
  const vector = Array.from({ length: CATEGORY_COUNT }, () => 0);
  for (const [key, us] of Object.entries(parts)) vector[CategoryIndex[key as CategoryKey]] = us;
  return vector;
}

/** A vector from what is not zero. */
export function phases(parts: Partial<Record<PhaseKey, number>>): number[] {
  const vector: number[] = PHASES.map(() => 0);
  for (const [key, us] of Object.entries(parts)) vector[PhaseIndex[key as PhaseKey]] = us;
  return vector;
}

export function traceIdOf(number: number): string {
  return number.toString(16).padStart(32, '0');
}

export function request(parts: Partial<RequestRow> & Pick<RequestRow, 'id'>): RequestRow {
  const durationUs = parts.durationUs ?? 1000;
  const vector = parts.categories ?? categories({ own: durationUs });
  return {
    traceId: traceIdOf(parts.id),
    parentOperation: 0,
    service: 'shop',
    process: 1,
    method: 'GET',
    route: '/cart/:id',
    status: 200,
    isError: false,
    isAborted: false,
    atUs: NOON_US,
    durationUs,
    firstByteUs: 10,
    categories: vector,
    ownCategories: vector,
    operationCount: 0,
    treeOperationCount: 0,
    ...parts,
  };
}

/** Its duration is the sum of its phases. */
export function operation(parts: Partial<OperationRow> & Pick<OperationRow, 'id'>): OperationRow {
  const vector = parts.phases ?? phases({ wait: parts.durationUs ?? 100 });
  const durationUs = vector.reduce((total, us) => total + us, 0);
  return {
    request: 1,
    process: 1,
    service: 'shop',
    attribution: 'request',
    protocol: 'postgres',
    role: 'work',
    category: 'db',
    statement: 'SELECT * FROM cart WHERE id = $1',
    dependency: 'Postgres',
    callSite: 'src/cart.ts:12:9',
    connection: 1,
    nthOnConnection: 1,
    atUs: NOON_US,
    exclusiveUs: durationUs,
    isBlocking: true,
    bytesOut: 40,
    bytesIn: 400,
    rows: 1,
    outcome: 'ok',
    errorType: '',
    ...parts,
    phases: vector,
    durationUs,
  };
}

export function rollup(parts: Partial<RollupRow>): RollupRow {
  return {
    minute: NOON_US / 60_000_000,
    service: 'shop',
    method: 'GET',
    route: '/cart/:id',
    attribution: 'request',
    protocol: 'postgres',
    role: 'work',
    category: 'db',
    statement: 'SELECT * FROM cart WHERE id = $1',
    dependency: 'Postgres',
    callSite: 'src/cart.ts:12:9',
    count: 1,
    errors: 0,
    totalUs: 100,
    exclusiveUs: 100,
    phases: phases({ wait: 100 }),
    bytesOut: 40,
    bytesIn: 400,
    rows: 1,
    newConnections: 0,
    histogram: new Map([[106, 1]]),
    ...parts,
  };
}

export function processRow(parts: Partial<ProcessRow>): ProcessRow {
  return {
    id: 1,
    service: 'shop',
    runtime: 'node',
    version: '20.20.2',
    pid: 4711,
    host: 'box',
    argv: 'node server.js',
    cwd: '/srv/shop',
    startedAtUs: NOON_US,
    notVisible: [],
    ...parts,
  };
}
