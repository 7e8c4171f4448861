// Are the requests of an endpoint slower than before? In: requests of both sides. Out: the change of median and p95 with intervals, and
// one verdict for each endpoint that holds for all of them together (false discovery rate). Says "cannot tell" when there is too little.
// Not here: where the requests come from, how it looks.

import { alikeness, errorFactor } from '../statistics/alike.ts';
import { blocksOf, type Block } from '../statistics/blocks.ts';
import { adjusted } from '../statistics/false-discovery.ts';
import { shiftTest } from '../statistics/shift-test.ts';
import { rankTest } from '../statistics/rank-test.ts';
import { ratioOf, type Ratio } from '../statistics/shift.ts';
import { medianOf, quantileOf } from '../statistics/chances.ts';
import type { EndpointSample } from './sample.ts';

export interface QuantileChange extends Ratio {
  readonly aUs: number;
  readonly bUs: number;
  /** For this endpoint alone. */
  readonly p: number;
}

export type LatencyVerdict = 'slower' | 'faster' | 'no-change';

export type LatencyChange =
  | {
      readonly kind: 'compared';
      readonly verdict: LatencyVerdict;
      readonly median: QuantileChange;
      readonly p95: QuantileChange;
      /** Of both tests, adjusted for the number of endpoints. */
      readonly adjustedP: number;
      readonly blocks: { readonly a: number; readonly b: number; readonly seconds: number };
    }
  | { readonly kind: 'cannot-tell'; readonly reason: string };

/** One false alarm among a hundred that are raised. */
const FALSE_DISCOVERIES = 0.01;
/** Smaller changes are within what a deploy of the same code shows; a tenth of a millisecond is what one call costs. */
const LEAST_SHARE = 0.05;
const LEAST_US = 100;

/** Beyond it a recording is too short for its swings: of twenty blocks that are alike by 0.7 four independent ones are left. */
const MOST_ALIKE = 0.7;

type Compared = Omit<Extract<LatencyChange, { kind: 'compared' }>, 'verdict' | 'adjustedP'> & {
  readonly p: number;
};
type Refused = Extract<LatencyChange, { kind: 'cannot-tell' }>;

/** One change for each pair, in order. */
export function compareLatencies(
  pairs: readonly { readonly a: EndpointSample; readonly b: EndpointSample }[],
): LatencyChange[] {
  const changes = pairs.map(({ a, b }) => compared(a, b));
  const tested = changes.filter((change) => change.kind === 'compared');
  const ps = adjusted(tested.map(({ p }) => p));
  const adjustedP = new Map(tested.map((change, index) => [change, ps[index] ?? 1] as const));
  return changes.map((change) =>
    change.kind === 'compared' ? judged(change, adjustedP.get(change) ?? 1) : change,
  );
}

function compared(a: EndpointSample, b: EndpointSample): Compared | Refused {
  const [before, after] = [blocksIn(a), blocksIn(b)];
  if (before.kind === 'too-few') return { kind: 'cannot-tell', reason: `A: ${before.reason}` };
  if (after.kind === 'too-few') return { kind: 'cannot-tell', reason: `B: ${after.reason}` };
  const alike = alikeness([before, after].map(({ blocks }) => blocks.map(({ median }) => median)));
  if (alike > MOST_ALIKE) return { kind: 'cannot-tell', reason: SWINGS };
  const factor = errorFactor(alike);
  const change = (of: (block: Block) => number, share: number): QuantileChange => {
    const [x, y] = [before.blocks.map(of), after.blocks.map(of)];
    const [aUs, bUs] = [quantileOf(a.durationsUs, share), quantileOf(b.durationsUs, share)];
    // The first is exact for few blocks, the second knows how much they depend on each other.
    const ratio = ratioOf(x, y, factor);
    const p = Math.max(rankTest(x, y), shiftTest(ratio, (x.length + y.length) / factor ** 2));
    return { aUs, bUs, ...ratio, p };
  };
  const haveTail = before.haveTail && after.haveTail;
  const median = change((block) => block.median, 0.5);
  const p95 = { ...change((block) => block.p95, 0.95), ...(haveTail ? {} : { p: 1 }) };
  const seconds = medianOf([before.seconds, after.seconds]);
  const blocks = { a: before.blocks.length, b: after.blocks.length, seconds };
  // Two tests of one endpoint: Bonferroni for the smaller one.
  const p = haveTail ? Math.min(1, 2 * Math.min(median.p, p95.p)) : median.p;
  return { kind: 'compared', median, p95, p, blocks };
}

const SWINGS = 'its times go up and down slowly: a longer recording is needed';

function blocksIn({ at, durationsUs }: EndpointSample): ReturnType<typeof blocksOf> {
  return blocksOf({ at, values: durationsUs });
}

function judged({ p: _alone, ...change }: Compared, adjustedP: number): LatencyChange {
  const isSure = adjustedP < FALSE_DISCOVERIES;
  const directions = [change.median, change.p95].map((quantile) => (isSure ? directionOf(quantile) : 0));
  // What is typical counts before the tail.
  const direction = directions.find((each) => each !== 0) ?? 0;
  return {
    ...change,
    verdict: direction === 0 ? 'no-change' : direction > 0 ? 'slower' : 'faster',
    adjustedP,
  };
}

/** 1: slower, −1: faster, 0: within noise, or too small to matter. */
function directionOf({ ratio, low, high, aUs, p }: QuantileChange): number {
  const isLarge = Math.abs(ratio - 1) >= LEAST_SHARE && Math.abs(ratio - 1) * aUs >= LEAST_US;
  if (!isLarge || p >= FALSE_DISCOVERIES || (low <= 1 && high >= 1)) return 0;
  return ratio > 1 ? 1 : -1;
}
