// The time range of the address, as choices, as two times, and as words.

import { pushParameters, query } from './address.ts';

export const RANGES = [
  { value: '5m', name: 'Last 5 min' },
  { value: '15m', name: 'Last 15 min' },
  { value: '1h', name: 'Last hour' },
  { value: '6h', name: 'Last 6 hours' },
  { value: '24h', name: 'Last 24 hours' },
  { value: '7d', name: 'Last 7 days' },
  { value: 'all', name: 'Whole recording' },
] as const;

/** What is shown when the address does not say. */
export const DEFAULT_RANGE = 'all';

export function currentRange(): string {
  return query.value.get('range') ?? DEFAULT_RANGE;
}

/** The two ends of a range that somebody chose, ms since 1970; undefined: it is one of RANGES. */
export function customRange(): { readonly from: number; readonly to: number } | undefined {
  const [from = Number.NaN, to = Number.NaN] = currentRange().split('..').map(Date.parse);
  return Number.isNaN(from) || Number.isNaN(to) ? undefined : { from, to };
}

/** A step in the history, so that Back undoes it. */
export function chooseRange(value: string): void {
  beforeBrush = undefined;
  // What was selected may lie outside of it.
  pushParameters({ range: value === DEFAULT_RANGE ? undefined : value, sel: undefined, w: undefined });
}

/** Less than it is kept to the millisecond, more to the second: so that it can be read. */
const SHORT_MS = 60_000;

/** In UTC, so that a link says the same everywhere. */
export function rangeBetween(from: number, to: number): string {
  const text = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
  const step = to - from < SHORT_MS ? 1 : 1000;
  return `${text(Math.floor(from / step) * step)}..${text(Math.ceil(to / step) * step)}`;
}

/** What was shown before a time axis was brushed. */
let beforeBrush: string | undefined;

/** Brushing a time axis: ms since 1970. */
export function narrowTo(from: number, to: number): void {
  const before = beforeBrush ?? currentRange();
  chooseRange(rangeBetween(from, to));
  beforeBrush = before;
}

/** False when there is nothing to undo. */
export function undoNarrowing(): boolean {
  if (beforeBrush === undefined) return false;
  chooseRange(beforeBrush);
  return true;
}

/** `14:32 – 14:47`, with the day when it is not today. */
export function rangeWords({ from, to }: { readonly from: number; readonly to: number }): string {
  const day = (ms: number) => new Date(ms).toLocaleDateString('en', { month: 'short', day: 'numeric' });
  const time = (ms: number) => (ms % 60_000 === 0 ? clock(ms).slice(0, 5) : clock(ms));
  const isToday = day(from) === day(Date.now()) && day(to) === day(from);
  const start = isToday ? time(from) : `${day(from)}, ${time(from)}`;
  return `${start} – ${day(to) === day(from) ? '' : `${day(to)}, `}${time(to)}`;
}

const CLOCK: Intl.DateTimeFormatOptions = {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
};

/** `14:38:40`, local time. */
export function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en', CLOCK);
}

/** With date and zone, for hovering. */
export function fullTime(at: number): string {
  return new Date(at).toLocaleString('en', {
    ...CLOCK,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    timeZoneName: 'short',
  });
}
