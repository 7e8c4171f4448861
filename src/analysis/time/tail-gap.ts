// Why slow requests are slower than typical ones. In: what requests of both kinds spent their time on. Out: the difference of their means, part
// by part, each split into more calls and slower calls, with how many requests have the part at all. The parts add up to the difference.
// Not here: which requests are slow, what the parts are called.

/** What one request spent on one thing. The parts of a request are all of its time. */
export interface SpentPart {
  readonly calls: number;
  readonly us: number;
}

/** By key of the thing. */
export type Spent = ReadonlyMap<string, SpentPart>;

/** Mean of all requests of one kind; `presence`: of the requests, those that have it, 0..1. */
export interface MeanPart extends SpentPart {
  readonly presence: number;
}

export interface GapPart {
  readonly key: string;
  readonly typical: MeanPart;
  readonly slow: MeanPart;
  /** Slow less typical. Equal to `callsUs` + `lengthUs`. */
  readonly us: number;
  /** What would be left if each call took as long in both. */
  readonly callsUs: number;
  /** What would be left if both made as many calls. */
  readonly lengthUs: number;
  /** Standard error of `us`. */
  readonly errorUs: number;
}

/** Parts by their difference, largest first. */
export function tailGap(typical: readonly Spent[], slow: readonly Spent[]): readonly GapPart[] {
  const keys = new Set([...typical, ...slow].flatMap((spent) => [...spent.keys()]));
  return [...keys]
    .map((key) => gapOf(key, meanOf(key, typical), meanOf(key, slow)))
    .toSorted((a, b) => b.us - a.us || (a.key < b.key ? -1 : 1));
}

interface Mean extends MeanPart {
  readonly errorUs: number;
}

const NOTHING: SpentPart = { calls: 0, us: 0 };

function meanOf(key: string, requests: readonly Spent[]): Mean {
  const parts = requests.map((spent) => spent.get(key) ?? NOTHING);
  const each = 1 / Math.max(1, parts.length);
  const us = parts.reduce((sum, part) => sum + part.us, 0) * each;
  const variance = parts.reduce((sum, part) => sum + (part.us - us) ** 2, 0) * each;
  return {
    us,
    calls: parts.reduce((sum, part) => sum + part.calls, 0) * each,
    presence: parts.filter((part) => part.calls > 0 || part.us > 0).length * each,
    errorUs: Math.sqrt(variance * each),
  };
}

/** The middle of both orders (Shapley): first more calls, then longer ones; and the other way. */
function gapOf(key: string, typical: Mean, slow: Mean): GapPart {
  const us = slow.us - typical.us;
  const callsUs = ((slow.calls - typical.calls) * (eachUs(slow, typical) + eachUs(typical, slow))) / 2;
  const errorUs = Math.hypot(slow.errorUs, typical.errorUs);
  return {
    key,
    typical: meanPart(typical),
    slow: meanPart(slow),
    us,
    callsUs,
    lengthUs: us - callsUs,
    errorUs,
  };
}

/** Of one call; where there is none, it would take as long as in the others. */
function eachUs(one: SpentPart, other: SpentPart): number {
  if (one.calls > 0) return one.us / one.calls;
  return other.calls > 0 ? other.us / other.calls : 0;
}

function meanPart({ calls, us, presence }: Mean): MeanPart {
  return { calls, us, presence };
}
