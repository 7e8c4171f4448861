// How many requests have so many of what a finding counts, as bars. In: [count, requests] rising. Out: bars, and pixels.

import { formatCountShort } from '../../base/numbers.ts';
import type { Paint } from './paint.ts';

export interface CountBars {
  readonly low: number;
  /** Counts a bar stands for. */
  readonly step: number;
  readonly requests: readonly number[];
  readonly mean: number;
  readonly p95: number;
  readonly most: number;
}

const MOST_BARS = 60;

/** At most 60 bars of whole counts. undefined: nothing was counted. */
export function countBars(counts: readonly (readonly [number, number])[]): CountBars | undefined {
  const sum = counts.reduce((total, [, requests]) => total + requests, 0);
  const [low = 0] = counts[0] ?? [];
  const [most = 0] = counts.at(-1) ?? [];
  if (sum === 0) return undefined;
  const step = Math.max(1, Math.ceil((most - low + 1) / MOST_BARS));
  const requests = Array.from({ length: Math.floor((most - low) / step) + 1 }, () => 0);
  let total = 0;
  let before = 0;
  let p95 = most;
  for (const [count, some] of counts) {
    const bar = Math.floor((count - low) / step);
    requests[bar] = (requests[bar] ?? 0) + some;
    total += count * some;
    if (before < 0.95 * sum && before + some >= 0.95 * sum) p95 = count;
    before += some;
  }
  return { low, step, requests, mean: total / sum, p95, most };
}

const BOTTOM_PX = 16;
/** Between the numbers below the bars. */
const LABEL_PX = 60;

export function drawCountBars(
  context: CanvasRenderingContext2D,
  paint: Paint,
  width: number,
  height: number,
  bars: CountBars,
  category: number,
): void {
  const { low, step, requests, p95 } = bars;
  const bottom = height - BOTTOM_PX;
  const highest = Math.max(...requests);
  const each = width / requests.length;
  requests.forEach((count, index) => {
    const length = count === 0 ? 0 : Math.max(1, (count / highest) * (bottom - 2));
    context.fillStyle = paint.flat[category] ?? paint.ink3;
    // The slow end stands out.
    context.globalAlpha = low + index * step >= p95 ? 1 : 0.5;
    context.fillRect(index * each, bottom - length, Math.max(1, Math.min(each - 1, 24)), length);
  });
  context.globalAlpha = 1;
  drawNumbers(context, paint, height, bars, each);
}

function drawNumbers(
  context: CanvasRenderingContext2D,
  paint: Paint,
  height: number,
  { low, step, requests }: CountBars,
  each: number,
): void {
  context.font = paint.fontSmall;
  context.fillStyle = paint.ink3;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  const every = Math.max(1, Math.ceil(LABEL_PX / each));
  for (let index = 0; index < requests.length; index += every)
    context.fillText(formatCountShort(low + index * step), index * each, height - 6);
}
