// What a stretch of a trace was spent on. In: the critical path, what is in the bars, a stretch. Out: µs by category, which add up to the part
// of the stretch in which the trace ran, and by node. What ran in parallel counts nothing, as everywhere. Pure.

import { CATEGORY_COUNT, CategoryIndex } from '../../model/category.ts';
import { PhaseIndex } from '../../model/row.ts';
import { PHASE_COUNT, phaseCategory, PHASES_IN_TIME, type BarData } from './bar-data.ts';
import type { CriticalPath } from './critical-path.ts';
import { NodeKind, type TraceTree } from './rows.ts';
import type { TimeWindow } from './view.ts';

export interface RangeSums {
  /** By category. */
  readonly categories: Float64Array;
  /** Node → µs of the path that are in the stretch, of nodes that have some. */
  readonly nodes: ReadonlyMap<number, number>;
  readonly totalUs: number;
}

export function rangeSums(
  { tree, bars, path }: { readonly tree: TraceTree; readonly bars: BarData; readonly path: CriticalPath },
  { from, to }: TimeWindow,
): RangeSums {
  const categories = new Float64Array(CATEGORY_COUNT);
  const nodes = new Map<number, number>();
  let totalUs = 0;
  for (let step = 0; step < path.count; step++) {
    const start = Math.max(from, path.startUs[step] ?? 0);
    const end = Math.min(to, path.endUs[step] ?? 0);
    if (end <= start) continue;
    const node = path.node[step] ?? 0;
    nodes.set(node, (nodes.get(node) ?? 0) + end - start);
    totalUs += end - start;
    if (tree.kind[node] === NodeKind.request) addRequest(categories, tree, bars, node, start, end);
    else addCall(categories, tree, bars, node, start, end);
  }
  return { categories, nodes, totalUs };
}

function overlap(start: number, end: number, from: number, length: number): number {
  return Math.max(0, Math.min(end, from + length) - Math.max(start, from));
}

function add(categories: Float64Array, category: number, us: number): void {
  categories[category] = (categories[category] ?? 0) + us;
}

/** Its phases, one after the other. What is left, of rounding, is the call's own kind. */
function addCall(
  categories: Float64Array,
  tree: TraceTree,
  bars: BarData,
  node: number,
  start: number,
  end: number,
): void {
  const category = tree.category[node] ?? 0;
  const left = end - start - addPhases(categories, tree, bars, node, start, end, PHASES_IN_TIME.length);
  add(categories, category, left);
}

/** The first `count` phases; returns how much they cover. */
function addPhases(
  categories: Float64Array,
  tree: TraceTree,
  bars: BarData,
  node: number,
  start: number,
  end: number,
  count: number,
): number {
  const operation = tree.operation[node] ?? -1;
  let atUs = tree.startUs[node] ?? 0;
  let covered = 0;
  for (const phase of PHASES_IN_TIME.slice(0, count)) {
    const length = bars.phasesUs[operation * PHASE_COUNT + phase] ?? 0;
    const us = overlap(start, end, atUs, length);
    add(categories, phaseCategory(phase, tree.category[node] ?? 0), us);
    covered += us;
    atUs += length;
  }
  return covered;
}

const BEFORE_WAIT = PHASES_IN_TIME.indexOf(PhaseIndex.wait);

/** What it did itself; outside of it, in its caller's clock, the way there and back. */
function addRequest(
  categories: Float64Array,
  tree: TraceTree,
  bars: BarData,
  node: number,
  start: number,
  end: number,
): void {
  const request = tree.request[node] ?? 0;
  const requestStart = bars.requestStartUs[request] ?? 0;
  const requestEnd = bars.requestEndUs[request] ?? 0;
  let left = end - start;
  for (
    let stretch = firstStretch(bars, request, start);
    stretch < (bars.ownFrom[request + 1] ?? 0) && (bars.ownStartUs[stretch] ?? 0) < end;
    stretch++
  ) {
    const us = overlap(start, end, bars.ownStartUs[stretch] ?? 0, bars.ownLengthUs[stretch] ?? 0);
    add(categories, bars.ownCategory[stretch] ?? 0, us);
    left -= us;
  }
  if ((tree.operation[node] ?? -1) < 0) return add(categories, CategoryIndex.other, left);
  left -= addPhases(categories, tree, bars, node, start, Math.min(end, requestStart), BEFORE_WAIT);
  const deliverUs = bars.phasesUs[(tree.operation[node] ?? 0) * PHASE_COUNT + PhaseIndex.deliver] ?? 0;
  const callEnd = tree.endUs[node] ?? 0;
  const arrived = Math.max(requestEnd, callEnd - deliverUs);
  const delivered = overlap(start, end, arrived, callEnd - arrived);
  add(categories, CategoryIndex.loop, delivered);
  add(categories, CategoryIndex.http, left - delivered);
}

/** Stretches are by start and do not overlap: the first that ends after `us`. */
function firstStretch({ ownFrom, ownStartUs, ownLengthUs }: BarData, request: number, us: number): number {
  let low = ownFrom[request] ?? 0;
  let high = ownFrom[request + 1] ?? low;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ownStartUs[middle] ?? 0) + (ownLengthUs[middle] ?? 0) <= us) low = middle + 1;
    else high = middle;
  }
  return low;
}
