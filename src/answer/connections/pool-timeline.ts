// Lines before a pool and calls under way, over time. In: when each call joined the line, got a connection and was done. Out: equal
// slots of time. Pure.

/** Times in µs, in one clock; joined <= granted <= done. */
export interface PoolCalls {
  readonly joined: Float64Array;
  readonly granted: Float64Array;
  readonly done: Float64Array;
}

export interface PoolTimeline {
  readonly longestLine: readonly number[];
  /** Mean number of calls that had a connection. */
  readonly meanBusy: readonly number[];
  readonly maxLine: number;
  /** When the line was longest; NaN when there was none. */
  readonly maxLineAtUs: number;
}

/** A pool hands over within microseconds; what is shorter is its bookkeeping and a busy process, not a line. */
export const IN_LINE_US = 500;

export function poolTimeline(calls: PoolCalls, fromUs: number, toUs: number, slots: number): PoolTimeline {
  const width = Math.max(1, (toUs - fromUs) / slots);
  const slotOf = (us: number) => Math.max(0, Math.min(slots - 1, Math.floor((us - fromUs) / width)));
  const longestLine = Array.from({ length: slots }, () => 0);
  let maxLine = 0;
  let maxLineAtUs = Number.NaN;
  for (const { fromUs: start, toUs: end, length } of lines(calls)) {
    if (length > maxLine) [maxLine, maxLineAtUs] = [length, start];
    for (let slot = slotOf(start); slot <= slotOf(end); slot++)
      longestLine[slot] = Math.max(longestLine[slot] ?? 0, length);
  }
  return { longestLine, meanBusy: meanBusy(calls, fromUs, width, slots, slotOf), maxLine, maxLineAtUs };
}

interface Line {
  readonly fromUs: number;
  readonly toUs: number;
  readonly length: number;
}

/** Stretches of time with one length of the line, longer than nothing. */
function lines({ joined, granted }: PoolCalls): Line[] {
  const changes: (readonly [number, 1 | -1])[] = [];
  joined.forEach((us, index) => {
    const until = granted[index] ?? us;
    if (until - us >= IN_LINE_US) changes.push([us, 1], [until, -1]);
  });
  // Who gets a connection leaves before the next one joins.
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const found: Line[] = [];
  let length = 0;
  changes.forEach(([us, by], index) => {
    length += by;
    const next = changes[index + 1]?.[0] ?? us;
    if (length > 0 && next > us) found.push({ fromUs: us, toUs: next, length });
  });
  return found;
}

function meanBusy(
  { granted, done }: PoolCalls,
  fromUs: number,
  width: number,
  slots: number,
  slotOf: (us: number) => number,
): number[] {
  const busyUs = Array.from({ length: slots }, () => 0);
  granted.forEach((start, index) => {
    const end = done[index] ?? start;
    for (let slot = slotOf(start); slot <= slotOf(end); slot++) {
      const overlap = Math.min(end, fromUs + (slot + 1) * width) - Math.max(start, fromUs + slot * width);
      if (overlap > 0) busyUs[slot] = (busyUs[slot] ?? 0) + overlap;
    }
  });
  return busyUs.map((us) => us / width);
}
