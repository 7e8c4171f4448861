// What slow requests have in common that typical ones have not: facts about them, not what they spent time on (tail-gap.ts). In: requests of
// both kinds with the facts that hold for each. Out: the facts that hold for many more of the slow ones than chance would make it, those that
// explain most first, of equal ones the one that was named first. The idea is that of Honeycomb's BubbleUp: compare what was selected with the rest, attribute by attribute.

import { meanOf, standardError, type BlockSum } from '../statistics/chances.ts';

export interface Described {
  /** µs. */
  readonly atUs: number;
  readonly durationUs: number;
  /** Each one text. */
  readonly facts: readonly string[];
}

export interface Contrast {
  readonly fact: string;
  /** Of the slow and of the typical requests, 0..1. */
  readonly slowShare: number;
  readonly typicalShare: number;
  /** Mean of all requests for which it holds, and of the others, in µs. */
  readonly withUs: number;
  readonly withoutUs: number;
}

const LEAST_SLOW = 15;
const LEAST_DIFFERENCE = 0.2;
/** Of fifty facts that mean nothing one is told by accident in a recording of six hundred. */
const STANDARD_ERRORS = 4;
const BLOCKS = 12;

export function contrasts(typical: readonly Described[], slow: readonly Described[]): readonly Contrast[] {
  const blockOf = blocksOver([...typical, ...slow]);
  return [...new Set(slow.flatMap(({ facts }) => facts))]
    .map((fact) => contrastOf(fact, typical, slow))
    .filter(({ fact, slowShare, typicalShare }) => {
      const difference = slowShare - typicalShare;
      if (slowShare * slow.length < LEAST_SLOW || difference < LEAST_DIFFERENCE) return false;
      const errors = [typical, slow].map((group) => errorOf(fact, group, blockOf));
      return difference >= STANDARD_ERRORS * Math.max(Math.hypot(...errors), mixedError(fact, typical, slow));
    })
    .toSorted((a, b) => explainedUs(b) - explainedUs(a));
}

function contrastOf(fact: string, typical: readonly Described[], slow: readonly Described[]): Contrast {
  const all = [...typical, ...slow];
  const meanUs = (holds: boolean): number =>
    meanOf(all.filter(({ facts }) => facts.includes(fact) === holds).map(({ durationUs }) => durationUs));
  return {
    fact,
    slowShare: shareOf(fact, slow),
    typicalShare: shareOf(fact, typical),
    withUs: meanUs(true),
    withoutUs: meanUs(false),
  };
}

/** Of the difference between both kinds, about so much goes with the fact. */
function explainedUs({ slowShare, typicalShare, withUs, withoutUs }: Contrast): number {
  return (slowShare - typicalShare) * (withUs - withoutUs);
}

function shareOf(fact: string, requests: readonly Described[]): number {
  return requests.filter(({ facts }) => facts.includes(fact)).length / Math.max(1, requests.length);
}

/** Requests of one moment are alike: the error of a share, from how much the blocks of time differ. */
function errorOf(
  fact: string,
  requests: readonly Described[],
  blockOf: (request: Described) => number,
): number {
  const blocks = new Map<number, BlockSum>();
  for (const request of requests) {
    const { sum, count } = blocks.get(blockOf(request)) ?? { sum: 0, count: 0 };
    blocks.set(blockOf(request), { sum: sum + (request.facts.includes(fact) ? 1 : 0), count: count + 1 });
  }
  return standardError([...blocks.values()]);
}

/** The error that two shares have when both kinds are the same: blocks that happen to be equal prove nothing. */
function mixedError(fact: string, typical: readonly Described[], slow: readonly Described[]): number {
  const share = shareOf(fact, [...typical, ...slow]);
  return Math.sqrt(share * (1 - share) * (1 / typical.length + 1 / slow.length));
}

function blocksOver(requests: readonly Described[]): (request: Described) => number {
  const times = requests.map(({ atUs }) => atUs);
  const first = times.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const last = times.reduce((most, at) => Math.max(most, at), first);
  return ({ atUs }) => Math.floor(((atUs - first) * BLOCKS) / (last - first + 1));
}

export interface Burst {
  /** µs, the end exclusive. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly slowShare: number;
  readonly typicalShare: number;
}

/** A quarter of the time, in which half of the slow ones lie, and not even half of that share of the typical ones. */
const BURST_BLOCKS = 3;
const LEAST_BURST = 0.5;

/** The stretch of time in which most slow requests began, when it is short and typical ones began all over. */
export function burstOf(typical: readonly Described[], slow: readonly Described[]): Burst | undefined {
  const all = [...typical, ...slow];
  const fromUs = all.reduce((least, { atUs }) => Math.min(least, atUs), Number.POSITIVE_INFINITY);
  const widthUs = (all.reduce((most, { atUs }) => Math.max(most, atUs), fromUs) - fromUs + 1) / BLOCKS;
  let best: Burst | undefined;
  for (let length = 1; length <= BURST_BLOCKS; length++)
    for (let first = 0; first + length <= BLOCKS; first++) {
      const startUs = fromUs + first * widthUs;
      const burst = burstIn(typical, slow, startUs, startUs + length * widthUs);
      if (burst.slowShare - burst.typicalShare > (best ? best.slowShare - best.typicalShare : 0))
        best = burst;
    }
  if (best === undefined || best.slowShare < LEAST_BURST || best.typicalShare > best.slowShare / 2)
    return undefined;
  return best.slowShare * slow.length < LEAST_SLOW ? undefined : best;
}

function burstIn(
  typical: readonly Described[],
  slow: readonly Described[],
  fromUs: number,
  toUs: number,
): Burst {
  const share = (requests: readonly Described[]): number =>
    requests.filter(({ atUs }) => atUs >= fromUs && atUs < toUs).length / Math.max(1, requests.length);
  return { fromUs, toUs, slowShare: share(slow), typicalShare: share(typical) };
}
