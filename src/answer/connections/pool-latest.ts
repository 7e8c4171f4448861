// From when on a pool's latest operations have to be read. In: the sums of each minute. Out: a range that holds at least so many, or all.
// The latest 100 000 of ten million are a few minutes: who asks for those does not have all others sorted.

import type { Condition } from '../../store/query.ts';
import { columns, mapRows, sum } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range } from '../api.ts';
import { MINUTE_MS, minuteCondition } from '../range.ts';

/** `where`: on rollups and operations alike. */
export async function rangeOfLatest(
  store: AskStore,
  range: Range,
  where: readonly Condition[],
  most: number,
): Promise<Range> {
  const table = await store.ask({
    from: 'rollups',
    select: { ...columns('minute'), operations: sum('count') },
    where: [minuteCondition(range), ...where],
    orderBy: [{ by: 'minute', descending: true }],
  });
  const minutes = mapRows(table, ({ number }) => ({
    minute: number('minute'),
    operations: number('operations'),
  }));
  // Sums are exact, but operations may have made room already: then they are older ones, and this reads too many minutes, never too few.
  const from = firstMinute(minutes, most, range.to);
  if (from === undefined) return range;
  return { ...range, from: Math.max(range.from ?? 0, from * MINUTE_MS) };
}

/** Of `minutes`, newest first, the one with which there are `most`; undefined: there are fewer. */
export function firstMinute(
  minutes: readonly { readonly minute: number; readonly operations: number }[],
  most: number,
  to: number | undefined,
): number | undefined {
  let found = 0;
  for (const { minute, operations } of minutes) {
    // The last minute of a range counts only when all of it is in the range.
    if (to !== undefined && (minute + 1) * MINUTE_MS - 1 > to) continue;
    found += operations;
    if (found >= most) return minute;
  }
  return undefined;
}
