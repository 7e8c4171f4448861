// Histograms of durations out of the store. In: what to group by, a range. Out: one histogram per group.

import type { Condition } from '../store/query.ts';
import { columns, mapRows, sum } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';

/** Key of a group: its texts, joined by what no text contains. */
export function groupKey(texts: readonly string[]): string {
  return texts.join('\0');
}

/** The texts of a group's key. */
export function groupTexts(key: string): string[] {
  return key.split('\0');
}

/** Bucket → count for each group, by `groupKey` of its texts. */
export async function histogramsBy(
  store: AskStore,
  keys: readonly string[],
  where: readonly Condition[],
): Promise<Map<string, Map<number, number>>> {
  const table = await store.ask({
    from: 'histograms',
    select: { ...columns(...keys, 'bucket'), count: sum('count') },
    where,
  });
  const histograms = new Map<string, Map<number, number>>();
  mapRows(table, (row) => {
    const key = groupKey(keys.map(row.text));
    const histogram = histograms.get(key) ?? new Map<number, number>();
    histogram.set(row.number('bucket'), row.number('count'));
    histograms.set(key, histogram);
  });
  return histograms;
}
