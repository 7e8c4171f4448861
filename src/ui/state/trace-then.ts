// From a call of a trace to its pool at that time. In: a trace, a stretch of it. Out: a window of Connections. Pure.

import type { TraceData } from './trace-data.ts';

/** Around a call: as much as it took on each side, and enough to see a line form. */
const LEAST_MARGIN_US = 10_000;

/** The visible window of Connections, µs since 1970. */
export function windowAround({ at }: Pick<TraceData, 'at'>, startUs: number, durationUs: number): string {
  const margin = Math.max(LEAST_MARGIN_US, durationUs);
  const from = at * 1000 + startUs - margin;
  return `${Math.round(from)},${Math.round(from + durationUs + 2 * margin)}`;
}
