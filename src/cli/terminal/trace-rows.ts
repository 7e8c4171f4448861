// A trace as rows of text. In: the answer for one trace. Out: rows in the order of display: requests, calls, runs of equal calls as one
// row, and cycles of several calls that repeat as one row for each call of the cycle. Pure; nothing here knows columns or colours.

import type { TraceAnswer, TraceOperation, TraceRequest } from '../../answer/api.ts';
import { repeatsIn } from '../../base/repeats.ts';
import { isConsumed } from '../../model/request.ts';

/** From this many equal calls in a row on, they are one row, as on the page. */
const RUN_LENGTH = 4;

export interface TraceRow {
  readonly depth: number;
  /** The request that began here; of a row of calls undefined. */
  readonly request: TraceRequest | undefined;
  /** It stands for so many equal requests, this one first: messages of one queue. What is in them is not shown. */
  readonly run?: readonly TraceRequest[];
  /** What was called: several of a run; none of a request that came from outside. By start. */
  readonly operations: readonly TraceOperation[];
  /** `operations` are so many times the same few calls; each of those has a row of its own below. */
  readonly cycle?: { readonly times: number; readonly calls: number };
  /** The whole request waited for it. */
  readonly isCritical: boolean;
}

export function traceRows({ requests, operations }: TraceAnswer, foldsRuns: boolean): readonly TraceRow[] {
  const tree = new Tree(requests, operations, foldsRuns);
  const ids = new Set(operations.map(({ id }) => id));
  tree.addRoots(requests.filter(({ parentOperation }) => !ids.has(parentOperation)));
  return tree.rows;
}

/** Who sends a message does not wait until it is handled. */
function isWaitedFor({ method, parentOperation }: TraceRequest): boolean {
  return parentOperation === 0 && !isConsumed(method);
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

  /** A trace may begin in several places, and messages have no call that waits for them. */
  addRoots(roots: readonly TraceRequest[]): void {
    for (let at = 0; at < roots.length;) {
      const run = roots.slice(at, at + this.#requestsLike(roots, at));
      const [first] = run;
      at += run.length;
      if (first === undefined) return;
      if (run.length === 1) this.addRequest(first, [], 0, isWaitedFor(first) || first === roots[0]);
      else this.rows.push({ depth: 0, request: first, run, operations: [], isCritical: false });
    }
  }

  addRequest(
    request: TraceRequest,
    via: readonly TraceOperation[],
    depth: number,
    isCritical: boolean,
  ): void {
    this.rows.push({ depth, request, operations: via, isCritical });
    const items = this.#itemsOf(this.#calls.get(request.id) ?? []);
    let at = 0;
    for (const { from, period, times } of this.#foldsRuns ? repeatsIn(items.map(({ key }) => key)) : []) {
      // Equal calls are a run, or each of them has something below it.
      if (period === 1) continue;
      for (const { calls } of items.slice(at, from)) this.#addCalls(calls, depth + 1, isCritical);
      at = from + period * times;
      this.#addCycle(items.slice(from, at), times, depth + 1, isCritical);
    }
    for (const { calls } of items.slice(at)) this.#addCalls(calls, depth + 1, isCritical);
  }

  /** Runs, and the calls between them. */
  #itemsOf(calls: readonly TraceOperation[]): Item[] {
    const items: Item[] = [];
    for (let at = 0; at < calls.length;) {
      const run = calls.slice(at, at + this.#runLength(calls, at));
      const [first] = run;
      // A run and a call are not alike, though they do the same.
      items.push({ calls: run, key: `${run.length > 1}\n${first === undefined ? '' : placeOf(first)}` });
      at += run.length;
    }
    return items;
  }

  /** A row for all of it, and one for each call of the cycle with all of its repetitions. What they asked for is not shown. */
  #addCycle(items: readonly Item[], times: number, depth: number, isCallerCritical: boolean): void {
    const period = items.length / times;
    const row = (calls: readonly TraceOperation[], at: number): TraceRow => ({
      depth: at,
      request: undefined,
      operations: calls,
      isCritical: isCallerCritical && calls.some(({ isBlocking }) => isBlocking),
    });
    const cycle = { times, calls: period };
    this.rows.push({
      ...row(
        items.flatMap(({ calls }) => calls),
        depth,
      ),
      cycle,
    });
    for (let nth = 0; nth < period; nth++) {
      const repetitions = items.filter((_, index) => index % period === nth);
      this.rows.push(
        row(
          repetitions.flatMap(({ calls }) => calls),
          depth + 1,
        ),
      );
    }
  }

  /** Equal calls of which none has a callee, or one call. */
  #addCalls(calls: readonly TraceOperation[], depth: number, isCallerCritical: boolean): void {
    const isCritical = isCallerCritical && calls.some(({ isBlocking }) => isBlocking);
    const callees = calls.flatMap(({ id }) => this.#callees.get(id) ?? []);
    if (callees.length === 0) this.rows.push({ depth, request: undefined, operations: calls, isCritical });
    for (const callee of callees)
      this.addRequest(callee, calls, depth, isCritical && !isConsumed(callee.method));
  }

  #requestsLike(roots: readonly TraceRequest[], from: number): number {
    const first = roots[from];
    if (!this.#foldsRuns || first === undefined || !isConsumed(first.method)) return 1;
    let end = from + 1;
    while (end < roots.length && nameOf(roots[end]) === nameOf(first)) end++;
    return end - from >= RUN_LENGTH ? end - from : 1;
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
    return placeOf(call);
  }
}

interface Item {
  readonly calls: readonly TraceOperation[];
  /** Equal ones do the same from the same place. */
  readonly key: string;
}

function nameOf(request: TraceRequest | undefined): string {
  return request === undefined ? '' : [request.service, request.method, request.route].join('\n');
}

function placeOf({ statement, callSite, dependency }: TraceOperation): string {
  return [statement, callSite, dependency].join('\n');
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
