// A trace beside the typical one of its endpoint. In: both, as trees. Out: for each node of the first, when its counterpart in the other
// began and ended. Counterparts do the same from the same place: same way down from the root, and the same number among equals.

import type { TraceData } from '../state/trace-data.ts';
import { NodeKind, type TraceTree } from './rows.ts';

export interface TypicalTimes {
  /** µs from the start of the typical trace; NaN: it has nothing like it. */
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
}

/** A trace, and its tree. */
export interface TreeOf {
  readonly answer: TraceData;
  readonly tree: TraceTree;
}

export function typicalTimes(trace: TreeOf, typical: TreeOf): TypicalTimes {
  const { count } = trace.tree;
  const startUs = new Float64Array(count).fill(Number.NaN);
  const endUs = new Float64Array(count).fill(Number.NaN);
  const places = new Map(keysOf(typical).map((key, node) => [key, node]));
  keysOf(trace).forEach((key, node) => {
    const other = places.get(key);
    if (other === undefined) return;
    startUs[node] = typical.tree.startUs[other] ?? Number.NaN;
    endUs[node] = typical.tree.endUs[other] ?? Number.NaN;
  });
  return { startUs, endUs };
}

/** Node → its key. A run and a single call have the same: twenty queries here may be two there. */
function keysOf({ answer, tree }: TreeOf): string[] {
  const keys: string[] = [];
  const seen = new Map<string, number>();
  for (let node = 0; node < tree.count; node++) {
    const parent = tree.parent[node] ?? -1;
    const own = `${keys[parent] ?? ''}\n${nameOf({ answer, tree }, node)}`;
    const nth = seen.get(own) ?? 0;
    seen.set(own, nth + 1);
    keys.push(`${own}#${nth}`);
  }
  return keys;
}

function nameOf({ answer, tree }: TreeOf, node: number): string {
  if (tree.kind[node] === NodeKind.request) {
    const request = answer.requests[tree.request[node] ?? -1];
    return `${request?.service} ${request?.method} ${request?.route}`;
  }
  const { operations } = answer;
  const operation = tree.operation[node] ?? -1;
  const texts = (['statement', 'callSite', 'dependency'] as const).map((name) =>
    operations.text(name, operation),
  );
  return texts.join('\0');
}
