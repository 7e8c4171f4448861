// Findings that are kept while they are good. In: how to look for them in a range. Out: the ones of some seconds ago, or new ones.
// Computed when somebody asks: while a recording runs pages show the last ones until new ones are there.
// Not here: how findings are made (analysis/engine.ts), which requests are looked at (finding-sample.ts), in which thread.

import { setTimeout as delay } from 'node:timers/promises';
import type { Findings } from '../../analysis/engine.ts';
import type { Range } from '../api.ts';

/** Findings are made anew after this time, and so seldom that making them takes this share of it. */
const KEPT_MS = 5000;
/** Ranges that are kept at once: the pages of a few people. */
const KEPT_RANGES = 8;
/** "The last 15 minutes" move on with each look: ends that are so close are the same range. */
const SAME_RANGE_MS = 30_000;

export interface FindingCache {
  /** Waits for them. Made anew when those that are kept are older than some seconds, or `isFresh` is asked for. */
  findings(range: Range, isFresh?: boolean): Promise<Findings>;
  /** The last ones that were made, if need be some seconds old; undefined when there are none after `patienceMs`. */
  latest(range: Range, patienceMs: number): Promise<Findings | undefined>;
  /** Some were made, perhaps some seconds ago. */
  has(range: Range): boolean;
  clear(): void;
}

interface Kept {
  readonly range: Range;
  readonly making: Promise<Findings>;
  /** Set when made. */
  made?: Findings;
  until: number;
}

type Look = (range: Range) => Promise<Findings>;

export interface Often {
  /** Of time, that may go into looking. */
  readonly busyShare: number;
  /** They are never kept for longer: on a machine without a free core looking takes long, and little of it is work. */
  readonly mostMs: number;
}

export function createFindingCache(look: Look, often: Often): FindingCache {
  const kept: Kept[] = [];
  const find = (range: Range): Kept | undefined => kept.find((each) => isClose(each.range, range));
  const make = (range: Range): Kept => {
    const entry = making(look, range, often);
    const old = find(range);
    entry.making.then(
      () => replace(kept, old, entry),
      () => {
        remove(kept, entry);
        // The next who looks tries again.
        if (old !== undefined) old.until = 0;
      },
    );
    if (old?.made === undefined) replace(kept, old, entry);
    else old.until = Infinity; // Shown until the new ones are there.
    return entry;
  };
  return {
    has: (range) => find(range)?.made !== undefined,
    clear: () => void kept.splice(0),
    findings(range, isFresh = false) {
      const known = find(range);
      const isGood = known !== undefined && !isFresh && performance.now() < known.until;
      return (isGood ? known : make(range)).making;
    },
    async latest(range, patienceMs) {
      const known = find(range);
      if (known === undefined || performance.now() >= known.until) {
        const entry = make(range);
        entry.making.catch(() => undefined);
        return known?.made ?? within(entry.making, patienceMs);
      }
      return known.made ?? within(known.making, patienceMs);
    },
  };
}

function making(look: Look, range: Range, { busyShare, mostMs }: Often): Kept {
  const startedAt = performance.now();
  const entry: Kept = { range, making: look(range), until: Infinity };
  entry.making.then(
    (made) => {
      const now = performance.now();
      entry.made = made;
      entry.until = now + Math.min(mostMs, Math.max(KEPT_MS, (now - startedAt) / busyShare));
    },
    () => undefined,
  );
  return entry;
}

function isClose(a: Range, b: Range): boolean {
  const ends = [
    [a.from, b.from],
    [a.to, b.to],
  ] as const;
  return ends.every(
    ([x, y]) => x === y || (x !== undefined && y !== undefined && Math.abs(x - y) <= SAME_RANGE_MS),
  );
}

function replace(kept: Kept[], old: Kept | undefined, entry: Kept): void {
  if (old !== undefined && old !== entry) remove(kept, old);
  if (!kept.includes(entry)) kept.push(entry);
  if (kept.length > KEPT_RANGES) kept.shift();
}

function remove(kept: Kept[], entry: Kept): void {
  const index = kept.indexOf(entry);
  if (index >= 0) kept.splice(index, 1);
}

/** undefined when it takes longer, or fails: then the failure is told to whoever asks for findings alone. */
async function within(making: Promise<Findings>, patienceMs: number): Promise<Findings | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([making, delay(patienceMs, undefined, { signal: over.signal })]);
  } catch {
    return undefined;
  } finally {
    over.abort();
  }
}
