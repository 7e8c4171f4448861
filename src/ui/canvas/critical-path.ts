// The critical path. In: a tree and which operations block. Out: steps (node, start, end) from the first to the last instant,
// without gaps or overlaps, and for each node whether it is on the path. µs; nothing here knows pixels.

import type { TraceData } from '../state/trace-data.ts';
import type { BarData } from './bar-data.ts';
import { isFold, NodeKind, type TraceTree } from './rows.ts';

export interface CriticalPath {
  readonly count: number;
  readonly node: Int32Array;
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  /** Node → 1 when the request waited for it. */
  readonly isOn: Uint8Array;
}

export function findCriticalPath(answer: TraceData, tree: TraceTree, bars: BarData): CriticalPath {
  const walk = new Walk(answer, tree, bars);
  for (let node = 0; node < tree.count; node = tree.after[node] ?? tree.count) walk.request(node);
  return walk.finish();
}

/** No line, and nothing beside it. */
export function noPath({ count }: TraceTree): CriticalPath {
  const none = new Float64Array(0);
  return {
    count: 0,
    node: new Int32Array(0),
    startUs: none,
    endUs: none,
    isOn: new Uint8Array(count).fill(1),
  };
}

class Walk {
  readonly #answer: TraceData;
  readonly #tree: TraceTree;
  readonly #bars: BarData;
  readonly #isOn: Uint8Array;
  readonly #node: number[] = [];
  readonly #startUs: number[] = [];
  readonly #endUs: number[] = [];

  constructor(answer: TraceData, tree: TraceTree, bars: BarData) {
    this.#answer = answer;
    this.#tree = tree;
    this.#bars = bars;
    this.#isOn = new Uint8Array(tree.count);
  }

  /** Own time in the request's row, blocking calls in theirs; before and after it the network of its caller. */
  request(node: number): void {
    const tree = this.#tree;
    const request = tree.request[node] ?? 0;
    const start = tree.startUs[node] ?? 0;
    const end = tree.endUs[node] ?? 0;
    this.#isOn[node] = 1;
    let now = Math.min(end, Math.max(start, this.#bars.requestStartUs[request] ?? start));
    this.#step(node, start, now);
    for (const call of this.#blockingCalls(node)) {
      const callStart = Math.min(end, tree.startUs[call] ?? 0);
      const callEnd = Math.min(end, tree.endUs[call] ?? 0);
      if (callEnd <= now && callEnd > callStart) continue;
      this.#step(node, now, callStart);
      this.#call(call, Math.max(now, callStart), callEnd);
      now = Math.max(now, callEnd);
    }
    this.#step(node, now, end);
  }

  #call(call: number, start: number, end: number): void {
    // The rows that it is folded into.
    for (
      let fold = this.#tree.parent[call] ?? -1;
      isFold(this.#tree.kind[fold]);
      fold = this.#tree.parent[fold] ?? -1
    )
      this.#isOn[fold] = 1;
    if (this.#tree.kind[call] === NodeKind.request) {
      this.request(call);
      return;
    }
    this.#isOn[call] = 1;
    this.#step(call, start, end);
  }

  /** Calls of the request, those in runs and groups too, that it waited for, by start. */
  #blockingCalls(node: number): readonly number[] {
    const tree = this.#tree;
    const calls: number[] = [];
    for (let child = node + 1; child < (tree.after[node] ?? 0);) {
      if (isFold(tree.kind[child])) {
        child++;
        continue;
      }
      if (this.#answer.operations.isBlocking(tree.operation[child] ?? -1)) calls.push(child);
      child = tree.after[child] ?? tree.count;
    }
    return calls.sort((a, b) => (tree.startUs[a] ?? 0) - (tree.startUs[b] ?? 0));
  }

  #step(node: number, startUs: number, endUs: number): void {
    if (endUs <= startUs) return;
    this.#node.push(node);
    this.#startUs.push(startUs);
    this.#endUs.push(endUs);
  }

  finish(): CriticalPath {
    return {
      count: this.#node.length,
      node: Int32Array.from(this.#node),
      startUs: Float64Array.from(this.#startUs),
      endUs: Float64Array.from(this.#endUs),
      isOn: this.#isOn,
    };
  }
}

/** Steps between rows, short ones joined. Buffers are reused: only the first `count` entries mean something. */
export class PathLine {
  readonly row: Int32Array;
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  count = 0;
  #rowOf: Int32Array | undefined = undefined;
  #minUs = -1;

  constructor(path: CriticalPath) {
    this.row = new Int32Array(path.count);
    this.startUs = new Float64Array(path.count);
    this.endUs = new Float64Array(path.count);
  }

  /** Steps shorter than `minUs` stay in the row before; done again only when rows or `minUs` change. */
  update(path: CriticalPath, rowOf: Int32Array, minUs: number): void {
    if (this.#rowOf === rowOf && this.#minUs === minUs) return;
    this.#rowOf = rowOf;
    this.#minUs = minUs;
    this.count = 0;
    for (let step = 0; step < path.count; step++)
      this.#add(rowOf[path.node[step] ?? 0] ?? -1, path.startUs[step] ?? 0, path.endUs[step] ?? 0, minUs);
  }

  #add(row: number, startUs: number, endUs: number, minUs: number): void {
    const last = this.count - 1;
    if (last >= 0 && (row < 0 || this.row[last] === row || endUs - startUs < minUs)) {
      this.endUs[last] = endUs;
      return;
    }
    this.row[this.count] = row;
    this.startUs[this.count] = startUs;
    this.endUs[this.count] = endUs;
    this.count++;
  }
}
