// What is too old, or too much, goes: whole days; whole hours only when one day alone is too much. The newest hour stays.
// In: limits. Out: how many rows went. The file is folded afterwards, so that it shrinks or its room is used again.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { RetentionLimits } from '../store.ts';
import type { Database } from './database.ts';

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const MINUTE_US = 60_000_000;

/** Rollups stay longer than rows, but never push them out: of what there may be, they get a quarter. */
const ROLLUP_SHARE = 0.25;

/** How large rows are relative to each other (bytes on disk, bench/store.ts): from it follows how many have to go at once. */
const ROW_BYTES = { requests: 60, operations: 22, rollups: 50, histograms: 5 } as const;

/** Sizes of rows vary: what was too little the first time is mended by the next. */
const ROUNDS = 3;

interface Gone {
  requests: number;
  operations: number;
}

/** Bytes of the rows that began in an hour, by the start of the hour in µs. */
type BytesByHour = ReadonlyMap<number, number>;

export function expire(database: Database, limits: RetentionLimits): Promise<Gone> {
  return database.write(async (connection) => {
    const gone = { requests: 0, operations: 0 };
    await deleteRows(connection, startOfDay(limits.now, limits.maxAgeDays), gone);
    await deleteRollups(connection, startOfDay(limits.now, limits.rollupMaxAgeDays));
    await connection.run('CHECKPOINT');
    await shrinkTo(connection, limits.maxBytes, gone);
    return gone;
  });
}

/** The start of the day (UTC) that many days ago, in µs since 1970. */
function startOfDay(nowMs: number, daysAgo: number): number {
  return Math.floor((nowMs * 1000) / DAY_US - daysAgo) * DAY_US;
}

async function shrinkTo(connection: DuckDBConnection, maxBytes: number, gone: Gone): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const used = await usedBytes(connection);
    if (used <= maxBytes) return;
    const rows = await bytesByHour(connection, ['requests', 'operations'], `at_us // ${HOUR_US}`);
    const rollups = await bytesByHour(connection, ['rollups', 'histograms'], 'minute // 60');
    // In the measure of ROW_BYTES, which need not be that of the file.
    const budget = (total(rows) + total(rollups)) * (maxBytes / used);
    const rollupBudget = Math.max(budget * ROLLUP_SHARE, budget - total(rows));
    await deleteRollups(connection, cutFor(rollups, rollupBudget));
    await deleteRows(connection, cutFor(rows, budget - Math.min(total(rollups), rollupBudget)), gone);
    await connection.run('CHECKPOINT');
  }
}

function total(bytes: BytesByHour): number {
  return [...bytes.values()].reduce((sum, each) => sum + each, 0);
}

/** What began before has to go, so that the rest fits: the end of a day if anything is left after it, else of an hour. */
function cutFor(bytes: BytesByHour, budget: number): number {
  const newestFirst = [...bytes].toSorted(([a], [b]) => b - a);
  const [newest] = newestFirst;
  if (newest === undefined || total(bytes) <= budget) return 0;
  let kept = 0;
  let cut = newest[0];
  for (const [hour, size] of newestFirst) {
    kept += size;
    if (kept > budget) break;
    cut = hour;
  }
  const endOfDay = Math.ceil(cut / DAY_US) * DAY_US;
  return endOfDay <= newest[0] ? endOfDay : cut;
}

async function bytesByHour(
  connection: DuckDBConnection,
  tables: readonly (keyof typeof ROW_BYTES)[],
  hour: string,
): Promise<BytesByHour> {
  const bytes = new Map<number, number>();
  for (const table of tables) {
    const sql = `SELECT (${hour})::DOUBLE, count(*)::DOUBLE FROM ${table} GROUP BY 1`;
    for (const [at = 0, rows = 0] of await numberRows(connection, sql))
      bytes.set(at * HOUR_US, (bytes.get(at * HOUR_US) ?? 0) + rows * ROW_BYTES[table]);
  }
  return bytes;
}

async function deleteRows(connection: DuckDBConnection, beforeUs: number, gone: Gone): Promise<void> {
  for (const table of ['requests', 'operations'] as const) {
    const result = await connection.run(`DELETE FROM ${table} WHERE at_us < ?`, [BigInt(beforeUs)]);
    gone[table] += result.rowsChanged;
  }
  await connection.run('DELETE FROM closings WHERE at_us < ?', [BigInt(beforeUs)]);
}

async function deleteRollups(connection: DuckDBConnection, beforeUs: number): Promise<void> {
  for (const table of ['rollups', 'histograms', 'codeLines'])
    await connection.run(`DELETE FROM ${table} WHERE minute < ?`, [BigInt(beforeUs / MINUTE_US)]);
}

/** What is in use: the file itself keeps free blocks to fill them again. */
async function usedBytes(connection: DuckDBConnection): Promise<number> {
  const sql = 'SELECT used_blocks::DOUBLE, block_size::DOUBLE FROM pragma_database_size()';
  const [[blocks = 0, size = 0] = []] = await numberRows(connection, sql);
  return blocks * size;
}

async function numberRows(connection: DuckDBConnection, sql: string): Promise<number[][]> {
  const result = await connection.runAndReadAll(sql);
  return result.getRows().map((row) => row.map(Number));
}
