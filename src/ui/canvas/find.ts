// Looking for something in a trace. In: a trace as a tree, a text. Out: which nodes are meant, and the rows that show them. Pure.

import type { TraceData } from '../state/trace-data.ts';
import { isFold, NodeKind, type TraceTree, type VisibleRows } from './rows.ts';

/** Node → 1. Folded rows are not meant by themselves: what is in them is. */
export type Matches = Uint8Array;

/** Statements, peers, call sites, errors, and services, methods and routes of requests; upper and lower case are alike. */
export function matchesOf({ operations, requests }: TraceData, tree: TraceTree, text: string): Matches {
  const wanted = text.trim().toLowerCase();
  const isMeant = (candidate: string) => candidate.toLowerCase().includes(wanted);
  const calls = operations.whereText(
    ['statement', 'dependency', 'callSite', 'errorType', 'outcome'],
    isMeant,
  );
  const asked = requests.map(({ service, method, route }) => isMeant(`${service} ${method} ${route}`));
  return Uint8Array.from(tree.kind, (kind, node) => {
    if (wanted === '' || isFold(kind)) return 0;
    if (kind === NodeKind.request && asked[tree.request[node] ?? -1] === true) return 1;
    return calls[tree.operation[node] ?? -1] ?? 0;
  });
}

/** Rows with a match, each once; of a fold that is closed, the row that stands for what is in it. */
export function rowsWith(matches: Matches, { rowOf, nodes }: VisibleRows): Uint8Array {
  const found = new Uint8Array(nodes.length);
  matches.forEach((isMatch, node) => {
    const row = rowOf[node] ?? -1;
    if (isMatch === 1 && row >= 0) found[row] = 1;
  });
  return found;
}

/** The next row with a match after (or before) `row`, going round; -1: there is none. */
export function nextRow(found: Uint8Array, row: number, step: 1 | -1): number {
  for (let tried = 1; tried <= found.length; tried++) {
    const candidate = (((row + step * tried) % found.length) + found.length) % found.length;
    if (found[candidate] === 1) return candidate;
  }
  return -1;
}
