// One DuckDB file, opened and made ready: one connection that writes, in order, and a few that read beside it.
// In: a path. Out: rows in, questions answered. Runs in the worker thread; throws KnownFailure or DuckDB's own errors.

import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Query } from '../query.ts';
import type { LastIds } from '../store.ts';
import { compile } from './compile.ts';
import type { Endpoint, Numbered, Place } from './dictionary.ts';
import { KnownFailure } from './failure.ts';
import type { WorkerOptions } from './messages.ts';
import { readColumns } from './read.ts';
import {
  createStatements,
  migrateStatements,
  OLDEST_VERSION,
  SCHEMA_VERSION,
  tablesMissing,
} from './schema.ts';
import type { SentColumn, SentTable } from './texts.ts';

/**
 * A page asks some ten questions at once; more readers than cores would only wait for each other. Each answers one at a time: a question
 * that waits inside of DuckDB holds one of the four threads that node has for files and zlib, too.
 */
const READERS = 3;

/** wiretime runs beside the application it measures: two threads and half a gigabyte are what it may take. */
const SETTINGS = {
  threads: '2',
  memory_limit: '512MB',
  // Folding the log into the file less often than at DuckDB's 16 MB: 5 % smaller files and fewer rewrites of their end.
  // After kill -9 a log of this size is read again when the file is opened (docs/decisions/0006-embedded-store.md).
  checkpoint_threshold: '64MB',
} as const;

export class Database {
  readonly file: string;
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  readonly #readers: readonly DuckDBConnection[];
  /** Of an older recording that is only read: tables that it has not. */
  readonly #missing: readonly string[];
  /** Nobody asks them anything at the moment. */
  readonly #idle: DuckDBConnection[];
  /** Questions that wait for a reader, first come first served. */
  readonly #waiting: ((reader: DuckDBConnection) => void)[] = [];
  /** Questions under way: to close a connection below one ends the process. */
  readonly #reading = new Set<Promise<unknown>>();
  /** The end of the queue of everything that writes. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  private constructor(
    file: string,
    instance: DuckDBInstance,
    writer: DuckDBConnection,
    readers: readonly DuckDBConnection[],
    missing: readonly string[],
  ) {
    this.file = file;
    this.#instance = instance;
    this.#writer = writer;
    this.#readers = readers;
    this.#idle = [...readers];
    this.#missing = missing;
  }

  static async open({ file, readOnly }: WorkerOptions): Promise<Database> {
    if (readOnly && !existsSync(file)) throw new KnownFailure('not-found', `${file} does not exist.`);
    if (!readOnly) mkdirSync(dirname(file), { recursive: true });
    const instance = await DuckDBInstance.create(file, {
      ...SETTINGS,
      access_mode: readOnly ? 'READ_ONLY' : 'READ_WRITE',
    });
    const writer = await instance.connect();
    const version = await prepare(writer, file, readOnly);
    const readers = await Promise.all(Array.from({ length: READERS }, () => instance.connect()));
    return new Database(file, instance, writer, readers, tablesMissing(version));
  }

  /** One after the other, whatever became of the one before. */
  write<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const result = this.#lastWrite.then(() => task(this.#writer));
    this.#lastWrite = result.catch(() => undefined);
    return result;
  }

  async ask(query: Query): Promise<SentTable> {
    const { sql, values, isText } = compile(query);
    if (this.#missing.includes(query.from)) return noRows(query, isText);
    const columns = await this.#read(sql, [...values], isText);
    const [first] = columns;
    const rowCount =
      first === undefined ? 0 : first instanceof Float64Array ? first.length : first.codes.length;
    return { rowCount, names: Object.keys(query.select), columns };
  }

  async lastIds(): Promise<LastIds> {
    const last = async (table: string, name: string): Promise<number> => {
      const sql = `SELECT CAST(coalesce(max(${name}), 0) AS DOUBLE) FROM ${table}`;
      const [column] = await this.#read(sql, [], [false]);
      return column instanceof Float64Array ? (column[0] ?? 0) : 0;
    };
    return {
      request: await last('requests', 'id'),
      operation: await last('operations', 'id'),
      process: await last('processes', 'id'),
      connection: await last('operations', 'connection'),
    };
  }

  async dictionaries(): Promise<{ endpoints: Numbered<Endpoint>[]; places: Numbered<Place>[] }> {
    const endpoints = await this.#readObjects('SELECT id, service, method, route FROM endpoints ORDER BY id');
    const places = await this.#readObjects(
      `SELECT id, service, attribution, protocol, role, category, statement, dependency, call_site AS "callSite",
        outcome, error_type AS "errorType" FROM places ORDER BY id DESC LIMIT 50000`,
    );
    // The two selections name the fields of the types, column for column.
    return { endpoints, places } as unknown as { endpoints: Numbered<Endpoint>[]; places: Numbered<Place>[] };
  }

  sizeBytes(): number {
    return [this.file, `${this.file}.wal`].reduce(
      (bytes, path) => bytes + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#lastWrite;
    await Promise.allSettled(this.#reading);
    for (const connection of [...this.#readers, this.#writer]) connection.closeSync();
    this.#instance.closeSync();
  }

  async #read(sql: string, values: DuckDBValue[], isText: readonly boolean[]): Promise<SentColumn[]> {
    return this.#withReader(async (reader) => readColumns(await reader.run(sql, values), isText));
  }

  #readObjects(sql: string): Promise<Record<string, DuckDBValue>[]> {
    return this.#withReader(async (reader) => (await reader.runAndReadAll(sql)).getRowObjects());
  }

  async #withReader<T>(read: (reader: DuckDBConnection) => Promise<T>): Promise<T> {
    const reading = this.#freeReader().then(async (reader) => {
      try {
        return await read(reader);
      } finally {
        this.#free(reader);
      }
    });
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }

  #freeReader(): Promise<DuckDBConnection> {
    const reader = this.#idle.pop();
    return reader === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(reader);
  }

  #free(reader: DuckDBConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(reader);
    else next(reader);
  }
}

function noRows({ select }: Query, isText: readonly boolean[]): SentTable {
  const columns = isText.map((text) =>
    text ? { codes: new Uint32Array(0), texts: [] } : new Float64Array(0),
  );
  return { rowCount: 0, names: Object.keys(select), columns };
}

/** Returns the version of what is there now. */
async function prepare(connection: DuckDBConnection, file: string, readOnly: boolean): Promise<number> {
  const version = await schemaVersion(connection);
  const isKnown = version !== undefined && version >= OLDEST_VERSION && version <= SCHEMA_VERSION;
  if (isKnown && (readOnly || version === SCHEMA_VERSION)) return version;
  if (isKnown) return together(connection, migrateStatements(version));
  if (version !== undefined)
    throw new KnownFailure(
      'engine',
      `${file} was written by a ${version > SCHEMA_VERSION ? 'newer' : 'older'} wiretime.`,
    );
  if (readOnly) throw new KnownFailure('not-found', `${file} holds no recording.`);
  return together(connection, createStatements());
}

async function together(connection: DuckDBConnection, statements: readonly string[]): Promise<number> {
  await connection.run('BEGIN TRANSACTION');
  for (const statement of statements) await connection.run(statement);
  await connection.run('COMMIT');
  return SCHEMA_VERSION;
}

/** undefined: the file is new. */
async function schemaVersion(connection: DuckDBConnection): Promise<number | undefined> {
  const tables = await connection.runAndReadAll("SELECT 1 FROM duckdb_tables() WHERE table_name = 'meta'");
  if (tables.currentRowCount === 0) return undefined;
  const rows = await connection.runAndReadAll('SELECT schema_version FROM meta');
  return Number(rows.getColumns()[0]?.[0] ?? 0);
}
