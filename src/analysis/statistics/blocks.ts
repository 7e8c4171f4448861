// Requests that follow each other are alike, so time is cut into blocks, and blocks are compared: they depend on each other much less.
// In: when requests began and how long they took. Out: blocks, or why there are too few. Not here: how much they still depend on each
// other (alike.ts), what is compared.

import { medianOf, quantileOf } from './chances.ts';

/** In order of time. */
export interface TimedValues {
  /** µs. */
  readonly at: readonly number[];
  readonly values: readonly number[];
}

export interface Block {
  readonly median: number;
  readonly p95: number;
}

export type Blocks =
  | {
      readonly kind: 'blocks';
      readonly blocks: readonly Block[];
      readonly seconds: number;
      /** Their p95 can be compared, too. */
      readonly haveTail: boolean;
    }
  | { readonly kind: 'too-few'; readonly reason: string };

/** 8 a side: the smallest number at which p can fall below 0.001, so that it survives twenty other endpoints. */
const LEAST_BLOCKS = 8;
/**
 * More would only be shorter, and feel swings that were too small to be measured: with 30 the false alarms of the p95 were 10.9 % where 5 %
 * are meant (level alike 0.5 from second to second, 2 min).
 */
const MOST_BLOCKS = 20;
/** Medians of six differ by half as much again as those of twelve, which the test sees: fewer requests make it blinder, and not wrong. */
const LEAST_REQUESTS = 6;
/** A p95 is a maximum up to twenty; of fewer than these it grows with their number, which both sides need not have alike. */
const LEAST_OF_TAIL = 12;
/** A garbage collection or a checkpoint lasts shorter. */
const LEAST_SECONDS = 2;
const SECOND_US = 1e6;

/** Blocks of equal length over all of the time. */
export function blocksOf(timed: TimedValues): Blocks {
  const { at } = timed;
  const first = at[0] ?? 0;
  const spanUs = (at.at(-1) ?? 0) - first + 1;
  const seconds = spanUs / SECOND_US;
  const bySize = Math.floor(at.length / LEAST_REQUESTS);
  if (bySize < LEAST_BLOCKS)
    return tooFew(`${at.length} requests, ${LEAST_BLOCKS * LEAST_REQUESTS} are needed`);
  const count = Math.min(MOST_BLOCKS, bySize, Math.floor(seconds / LEAST_SECONDS));
  if (count < LEAST_BLOCKS)
    return tooFew(`${seconds.toFixed(0)} s, ${LEAST_BLOCKS * LEAST_SECONDS} s are needed`);
  const blocks = cut(timed, first, spanUs / count, count);
  if (blocks.length < LEAST_BLOCKS) return tooFew('its requests came in too few bursts');
  const haveTail = at.length >= LEAST_OF_TAIL * count;
  return { kind: 'blocks', blocks, seconds: seconds / count, haveTail };
}

function tooFew(reason: string): Blocks {
  return { kind: 'too-few', reason };
}

/** Blocks with fewer than half of the requests that they need are left out. */
function cut({ at, values }: TimedValues, first: number, widthUs: number, count: number): Block[] {
  const groups = Array.from({ length: count }, (): number[] => []);
  for (const [index, value] of values.entries())
    groups[Math.min(count - 1, Math.floor(((at[index] ?? first) - first) / widthUs))]?.push(value);
  return groups
    .filter((group) => group.length >= LEAST_REQUESTS / 2)
    .map((group) => ({ median: medianOf(group), p95: quantileOf(group, 0.95) }));
}
