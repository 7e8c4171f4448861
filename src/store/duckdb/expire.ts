// What is too old, or too much, goes: whole days first; when one day alone is too much, whole hours of it.
// In: limits. Out: how many rows went. The file is folded afterwards, so that it shrinks or its room is used again.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { RetentionLimits } from '../store.ts';
import type { Database } from './database.ts';

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;

interface Gone {
  requests: number;
  operations: number;
}

export function expire(database: Database, limits: RetentionLimits): Promise<Gone> {
  return database.write(async (connection) => {
    const gone = { requests: 0, operations: 0 };
    await deleteBefore(connection, wholeDaysBefore(limits.now, limits.maxAgeDays), gone);
    const oldestMinute = wholeDaysBefore(limits.now, limits.rollupMaxAgeDays) / 60_000_000;
    for (const table of ['rollups', 'histograms'])
      await connection.run(`DELETE FROM ${table} WHERE minute < ?`, [BigInt(oldestMinute)]);
    await connection.run('CHECKPOINT');
    await shrinkTo(connection, limits.maxBytes, gone);
    return gone;
  });
}

/** The start of the day (UTC) that many days ago, in µs since 1970. */
function wholeDaysBefore(nowMs: number, days: number): number {
  return Math.floor((nowMs * 1000) / DAY_US - days) * DAY_US;
}

async function shrinkTo(connection: DuckDBConnection, maxBytes: number, gone: Gone): Promise<void> {
  while ((await usedBytes(connection)) > maxBytes) {
    const cut = await oldestCut(connection);
    if (cut === undefined) return;
    await deleteBefore(connection, cut, gone);
    await connection.run('CHECKPOINT');
  }
}

/** The end of the oldest day, or of the oldest hour when there is one day only; undefined when there is one hour only. */
async function oldestCut(connection: DuckDBConnection): Promise<number | undefined> {
  const [oldest, newest] = await numbers(
    connection,
    'SELECT min(at_us)::DOUBLE, max(at_us)::DOUBLE FROM (SELECT at_us FROM requests UNION ALL SELECT at_us FROM operations)',
  );
  if (oldest === undefined || newest === undefined) return undefined;
  return [DAY_US, HOUR_US].map((unit) => (Math.floor(oldest / unit) + 1) * unit).find((end) => end <= newest);
}

async function deleteBefore(connection: DuckDBConnection, us: number, gone: Gone): Promise<void> {
  for (const table of ['requests', 'operations'] as const) {
    const result = await connection.run(`DELETE FROM ${table} WHERE at_us < ?`, [BigInt(us)]);
    gone[table] += result.rowsChanged;
  }
}

/** What is in use: the file itself keeps free blocks to fill them again. */
async function usedBytes(connection: DuckDBConnection): Promise<number> {
  const [blocks = 0, size = 0] = await numbers(
    connection,
    'SELECT used_blocks::DOUBLE, block_size::DOUBLE FROM pragma_database_size()',
  );
  return blocks * size;
}

async function numbers(connection: DuckDBConnection, sql: string): Promise<number[]> {
  const result = await connection.runAndReadAll(sql);
  return result.getColumns().flatMap(([value]) => (typeof value === 'number' ? [value] : []));
}
