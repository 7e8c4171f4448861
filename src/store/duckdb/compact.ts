// Sums of the same minute and place become one row. In: a minute that has passed. Out: fewer rows with the same sums.
// The collector appends what it has four times a second, so that nothing is lost when it is killed: 240 rows a minute for each
// place that is busy, instead of one. Only answers that read months of them notice; all of them read the same numbers.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableDef } from './schema.ts';
import { TABLES } from './schema.ts';

/** Requests that take longer than this leave a few rows unmerged. */
const LATE_MINUTES = 2;

const KEYS: ReadonlySet<string> = new Set(['minute', 'endpoint', 'place', 'bucket']);

/** Merges `minute` and the few before it, in one transaction. */
export async function compactMinute(connection: DuckDBConnection, minute: number): Promise<void> {
  await connection.run('BEGIN TRANSACTION');
  try {
    for (const table of [TABLES.rollups, TABLES.histograms]) await compactTable(connection, table, minute);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function compactTable(connection: DuckDBConnection, table: TableDef, minute: number): Promise<void> {
  const where = `WHERE minute BETWEEN ${minute - LATE_MINUTES} AND ${minute}`;
  const keys = table.columns.filter(({ name }) => KEYS.has(name)).map(({ name }) => name);
  const selected = table.columns.map(({ name }) =>
    KEYS.has(name) ? name : `sum(${name})::BIGINT AS ${name}`,
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE merged AS SELECT ${selected.join(', ')} FROM ${table.name} ${where}
      GROUP BY ${keys.join(', ')} ORDER BY ${keys.join(', ')}`,
  );
  await connection.run(`DELETE FROM ${table.name} ${where}`);
  await connection.run(`INSERT INTO ${table.name} SELECT * FROM merged`);
  await connection.run('DROP TABLE merged');
}
