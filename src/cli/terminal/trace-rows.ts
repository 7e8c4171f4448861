// A trace as rows of text. In: the answer for one trace. Out: rows in the order of display: requests, calls, and runs of equal calls as one
// row. Pure; nothing here knows columns or colours. Repeats of groups are not folded: a terminal scrolls.

import type { TraceAnswer, TraceOperation, TraceRequest } from '../../answer/api.ts';

/** From this many equal calls in a row on, they are one row, as on the page. */
const RUN_LENGTH = 4;

export interface TraceRow {
  readonly depth: number;
  /** The request that began here; of a row of calls undefined. */
  readonly request: TraceRequest | undefined;
  /** What was called: several of a run; none of a request that came from outside. By start. */
  readonly operations: readonly TraceOperation[];
  /** The whole request waited for it. */
  readonly isCritical: boolean;
}

export function traceRows({ requests, operations }: TraceAnswer, foldsRuns: boolean): readonly TraceRow[] {
  const tree = new Tree(requests, operations, foldsRuns);
  const ids = new Set(operations.map(({ id }) => id));
  for (const request of requests)
    if (!ids.has(request.parentOperation)) tree.addRequest(request, [], 0, request.parentOperation === 0);
  return tree.rows;
}

class Tree {
  readonly rows: TraceRow[] = [];
  readonly #calls: ReadonlyMap<number, readonly TraceOperation[]>;
  readonly #callees: ReadonlyMap<number, readonly TraceRequest[]>;
  readonly #foldsRuns: boolean;

  constructor(requests: readonly TraceRequest[], operations: readonly TraceOperation[], foldsRuns: boolean) {
    this.#calls = groupedBy(operations, ({ request }) => request);
    this.#callees = groupedBy(requests, ({ parentOperation }) => parentOperation);
    this.#foldsRuns = foldsRuns;
  }

  addRequest(
    request: TraceRequest,
    via: readonly TraceOperation[],
    depth: number,
    isCritical: boolean,
  ): void {
    this.rows.push({ depth, request, operations: via, isCritical });
    const calls = this.#calls.get(request.id) ?? [];
    for (let at = 0; at < calls.length;) {
      const run = calls.slice(at, at + this.#runLength(calls, at));
      this.#addCalls(run, depth + 1, isCritical);
      at += run.length;
    }
  }

  /** Equal calls of which none has a callee, or one call. */
  #addCalls(calls: readonly TraceOperation[], depth: number, isCallerCritical: boolean): void {
    const isCritical = isCallerCritical && calls.some(({ isBlocking }) => isBlocking);
    const callees = calls.flatMap(({ id }) => this.#callees.get(id) ?? []);
    if (callees.length === 0) this.rows.push({ depth, request: undefined, operations: calls, isCritical });
    for (const callee of callees) this.addRequest(callee, calls, depth, isCritical);
  }

  #runLength(calls: readonly TraceOperation[], at: number): number {
    const key = this.#runKey(calls[at]);
    if (!this.#foldsRuns || key === undefined) return 1;
    let end = at + 1;
    while (end < calls.length && this.#runKey(calls[end]) === key) end++;
    return end - at >= RUN_LENGTH ? end - at : 1;
  }

  /** undefined: never in a run. */
  #runKey(call: TraceOperation | undefined): string | undefined {
    if (call === undefined || this.#callees.has(call.id)) return undefined;
    return [call.statement, call.callSite, call.dependency].join('\n');
  }
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => number): ReadonlyMap<number, readonly T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
