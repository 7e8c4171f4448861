// Repeated groups of calls: "POST /export, then SELECT …, 40 times". In: keys of calls in a row. Out: which stretches repeat. Pure.

/** Equal keys are equal calls. */
type Key = string | number;

export interface Repeat {
  /** Index of the first key. */
  readonly from: number;
  /** Keys of one repetition. */
  readonly period: number;
  readonly times: number;
}

/** As many calls a person sees as one pattern. */
const LONGEST_PERIOD = 8;
/** As of single calls: three repetitions still read well one by one. */
const FEWEST_TIMES = 4;

/** From left to right, what covers most; the shorter period when both cover the same. Stretches do not overlap. */
export function repeatsIn(keys: readonly Key[]): Repeat[] {
  const found: Repeat[] = [];
  for (let from = 0; from < keys.length;) {
    const repeat = longestAt(keys, from);
    if (repeat !== undefined) found.push(repeat);
    from += repeat === undefined ? 1 : repeat.period * repeat.times;
  }
  return found;
}

function longestAt(keys: readonly Key[], from: number): Repeat | undefined {
  let best: Repeat | undefined;
  for (let period = 1; period <= LONGEST_PERIOD; period++) {
    const times = timesAt(keys, from, period);
    const covers = best === undefined ? 0 : best.period * best.times;
    if (times >= FEWEST_TIMES && times * period > covers) best = { from, period, times };
  }
  return best;
}

function timesAt(keys: readonly Key[], from: number, period: number): number {
  let at = from + period;
  while (at < keys.length && keys[at] === keys[at - period]) at++;
  return Math.floor((at - from) / period);
}
