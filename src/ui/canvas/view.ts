// The visible window of a timeline. In: windows in µs. Out: windows and ticks in µs. Pure.

import { NARROW_SPACE } from '../../base/numbers.ts';

/** `from` < `to`, in µs from the start of the trace; may reach a little beyond both ends. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** Room left of the start, and right of the end for the last label, as shares of the duration. */
const MARGIN_LEFT = 0.005;
const MARGIN_RIGHT = 0.06;
/** Farther out there is nothing to see. */
const LIMIT_LEFT = 0.02;
const LIMIT_RIGHT = 0.1;
/** Nothing is recorded finer than a microsecond: 20 of them across the window are enough. */
const NARROWEST_US = 20;

export function wholeTrace(durationUs: number): TimeWindow {
  const length = Math.max(1, durationUs);
  return { from: -length * MARGIN_LEFT, to: length * (1 + MARGIN_RIGHT) };
}

/** `factor` < 1 zooms in; `at` (µs) stays where it is. */
export function zoomed(window: TimeWindow, factor: number, at: number, durationUs: number): TimeWindow {
  const scale = Math.max(factor, NARROWEST_US / (window.to - window.from));
  const from = at - (at - window.from) * scale;
  const to = at + (window.to - at) * scale;
  return { from: Math.max(-durationUs * LIMIT_LEFT, from), to: Math.min(durationUs * (1 + LIMIT_RIGHT), to) };
}

/** Moved by a share of its length, not beyond the ends. */
export function panned(window: TimeWindow, share: number, durationUs: number): TimeWindow {
  const length = window.to - window.from;
  const lowest = Math.min(window.from, -durationUs * LIMIT_LEFT);
  const highest = Math.max(window.to, durationUs * (1 + LIMIT_RIGHT)) - length;
  const from = Math.min(highest, Math.max(lowest, window.from + share * length));
  return { from, to: from + length };
}

/** The window around one bar, with room for its label. */
export function fitted(startUs: number, endUs: number): TimeWindow {
  const length = Math.max(NARROWEST_US, endUs - startUs);
  return { from: startUs - length * 0.15, to: startUs + length * 1.33 };
}

/** Least distance; what comes out is 95 to 238 px, and the longest label is 48. */
const TICK_PX = 95;

/** The least of 1, 2 or 5 × 10ⁿ µs that keeps ticks 95 px apart. */
export function tickStep(window: TimeWindow, widthPx: number): number {
  const raw = ((window.to - window.from) / Math.max(1, widthPx)) * TICK_PX;
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = raw / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

/** All ticks of one axis in the same unit. */
export function tickLabel(us: number, stepUs: number): string {
  const [size, unit] = stepUs >= 1e6 ? [1e6, 's'] : stepUs >= 1e3 ? [1e3, 'ms'] : [1, 'µs'];
  return `${Number((us / size).toFixed(3))}${NARROW_SPACE}${unit}`;
}
