// Requests from the future: somebody set a clock back. In: when the last request ended, and what time it is. Out: a sentence, or none.

import { formatDuration } from '../base/numbers.ts';

/** Clocks of computers differ by this without anybody's doing. */
const TOLERANCE_MS = 60_000;

/** `endMs`, `nowMs`: Unix time. '' when it is past. */
export function futureSentence(endMs: number, nowMs: number): string {
  if (endMs <= nowMs + TOLERANCE_MS) return '';
  return `The last of these requests ends ${formatDuration((endMs - nowMs) * 1000)} from now: a clock was set back, here or where it was recorded. Times are shown as they were recorded.`;
}
