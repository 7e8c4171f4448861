// What a change saves. In: a sample, a change. Out: how much faster which endpoints get, scaled to all of their requests.
// Everything comes from replaying whole trees: what is not on the critical path of what a customer asked for saves nothing.

import type { FindingEffect, NowAndAfter } from '../../model/finding.ts';
import type { Change } from './change.ts';
import { replayUs } from './replay.ts';
import { endpointKey, groupBy, isEntry, type RequestNode } from '../sample/request-tree.ts';
import { touchedBy, weightOf, type Sample } from '../sample/sample.ts';
import { meanInterval, quantileOf, standardError, type BlockSum } from '../statistics/chances.ts';

/** Entry request → µs by which the change makes it faster; requests that gain nothing are left out. */
export type SavedByRoot = ReadonlyMap<RequestNode, number>;

/** At some 5 µs each: then it gives way. */
const REPLAYS_AT_ONCE = 250;

/** Of all requests that it touches, or only of those that `part`, a part of it, touches. */
export function* savedBy(
  sample: Sample,
  change: Change,
  part: Change = change,
): Generator<undefined, SavedByRoot> {
  const saved = new Map<RequestNode, number>();
  const touched = touchedBy(sample, change);
  let replayed = 0;
  for (const root of part === change ? touched : touchedBy(sample, part)) {
    if (!isEntry(root)) continue;
    const us = root.request.durationUs - replayUs(root, change, touched);
    if (us > 0) saved.set(root, us);
    if (++replayed % REPLAYS_AT_ONCE === 0) yield;
  }
  return saved;
}

/** Over all requests of the window. */
export function totalSavedUs(sample: Sample, saved: SavedByRoot): number {
  let total = 0;
  for (const [root, us] of saved) total += us * weightOf(sample, root);
  return total;
}

/** By time saved, largest first. */
export function effectsOf(sample: Sample, saved: SavedByRoot): FindingEffect[] {
  const groups = groupBy(saved.keys(), ({ request }) => endpointKey(request));
  return [...groups.keys()]
    .map((key) => effectOf(sample, key, saved))
    .filter((effect) => effect !== undefined)
    .toSorted((a, b) => b.totalUs - a.totalUs);
}

function effectOf(sample: Sample, key: string, saved: SavedByRoot): FindingEffect | undefined {
  const roots = sample.entries.get(key) ?? [];
  const totals = sample.totals.get(key);
  if (totals === undefined || roots.length === 0) return undefined;
  const { service, method, route, requests } = totals;
  const now = roots.map(({ request }) => request.durationUs);
  const after = roots.map((root) => root.request.durationUs - (saved.get(root) ?? 0));
  const totalUs = roots.reduce((sum, root) => sum + (saved.get(root) ?? 0) * weightOf(sample, root), 0);
  const at = (share: number): NowAndAfter => ({
    nowUs: quantileOf(now, share),
    afterUs: quantileOf(after, share),
  });
  return {
    service,
    method,
    route,
    requests,
    meanUs: requests === 0 ? 0 : totalUs / requests,
    totalUs,
    p50: at(0.5),
    p95: at(0.95),
  };
}

/** 90 % interval of what one request of the endpoint saves on average. */
export function savingInterval(sample: Sample, key: string, saved: SavedByRoot): readonly [number, number] {
  return meanInterval(blocksOf(sample, key, (root) => saved.get(root) ?? 0));
}

/**
 * What is left of the requests takes longer in one block of time than in another: by how much the difference of two means is off, in nine of
 * ten cases, when the second one is measured as long as the sample.
 */
export function measuringErrorUs(sample: Sample, key: string, saved: SavedByRoot): number {
  const left = blocksOf(sample, key, (root) => root.request.durationUs - (saved.get(root) ?? 0));
  return Math.SQRT2 * Z_OF_90 * standardError(left);
}

const Z_OF_90 = 1.645;

/** Low end of what one of the `affected` requests saves on average (G2): what is rare is not small. */
export function leastSavedUs(sample: Sample, key: string, affected: SavedByRoot, saved: SavedByRoot): number {
  return meanInterval(
    blocksOf(
      sample,
      key,
      (root) => saved.get(root) ?? 0,
      (root) => affected.has(root),
    ),
  )[0];
}

function blocksOf(
  sample: Sample,
  key: string,
  usOf: (root: RequestNode) => number,
  counts: (root: RequestNode) => boolean = () => true,
): BlockSum[] {
  const blocks = Array.from({ length: sample.blocks }, () => ({ sum: 0, count: 0 }));
  for (const root of sample.entries.get(key) ?? []) {
    const block = blocks[root.block];
    if (block === undefined || !counts(root)) continue;
    block.sum += usOf(root);
    block.count++;
  }
  return blocks.filter(({ count }) => count > 0);
}
