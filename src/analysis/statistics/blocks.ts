// Requests that follow each other are alike, so time is cut into blocks that hardly depend on each other, and blocks are compared.
// In: when requests began and how long they took. Out: blocks, or why there are too few. Not here: what is compared.

import { correlation, medianOf, quantileOf } from '../statistics.ts';

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
  | { readonly kind: 'blocks'; readonly blocks: readonly Block[]; readonly seconds: number }
  | { readonly kind: 'too-few'; readonly reason: string };

/** 8 a side: the smallest number at which p can fall below 0.001, so that it survives twenty other endpoints. */
const LEAST_BLOCKS = 8;
/**
 * More would only be shorter, and feel swings that were too small to be measured: with 30 the false alarms of the p95 were 10.9 % where 5 %
 * are meant (level alike 0.5 from second to second, 2 min).
 */
const MOST_BLOCKS = 20;
/** What the median and the p95 of one block need to be of use. */
const LEAST_REQUESTS = 20;
/** A garbage collection or a checkpoint lasts shorter. */
const LEAST_SECONDS = 2;
/** After five times the decorrelation time 0.7 % of what was is left (e^-5). */
const DECORRELATIONS = 5;

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
  const needed = Math.max(LEAST_SECONDS, DECORRELATIONS * decorrelationSeconds(timed));
  const count = Math.min(MOST_BLOCKS, bySize, Math.floor(seconds / needed));
  if (count < LEAST_BLOCKS) {
    const why = needed > LEAST_SECONDS ? ', as its times go up and down slowly' : '';
    return tooFew(`${seconds.toFixed(0)} s, ${Math.ceil(LEAST_BLOCKS * needed)} s are needed${why}`);
  }
  const blocks = cut(timed, first, spanUs / count, count);
  if (blocks.length < LEAST_BLOCKS) return tooFew('its requests came in too few bursts');
  return { kind: 'blocks', blocks, seconds: seconds / count };
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

/** Below 2/√n a correlation is what chance makes of independent values (95 %). */
const CHANCE = 2;

/**
 * How long the level of the values stays what it was: the time in which its autocorrelation falls to 1/e. From the logarithms of the medians of
 * seconds. The noise of a second's median makes neighbours look less alike than they are; the ratio of the first two lags does not know it.
 */
function decorrelationSeconds(timed: TimedValues): number {
  const levels = secondLevels(timed);
  if (levels.length < LEAST_BLOCKS) return 0;
  const [one, two] = [lagged(levels, 1), lagged(levels, 2)];
  const chance = CHANCE / Math.sqrt(levels.length);
  if (Math.max(one, two) < chance) return 0;
  const ratio = one > chance && two > 0 ? Math.min(MOST_ALIKE, two / one) : 0;
  const alike = Math.min(MOST_ALIKE, Math.max(one, Math.sqrt(Math.max(0, two)), ratio));
  return -1 / Math.log(alike);
}

/** 50 s: longer swings need recordings of an hour, and are no longer told from trends. */
const MOST_ALIKE = 0.98;

function secondLevels({ at, values }: TimedValues): readonly number[] {
  const bySecond = new Map<number, number[]>();
  for (const [index, value] of values.entries()) {
    const second = Math.floor((at[index] ?? 0) / SECOND_US);
    const group = bySecond.get(second);
    if (group === undefined) bySecond.set(second, [value]);
    else group.push(value);
  }
  return [...bySecond.values()].map((group) => Math.log(Math.max(0.5, medianOf(group))));
}

function lagged(levels: readonly number[], lag: number): number {
  return correlation(levels.slice(lag).map((level, index) => [levels[index] ?? 0, level] as const));
}
