// Everything that is stored, for other programs. In: a range, or a trace. Out: requests, nearly by start, with their operations, part by part; then
// the operations that belong to none. However long a recording is, no more than one part is in memory.

import { columns, count, mapRows, numbersOf, type Condition } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { Range } from './api.ts';
import { timeCondition } from './range.ts';
import {
  PLACED_OPERATIONS,
  PLACES,
  REQUESTS,
  storedOperations,
  storedRequests,
  type StoredOperation,
  type StoredRequest,
} from './stored-rows.ts';

export interface ExportQuestion extends Range {
  readonly traceId?: string;
  /** They are most of the work. */
  readonly isWithoutOperations?: boolean;
}

export interface ExportProcess {
  readonly service: string;
  readonly runtime: string;
  readonly version: string;
  readonly pid: number;
  readonly host: string;
}

export interface ExportOperation {
  readonly row: StoredOperation;
  /** Of this part, or of the one before when a request has more operations than a part. undefined: it belongs to none. */
  readonly cause: StoredRequest | undefined;
}

export interface ExportPart {
  readonly requests: readonly StoredRequest[];
  readonly operations: readonly ExportOperation[];
}

export interface ExportRows {
  /** How many there will be. */
  readonly requests: number;
  /** By id. */
  readonly processes: ReadonlyMap<number, ExportProcess>;
  readonly parts: AsyncIterable<ExportPart>;
}

/** The store looks for them in order of time, whatever their number: some at once. 1 MB as objects. */
const REQUESTS_AT_ONCE = 2000;
/** A part: with ten operations each 2 MB as objects. */
const REQUESTS_IN_PART = 500;
const OPERATIONS_IN_PART = 10_000;
/** Farther apart, other operations lie between theirs. */
const NEAR_IDS = 10_000;

export async function exportRows(store: AskStore, question: ExportQuestion): Promise<ExportRows> {
  const where = conditionsOf(question);
  const [total, processes] = await Promise.all([
    store.ask({ from: 'requests', select: { requests: count() }, where }),
    processesOf(store),
  ]);
  return {
    requests: numbersOf(total, 'requests')[0] ?? 0,
    processes,
    parts: partsOf(store, question, where),
  };
}

function conditionsOf(question: ExportQuestion): Condition[] {
  const { traceId } = question;
  return [timeCondition(question), ...(traceId === undefined ? [] : [{ column: 'traceId', is: traceId }])];
}

async function processesOf(store: AskStore): Promise<ReadonlyMap<number, ExportProcess>> {
  const table = await store.ask({
    from: 'processes',
    select: columns('id', 'service', 'runtime', 'version', 'pid', 'host'),
  });
  const rows = mapRows(table, ({ number, text }): [number, ExportProcess] => [
    number('id'),
    {
      service: text('service'),
      runtime: text('runtime'),
      version: text('version'),
      pid: number('pid'),
      host: text('host'),
    },
  ]);
  return new Map(rows);
}

async function* partsOf(
  store: AskStore,
  question: ExportQuestion,
  where: readonly Condition[],
): AsyncGenerator<ExportPart> {
  let last: StoredRequest | undefined;
  for (;;) {
    const table = await store.ask({
      from: 'requests',
      select: { ...REQUESTS.select, ...columns('operationCount') },
      where: [...where, ...after(last)],
      orderBy: [{ by: 'atUs' }, { by: 'id' }],
      limit: REQUESTS_AT_ONCE,
    });
    const requests = storedRequests(table);
    last = requests.at(-1);
    if (last === undefined) break;
    if (question.isWithoutOperations === true) yield { requests, operations: [] };
    else
      for (const part of inParts(requests, numbersOf(table, 'operationCount')))
        yield* withOperations(store, part);
  }
  if (question.traceId === undefined && question.isWithoutOperations !== true)
    yield* withoutRequest(store, question);
}

/** Neighbours by id, so that the store finds their operations side by side; none of them with more operations than a part holds. */
function inParts(requests: readonly StoredRequest[], operationCounts: Float64Array): StoredRequest[][] {
  const byId = requests
    .map((request, index) => ({ request, operations: operationCounts[index] ?? 0 }))
    .toSorted((a, b) => a.request.id - b.request.id);
  const parts: StoredRequest[][] = [];
  let [firstId, room] = [Number.NEGATIVE_INFINITY, 0];
  for (const { request, operations } of byId) {
    const isNear = request.id - firstId < NEAR_IDS;
    if (!isNear || operations > room || (parts.at(-1)?.length ?? 0) >= REQUESTS_IN_PART) {
      parts.push([]);
      [firstId, room] = [request.id, OPERATIONS_IN_PART];
    }
    parts.at(-1)?.push(request);
    room -= operations;
  }
  return parts;
}

/** Behind `last` in the order of start and id. */
function after(last: { readonly atUs: number; readonly id: number } | undefined): Condition[] {
  if (last === undefined) return [];
  const sameTime: Condition[] = [
    { column: 'atUs', is: last.atUs },
    { column: 'id', from: last.id + 1 },
  ];
  return [{ anyOf: [sameTime, [{ column: 'atUs', from: last.atUs + 1 }]] }];
}

async function* withOperations(
  store: AskStore,
  requests: readonly StoredRequest[],
): AsyncGenerator<ExportPart> {
  const causes = new Map(requests.map((request) => [request.id, request]));
  const ids = [...causes.keys()];
  // The list alone would be looked up in every row of a large recording.
  const near: Condition = { column: 'request', from: Math.min(...ids), to: Math.max(...ids) };
  const where: readonly Condition[] = [near, { column: 'request', isIn: ids }];
  let isFirst = true;
  for await (const rows of operationsOf(store, where)) {
    const operations = rows.map((row) => ({ row, cause: causes.get(row.request) }));
    yield { requests: isFirst ? requests : [], operations };
    isFirst = false;
  }
  if (isFirst) yield { requests, operations: [] };
}

async function* withoutRequest(store: AskStore, range: Range): AsyncGenerator<ExportPart> {
  const where: Condition[] = [timeCondition(range), { column: 'request', is: 0 }];
  for await (const rows of operationsOf(store, where))
    yield { requests: [], operations: rows.map((row) => ({ row, cause: undefined })) };
}

/** By start. Their texts are asked for once each. */
async function* operationsOf(
  store: AskStore,
  where: readonly Condition[],
): AsyncGenerator<readonly StoredOperation[]> {
  let last: StoredOperation | undefined;
  do {
    const table = await store.ask({
      ...PLACED_OPERATIONS,
      where: [...where, ...after(last)],
      orderBy: [{ by: 'atUs' }, { by: 'id' }],
      limit: OPERATIONS_IN_PART,
    });
    // After it, so that no place is missing of what a running program has just added.
    const places = await store.ask({ ...PLACES, where });
    const rows = storedOperations(table, places);
    if (rows.length > 0) yield rows;
    last = rows.length < OPERATIONS_IN_PART ? undefined : rows.at(-1);
  } while (last !== undefined);
}
