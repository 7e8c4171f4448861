// The time range of the address, as choices and as words.

import { query } from './address.ts';

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
