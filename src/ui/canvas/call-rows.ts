// The mean request as rows of a table and as blocks of an icicle: two views of one tree. In: nodes of the answer, which group.
// Out: rows and blocks in µs. Pure. A call and the request that it caused in a traced service are one row: what is not in the
// callee is the network between them.

import type { CallGroup, CallNode } from '../../answer/api.ts';
import { CATEGORIES, CATEGORY_COUNT, CategoryIndex, type CategoryKey } from '../../model/category.ts';

export type CallView = CallGroup | 'difference';

export interface CallRow {
  readonly node: CallNode;
  /** The request in a traced service that the call caused. */
  readonly callee: CallNode | undefined;
  readonly depth: number;
  readonly calls: number;
  /** With everything below, per request of the group. */
  readonly us: number;
  /** Of its own, callee's own included. */
  readonly self: readonly number[];
  /** Index of the row it belongs to, -1: none. */
  readonly parent: number;
}

/** Parents before children. Rows that the group does not have are left out; a difference may be negative. */
export function callRows(tree: readonly CallNode[], view: CallView): CallRow[] {
  const rows: CallRow[] = [];
  const last = tree.length;
  const isThere = (node: CallNode) =>
    view === 'difference' ? node.means.slow.calls + node.means.typical.calls > 0 : node.means[view].calls > 0;
  const walk = (from: number, to: number, depth: number, parent: number): number => {
    let sum = 0;
    for (let at = from; at < to;) {
      const end = endOf(tree, at, last);
      const node = tree[at];
      if (node !== undefined && isThere(node)) sum += add(node, at, Math.min(end, to), depth, parent);
      at = end;
    }
    return sum;
  };
  const add = (node: CallNode, at: number, end: number, depth: number, parent: number): number => {
    const next = tree[at + 1];
    const isMerged = node.kind === 'call' && next?.kind === 'request' && endOf(tree, at + 1, last) === end;
    const callee = isMerged ? next : undefined;
    const self = selfIn(node, view).map(
      (us, index) => us + (callee ? (selfIn(callee, view)[index] ?? 0) : 0),
    );
    const index = rows.length;
    rows.push({ node, callee, depth, calls: callsIn(node, view), us: 0, self, parent });
    const below = walk(at + (isMerged ? 2 : 1), end, depth + 1, index);
    const us = below + self.reduce((sum, value) => sum + value, 0);
    const row = rows[index];
    if (row !== undefined) rows[index] = { ...row, us };
    return us;
  };
  walk(0, tree.length, 0, -1);
  return rows;
}

function endOf(tree: readonly CallNode[], at: number, last: number): number {
  const depth = tree[at]?.depth ?? 0;
  let end = at + 1;
  while (end < last && (tree[end]?.depth ?? 0) > depth) end++;
  return end;
}

function selfIn({ means }: CallNode, view: CallView): readonly number[] {
  if (view !== 'difference') return means[view].self;
  return means.slow.self.map((us, index) => us - (means.typical.self[index] ?? 0));
}

function callsIn({ means }: CallNode, view: CallView): number {
  return view === 'difference' ? means.slow.calls - means.typical.calls : means[view].calls;
}

/** A rectangle of the icicle. `x` and `width` are shares of the whole. */
export interface CallBlock {
  readonly row: number;
  /** What of the row: the row as a whole, or one category of its own time. */
  readonly category: CategoryKey | undefined;
  readonly level: number;
  readonly x: number;
  readonly width: number;
  readonly us: number;
}

const DEEPEST_LEVEL = 3;
/** Narrower is less than a pixel or two. */
const NARROWEST = 0.0025;

/** The row `top` and what is in it, at most four levels. Times below zero (a difference) have no width. */
export function callBlocks(rows: readonly CallRow[], top: number): CallBlock[] {
  const widths = rows.map(({ self }) => self.reduce((sum, us) => sum + Math.max(0, us), 0));
  for (let index = rows.length - 1; index >= 0; index--) {
    const parent = rows[index]?.parent ?? -1;
    if (parent >= 0) widths[parent] = (widths[parent] ?? 0) + (widths[index] ?? 0);
  }
  const whole = widths[top] ?? 0;
  if (whole <= 0) return [];
  const blocks: CallBlock[] = [];
  const children = childrenOf(rows);
  const placeOwn = (row: number, level: number, x: number): void => {
    let at = x;
    for (const { category, us } of ownParts(rows[row])) {
      put(blocks, { row, category, level, x: at, width: us / whole, us });
      at += us / whole;
    }
  };
  const place = (row: number, level: number, x: number): void => {
    const us = widths[row] ?? 0;
    // A call with nothing behind it is its work, and beside that what it waited for.
    if (row !== top && (children[row] ?? []).length === 0) return placeOwn(row, level, x);
    put(blocks, { row, category: undefined, level, x, width: us / whole, us });
    if (level >= DEEPEST_LEVEL) return;
    let at = x;
    for (const child of (children[row] ?? []).toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))) {
      place(child, level + 1, at);
      at += (widths[child] ?? 0) / whole;
    }
    placeOwn(row, level + 1, at);
  };
  place(top, 0, 0);
  return blocks;
}

function put(blocks: CallBlock[], block: CallBlock): void {
  if (block.width >= NARROWEST) blocks.push(block);
}

function childrenOf(rows: readonly CallRow[]): number[][] {
  const children: number[][] = rows.map(() => []);
  rows.forEach(({ parent }, index) => children[parent]?.push(index));
  return children;
}

/** The network first, so that it is beside what is behind it; waiting next to the work it waited for. */
function ownParts(row: CallRow | undefined): { readonly category: CategoryKey; readonly us: number }[] {
  if (row === undefined) return [];
  const order = CATEGORIES.map(({ key }) => key).toSorted((a, b) => rank(a) - rank(b));
  return order
    .map((category) => ({ category, us: row.self[CategoryIndex[category]] ?? 0 }))
    .filter(({ us }) => us > 0);
}

function rank(key: CategoryKey): number {
  const index = CategoryIndex[key];
  return index >= CategoryIndex.db ? index - CATEGORY_COUNT : index;
}

/** Of a row without anything below: its work is the block itself, what it waited stands beside it. */
export function isLeaf(rows: readonly CallRow[], row: number): boolean {
  return !rows.some(({ parent }) => parent === row);
}
