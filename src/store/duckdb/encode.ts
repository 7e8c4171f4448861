// A batch in the form that crosses to the worker: one block of numbers per table, column after column, and short lists of text.
// In: rows. Out: tables whose number blocks are transferred, not copied. Not here: DuckDB (append.ts writes what this made).

import type { CodeLineRow, OperationRow, RequestRow, RollupRow } from '../../model/row.ts';
import { packRepeat, REPEAT_UNKNOWN } from '../../model/repeat.ts';
import { PhaseIndex } from '../../model/row.ts';
import type { Batch } from '../store.ts';
import type { Endpoint, Numbered, Place } from './dictionary.ts';
import { EndpointDictionary, PlaceDictionary } from './dictionary.ts';
import type { TableDef, TableName } from './schema.ts';
import { TABLES } from './schema.ts';

/** Rows of one table. NaN is NULL. */
export interface EncodedTable {
  readonly rows: number;
  /** The number columns in the order of the table, each `rows` long. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** The text columns in the order of the table. */
  readonly texts: readonly (readonly string[])[];
}

export interface EncodedBatch {
  readonly tables: Readonly<Record<TableName, EncodedTable>>;
  /** What the dictionaries take back if the batch fails. */
  readonly newEndpoints: readonly Numbered<Endpoint>[];
  readonly newPlaces: readonly Numbered<Place>[];
}

/** Fills one row after the other, its columns in the order of the table. */
class TableWriter {
  readonly #rows: number;
  readonly #numbers: Float64Array<ArrayBuffer>;
  readonly #texts: string[][];
  #row = -1;
  #at = 0;
  #textAt = 0;

  constructor(table: TableDef, rows: number) {
    const numberColumns = table.columns.filter(({ type }) => type === 'INTEGER' || type === 'BIGINT').length;
    this.#rows = rows;
    this.#numbers = new Float64Array(rows * numberColumns);
    this.#texts = Array.from({ length: table.columns.length - numberColumns }, () => []);
  }

  nextRow(): this {
    this.#at = ++this.#row;
    this.#textAt = 0;
    return this;
  }

  put(value: number): this {
    this.#numbers[this.#at] = value;
    this.#at += this.#rows;
    return this;
  }

  putOrNull(value: number): this {
    return this.put(value === 0 ? Number.NaN : value);
  }

  putAll(values: readonly number[]): this {
    for (let index = 0; index < values.length; index++) this.put(values[index] ?? 0);
    return this;
  }

  putDifferences(values: readonly number[], from: readonly number[]): this {
    for (let index = 0; index < values.length; index++) this.put((values[index] ?? 0) - (from[index] ?? 0));
    return this;
  }

  text(value: string): this {
    this.#texts[this.#textAt++]?.push(value);
    return this;
  }

  result(): EncodedTable {
    return { rows: this.#rows, numbers: this.#numbers, texts: this.#texts };
  }
}

export class BatchEncoder {
  readonly endpoints = new EndpointDictionary();
  readonly places = new PlaceDictionary();

  encode(batch: Batch): EncodedBatch {
    const requests = this.#requests(batch.requests);
    const operations = this.#operations(batch.operations);
    const { rollups, histograms } = this.#rollups(batch.rollups);
    const codeLines = this.#codeLines(batch.codeLines ?? []);
    const newEndpoints = this.endpoints.takeNew();
    const newPlaces = this.places.takeNew();
    const tables = {
      endpoints: encodeEndpoints(newEndpoints),
      places: encodePlaces(newPlaces),
      requests,
      operations,
      rollups,
      histograms,
      processes: encodeProcesses(batch),
      counters: encodeCounters(batch),
      findingChanges: encodeFindingChanges(batch),
      closings: encodeClosings(batch),
      codeLines,
    };
    return { tables, newEndpoints, newPlaces };
  }

  #codeLines(rows: readonly CodeLineRow[]): EncodedTable {
    const out = new TableWriter(TABLES.codeLines, rows.length);
    for (const row of rows) {
      out
        .nextRow()
        .put(row.minute)
        .put(this.endpoints.idOf(row.service, row.method, row.route));
      out.text(row.callSite).text(row.name).text(row.called).text(row.callers);
      out.put(row.us).put(row.blockedUs).put(row.looks);
    }
    return out.result();
  }

  /** The file did not get the batch. */
  giveBack(batch: EncodedBatch): void {
    this.endpoints.giveBack(batch.newEndpoints);
    this.places.giveBack(batch.newPlaces);
  }

  #requests(rows: readonly RequestRow[]): EncodedTable {
    const out = new TableWriter(TABLES.requests, rows.length);
    for (const row of rows) {
      out.nextRow().put(row.id).text(row.traceId).putOrNull(row.parentOperation).put(row.process);
      out.put(this.endpoints.idOf(row.service, row.method, row.route));
      out.put(row.status).put(Number(row.isError)).put(Number(row.isAborted));
      out.put(row.atUs).put(row.durationUs).put(row.firstByteUs);
      out.putAll(row.categories).putDifferences(row.ownCategories, row.categories);
      out.put(row.operationCount).put(row.treeOperationCount);
    }
    return out.result();
  }

  #operations(rows: readonly OperationRow[]): EncodedTable {
    const out = new TableWriter(TABLES.operations, rows.length);
    for (const row of rows) {
      out.nextRow().put(row.id).putOrNull(row.request).put(row.process).put(this.places.idOf(row));
      out.put(row.connection).put(row.nthOnConnection).put(row.atUs).put(row.durationUs);
      for (let index = 0; index < row.phases.length; index++)
        if (index !== PhaseIndex.wait) out.put(row.phases[index] ?? 0);
      out.put(row.durationUs - row.exclusiveUs).put(Number(row.isBlocking));
      out
        .put(row.bytesOut)
        .put(row.bytesIn)
        .put(row.rows)
        .put(packRepeat(row.repeatAgeUs ?? REPEAT_UNKNOWN, row));
    }
    return out.result();
  }

  #rollups(rows: readonly RollupRow[]): { rollups: EncodedTable; histograms: EncodedTable } {
    let buckets = 0;
    for (const row of rows) buckets += row.histogram.size;
    const out = new TableWriter(TABLES.rollups, rows.length);
    const histograms = new TableWriter(TABLES.histograms, buckets);
    for (const row of rows) {
      const endpoint = this.endpoints.idOf(row.service, row.method, row.route);
      const place = this.places.idOf({ ...row, outcome: '', errorType: '' });
      out.nextRow().put(row.minute).put(endpoint).put(place);
      out.put(row.count).put(row.errors).put(row.totalUs).put(row.exclusiveUs).putAll(row.phases);
      out.put(row.bytesOut).put(row.bytesIn).put(row.rows).put(row.newConnections);
      for (const [bucket, count] of row.histogram)
        histograms.nextRow().put(row.minute).put(endpoint).put(place).put(bucket).put(count);
    }
    return { rollups: out.result(), histograms: histograms.result() };
  }
}

function encodeEndpoints(rows: readonly Numbered<Endpoint>[]): EncodedTable {
  const out = new TableWriter(TABLES.endpoints, rows.length);
  for (const row of rows) out.nextRow().put(row.id).text(row.service).text(row.method).text(row.route);
  return out.result();
}

function encodePlaces(rows: readonly Numbered<Place>[]): EncodedTable {
  const out = new TableWriter(TABLES.places, rows.length);
  for (const row of rows) {
    out.nextRow().put(row.id).text(row.service).text(row.attribution).text(row.protocol).text(row.role);
    out.text(row.category).text(row.statement).text(row.dependency).text(row.callSite);
    out.text(row.outcome).text(row.errorType);
  }
  return out.result();
}

/** Of several rows of one process the last: DuckDB keeps the first of a statement. */
function encodeProcesses({ processes }: Batch): EncodedTable {
  const last = new Map(processes.map((row) => [row.id, row]));
  const out = new TableWriter(TABLES.processes, last.size);
  for (const row of last.values()) {
    out.nextRow().put(row.id).text(row.service).text(row.runtime).text(row.version).put(row.pid);
    out.text(row.host).text(row.argv).text(row.cwd).put(row.startedAtUs);
    out.text(JSON.stringify(row.notVisible)).text(JSON.stringify(row.pools ?? []));
  }
  return out.result();
}

function encodeCounters({ counters }: Batch): EncodedTable {
  const out = new TableWriter(TABLES.counters, counters.length);
  for (const row of counters) out.nextRow().put(row.process).text(row.name).put(row.value);
  return out.result();
}

function encodeClosings({ closings = [] }: Batch): EncodedTable {
  const out = new TableWriter(TABLES.closings, closings.length);
  for (const { connection, atUs } of closings) out.nextRow().put(connection).put(atUs);
  return out.result();
}

function encodeFindingChanges({ findingChanges = [] }: Batch): EncodedTable {
  const out = new TableWriter(TABLES.findingChanges, findingChanges.length);
  for (const row of findingChanges) {
    out.nextRow().text(row.findingId).put(row.atUs).text(row.state).put(Number(row.isByPerson));
    out.text(row.note).text(row.data);
  }
  return out.result();
}
