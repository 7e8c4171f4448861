// Keeps a recording from growing for ever. In: a store and its limits. Out: old days deleted now and then, in the background.
// Not here: what an engine deletes first (store/).

import type { ExpireStore } from '../../store/store.ts';

export interface Retention {
  readonly maxAgeDays: number;
  readonly maxBytes: number;
}

/** Sums by the minute are small and stay longer, for comparisons. */
const ROLLUP_DAYS = 90;
/** Not while the program starts; but also in recordings that are short and many. */
const FIRST_MS = 5000;
/** A day is the smallest piece that goes by age, so this is often enough. */
const EVERY_MS = 3_600_000;

/** Returns how to stop. A failure is left to the next round: `append` fails, too, and that is said. */
export function startRetention(store: ExpireStore, { maxAgeDays, maxBytes }: Retention): () => void {
  const round = (): void => {
    const limits = {
      now: Date.now(),
      maxAgeDays,
      maxBytes,
      rollupMaxAgeDays: Math.max(ROLLUP_DAYS, maxAgeDays),
    };
    void store.expire(limits).catch(() => {});
  };
  const first = setTimeout(round, FIRST_MS).unref();
  const later = setInterval(round, EVERY_MS).unref();
  return () => {
    clearTimeout(first);
    clearInterval(later);
  };
}
