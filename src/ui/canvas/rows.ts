// A trace as rows. In: the answer for one trace. Out: a tree in typed arrays, in the order of display, and which of it is visible.
// Nothing here knows pixels, colours or the DOM; drawing, hit test and labels read the same arrays.

import { CategoryIndex } from '../../model/category.ts';
import type { RequestFacts } from '../../model/trace-columns.ts';
import type { TraceData } from '../state/trace-data.ts';
import { repeatsIn } from '../../base/repeats.ts';

export const NodeKind = { request: 0, operation: 1, run: 2, group: 3 } as const;

/** From this many equal calls in a row on, they are one row. Three still read well one by one. */
const RUN_LENGTH = 4;

/** From so many operations on, groups of calls that repeat are one row too. */
const GROUPS_FROM = 5000;

/** Nodes in depth-first order: the nodes below `node` are node + 1 up to after[node] - 1. */
export interface TraceTree {
  readonly count: number;
  readonly kind: Uint8Array;
  readonly depth: Uint8Array;
  /** -1 for a root. */
  readonly parent: Int32Array;
  readonly after: Int32Array;
  /** µs from the start of the trace. */
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  /** Index in answer.requests: of a request node its own, else of the request that did it. */
  readonly request: Int32Array;
  /** Index in answer.operations; of a request node the call that asked for it; of a run or group its first. -1 for a root. */
  readonly operation: Int32Array;
  /** Index in CATEGORIES. */
  readonly category: Uint8Array;
  /** How often what a group or run repeats was done; 0 of all others. */
  readonly times: Int32Array;
}

export interface VisibleRows {
  /** Row → node. */
  readonly nodes: Int32Array;
  /** Node → its row, or the row that it is folded into; -1 when hidden. */
  readonly rowOf: Int32Array;
}

export function buildTree(answer: TraceData): TraceTree {
  const builder = new TreeBuilder(answer);
  answer.requests.forEach((request, index) => {
    if (!builder.isCallee(request)) builder.addRequest(index, -1, -1, 0);
  });
  return builder.finish();
}

/** Requests start open, runs and groups folded. */
export function defaultOpen(tree: TraceTree): Uint8Array {
  return tree.kind.map((kind) => (isFold(kind) ? 0 : 1));
}

/** Operations and runs shorter than `minUs` are left out. */
export function visibleRows(tree: TraceTree, isOpen: Uint8Array, minUs: number): VisibleRows {
  const rowOf = new Int32Array(tree.count).fill(-1);
  const nodes = new Int32Array(tree.count);
  let count = 0;
  for (let node = 0; node < tree.count;) {
    const after = tree.after[node] ?? tree.count;
    if (tree.kind[node] !== NodeKind.request && lengthUs(tree, node) < minUs) {
      node = after;
      continue;
    }
    rowOf[node] = count;
    nodes[count] = node;
    if (isOpen[node] === 0) rowOf.fill(count, node, after);
    node = isOpen[node] === 0 ? after : node + 1;
    count++;
  }
  return { nodes: nodes.slice(0, count), rowOf };
}

export function lengthUs(tree: TraceTree, node: number): number {
  return (tree.endUs[node] ?? 0) - (tree.startUs[node] ?? 0);
}

/** A row that stands for several calls. */
export function isFold(kind: number | undefined): boolean {
  return kind === NodeKind.run || kind === NodeKind.group;
}

/** How many calls a run holds. */
export function membersOf(tree: TraceTree, node: number): number {
  return (tree.after[node] ?? 0) - node - 1;
}

export function hasChildren(tree: TraceTree, node: number): boolean {
  return (tree.after[node] ?? 0) > node + 1;
}

class TreeBuilder {
  readonly #answer: TraceData;
  readonly #foldsGroups: boolean;
  /** Request id → indices of its operations, by start. */
  readonly #operationsOf = new Map<number, number[]>();
  /** Operation id → indices of the requests it asked for. */
  readonly #calleesOf = new Map<number, number[]>();
  readonly #operationIds: ReadonlySet<number>;
  readonly #kind: number[] = [];
  readonly #depth: number[] = [];
  readonly #parent: number[] = [];
  readonly #after: number[] = [];
  readonly #startUs: number[] = [];
  readonly #endUs: number[] = [];
  readonly #request: number[] = [];
  readonly #operation: number[] = [];
  readonly #category: number[] = [];
  readonly #times: number[] = [];

  constructor(answer: TraceData) {
    this.#answer = answer;
    this.#foldsGroups = answer.operations.length >= GROUPS_FROM;
    const { id, request } = answer.operations.numbers;
    this.#operationIds = new Set(id);
    request.forEach((owner, index) => append(this.#operationsOf, owner, index));
    answer.requests.forEach(({ parentOperation }, index) => append(this.#calleesOf, parentOperation, index));
  }

  /** A request whose caller is part of this trace is shown in the caller's row. */
  isCallee({ parentOperation }: RequestFacts): boolean {
    return this.#operationIds.has(parentOperation);
  }

  addRequest(request: number, operation: number, parent: number, depth: number): void {
    const span = operation < 0 ? this.#answer.requests[request] : undefined;
    const startUs = span?.startUs ?? this.#startOf(operation);
    const durationUs = span?.durationUs ?? this.#lengthOf(operation);
    const node = this.#add(NodeKind.request, startUs, durationUs, CategoryIndex.http, parent, depth);
    this.#request[node] = request;
    this.#operation[node] = operation;
    this.#addCalls(
      this.#operationsOf.get(this.#answer.requests[request]?.id ?? 0) ?? [],
      request,
      node,
      depth + 1,
    );
    this.#after[node] = this.#kind.length;
  }

  #addCalls(operations: readonly number[], request: number, parent: number, depth: number): void {
    const items = this.#itemsOf(operations);
    const repeats = this.#foldsGroups ? repeatsIn(items.map(({ key }) => key)) : [];
    let at = 0;
    for (const { from, period, times } of repeats) {
      // A run of calls without callees is a row of its own already.
      if (period === 1 && items[from]?.isPlain === true) continue;
      for (const item of items.slice(at, from)) this.#addItem(item, request, parent, depth);
      at = from + period * times;
      this.#addGroup(items.slice(from, at), times, request, parent, depth);
    }
    for (const item of items.slice(at)) this.#addItem(item, request, parent, depth);
  }

  /** Runs, and calls between them, in order. */
  #itemsOf(operations: readonly number[]): Item[] {
    const items: Item[] = [];
    for (let at = 0; at < operations.length;) {
      const length = this.#runLength(operations, at);
      const isRun = length >= RUN_LENGTH;
      const isPlain = this.#runKey(operations[at]) !== undefined;
      const place = this.#placeOf(operations[at]);
      // A run and a call are not alike, though they do the same.
      const key = isRun ? -1 - place : place;
      if (isRun) items.push({ key, isRun, isPlain, operations: operations.slice(at, at + length) });
      else
        for (const operation of operations.slice(at, at + length))
          items.push({ key, isRun, isPlain, operations: [operation] });
      at += length;
    }
    return items;
  }

  #addItem({ isRun, operations }: Item, request: number, parent: number, depth: number): void {
    if (isRun) this.#addRun(operations, request, parent, depth);
    else for (const operation of operations) this.#addCall(operation, request, parent, depth);
  }

  #addGroup(items: readonly Item[], times: number, request: number, parent: number, depth: number): void {
    const operations = items.flatMap((item) => item.operations);
    const node = this.#addFold(NodeKind.group, operations, request, parent, depth);
    this.#times[node] = times;
    for (const item of items) this.#addItem(item, request, node, depth + 1);
    this.#after[node] = this.#kind.length;
  }

  #addRun(operations: readonly number[], request: number, parent: number, depth: number): void {
    const node = this.#addFold(NodeKind.run, operations, request, parent, depth);
    this.#times[node] = operations.length;
    for (const operation of operations) this.#addCall(operation, request, node, depth + 1);
    this.#after[node] = this.#kind.length;
  }

  /** One row for all of them, from the first start to the last end. */
  #addFold(
    kind: number,
    operations: readonly number[],
    request: number,
    parent: number,
    depth: number,
  ): number {
    const [first = 0] = operations;
    let startUs = Infinity;
    let endUs = -Infinity;
    for (const index of operations) {
      startUs = Math.min(startUs, this.#startOf(index));
      endUs = Math.max(endUs, this.#startOf(index) + this.#lengthOf(index));
    }
    const node = this.#add(kind, startUs, endUs - startUs, this.#categoryOf(first), parent, depth);
    this.#request[node] = request;
    this.#operation[node] = first;
    return node;
  }

  #addCall(operation: number, request: number, parent: number, depth: number): void {
    const [callee, ...more] = this.#calleesOf.get(this.#idOf(operation)) ?? [];
    if (callee !== undefined) {
      this.addRequest(callee, operation, parent, depth);
      for (const other of more) this.addRequest(other, -1, parent, depth);
      return;
    }
    const node = this.#add(
      NodeKind.operation,
      this.#startOf(operation),
      this.#lengthOf(operation),
      this.#categoryOf(operation),
      parent,
      depth,
    );
    this.#request[node] = request;
    this.#operation[node] = operation;
  }

  #add(
    kind: number,
    startUs: number,
    durationUs: number,
    category: number,
    parent: number,
    depth: number,
  ): number {
    const node = this.#kind.length;
    this.#kind.push(kind);
    this.#depth.push(Math.min(255, depth));
    this.#parent.push(parent);
    this.#after.push(node + 1);
    this.#startUs.push(startUs);
    this.#endUs.push(startUs + durationUs);
    this.#category.push(category);
    this.#times.push(0);
    return node;
  }

  #runLength(operations: readonly number[], at: number): number {
    const key = this.#runKey(operations[at]);
    if (key === undefined) return 1;
    let end = at + 1;
    while (end < operations.length && this.#runKey(operations[end]) === key) end++;
    return end - at;
  }

  /** Calls with the same key belong to one run; undefined: never in a run. */
  #runKey(index: number | undefined): number | undefined {
    if (index === undefined || this.#calleesOf.has(this.#idOf(index))) return undefined;
    return this.#placeOf(index);
  }

  #placeOf(index: number | undefined): number {
    return this.#answer.operations.placeOf(index ?? -1);
  }

  #idOf(index: number): number {
    return this.#answer.operations.numbers.id[index] ?? 0;
  }

  #startOf(index: number): number {
    return this.#answer.operations.numbers.startUs[index] ?? 0;
  }

  #lengthOf(index: number): number {
    return this.#answer.operations.numbers.durationUs[index] ?? 0;
  }

  #categoryOf(index: number): number {
    return this.#answer.operations.categoryIndex(index);
  }

  finish(): TraceTree {
    return {
      count: this.#kind.length,
      kind: Uint8Array.from(this.#kind),
      depth: Uint8Array.from(this.#depth),
      parent: Int32Array.from(this.#parent),
      after: Int32Array.from(this.#after),
      startUs: Float64Array.from(this.#startUs),
      endUs: Float64Array.from(this.#endUs),
      request: Int32Array.from(this.#request),
      operation: Int32Array.from(this.#operation),
      category: Uint8Array.from(this.#category),
      times: Int32Array.from(this.#times),
    };
  }
}

/** A run, or a call that is none. */
interface Item {
  readonly key: number;
  readonly isRun: boolean;
  /** Nothing was called in another traced service. */
  readonly isPlain: boolean;
  readonly operations: readonly number[];
}

function append(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
