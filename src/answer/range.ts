// What time is asked about. In: a range in ms, open at either end. Out: conditions for the store, and the window that is shown.

import type { Condition } from '../store/query.ts';
import { max, min, numbersOf } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { Range, Window } from './api.ts';

export const MINUTE_MS = 60_000;

/** On the start of requests and operations, in µs. Both ends inclusive: the last millisecond is whole. */
export function timeCondition({ from, to }: Range): Condition {
  return {
    column: 'atUs',
    from: from === undefined ? undefined : Math.floor(from) * 1000,
    to: to === undefined ? undefined : Math.floor(to) * 1000 + 999,
  };
}

/** On the minute of rollups: every minute that the range touches, since sums are kept by the minute. */
export function minuteCondition({ from, to }: Range): Condition {
  return {
    column: 'minute',
    from: from === undefined ? undefined : Math.floor(from / MINUTE_MS),
    to: to === undefined ? undefined : Math.floor(to / MINUTE_MS),
  };
}

/** The range with its open ends closed by the start of the first request and the end of the last; empty at 0 when there is none. */
export async function windowOf(store: AskStore, range: Range): Promise<Window> {
  if (range.from !== undefined && range.to !== undefined) return makeWindow(range.from, range.to);
  const table = await store.ask({ from: 'requests', select: { first: min('atUs'), last: max('endUs') } });
  const first = Math.floor((numbersOf(table, 'first')[0] ?? Number.NaN) / 1000);
  const last = Math.floor((numbersOf(table, 'last')[0] ?? Number.NaN) / 1000);
  if (Number.isNaN(first)) return makeWindow(range.from ?? range.to ?? 0, range.to ?? range.from ?? 0);
  return makeWindow(range.from ?? first, range.to ?? last);
}

/** Both ends are inclusive, so a window of one millisecond is 0.001 s long. */
function makeWindow(from: number, to: number): Window {
  return { from, to, seconds: to < from ? 0 : (to - from + 1) / 1000 };
}
