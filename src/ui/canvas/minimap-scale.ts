// Time and pixels of the overview. In: µs or pixels. Out: the other one, and what a press takes hold of. Pure.

import type { TimeWindow } from './view.ts';

/** Free at both sides, for the handles. */
export const SIDE_PX = 8;
/** A handle is this much easier to hit than it is wide. */
const REACH_PX = 6;

export function minimapX(us: number, durationUs: number, width: number): number {
  return SIDE_PX + (us / durationUs) * (width - 2 * SIDE_PX);
}

/** The other way round: µs under a pixel. */
export function minimapTime(x: number, durationUs: number, width: number): number {
  return ((x - SIDE_PX) / Math.max(1, width - 2 * SIDE_PX)) * durationUs;
}

/** What a press at `x` takes hold of. */
export function minimapHandle(
  x: number,
  window: TimeWindow,
  durationUs: number,
  width: number,
): 'from' | 'to' | 'inside' | 'outside' {
  const left = Math.max(2, minimapX(window.from, durationUs, width));
  const right = Math.min(width - 2, minimapX(window.to, durationUs, width));
  if (Math.abs(x - left) <= REACH_PX) return 'from';
  if (Math.abs(x - right) <= REACH_PX) return 'to';
  return x > left && x < right ? 'inside' : 'outside';
}
