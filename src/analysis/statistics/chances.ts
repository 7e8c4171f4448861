// The few statistics that findings need. In: numbers. Out: numbers; the same input gives the same output (seeded resampling).
// Requests that follow each other are alike, so intervals come from blocks of time, not from requests (docs/accuracy.md).

/** The smallest value with at least `share` of the values at or below it; 0 when there are none. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

export function medianOf(values: readonly number[]): number {
  return quantileOf(values, 0.5);
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Pearson's correlation; 0 when one side does not vary. */
export function correlation(pairs: readonly (readonly [number, number])[]): number {
  const meanA = meanOf(pairs.map(([a]) => a));
  const meanB = meanOf(pairs.map(([, b]) => b));
  let both = 0;
  let varianceA = 0;
  let varianceB = 0;
  for (const [a, b] of pairs) {
    both += (a - meanA) * (b - meanB);
    varianceA += (a - meanA) ** 2;
    varianceB += (b - meanB) ** 2;
  }
  return varianceA === 0 || varianceB === 0 ? 0 : both / Math.sqrt(varianceA * varianceB);
}

/** One-sided 95 %. */
const Z = 1.645;

/** What share of all there may be at least when `count` of `of` show it: the low end of Wilson's interval, one-sided 95 %. */
export function leastShare(count: number, of: number): number {
  if (of <= 0) return 0;
  const share = Math.min(1, count / of);
  const square = Z ** 2 / of;
  const spread = Z * Math.sqrt((share * (1 - share)) / of + square / (4 * of));
  return (share + square / 2 - spread) / (1 + square);
}

/** The chance that `count` or more of `of` independent events happen, each with chance `each`. Exact. */
export function tailChance(count: number, of: number, each: number): number {
  let term = (1 - each) ** of;
  let below = 0;
  for (let index = 0; index < Math.min(count, of + 1); index++) {
    below += term;
    term *= ((of - index) / (index + 1)) * (each / (1 - each));
  }
  return Math.max(0, 1 - below);
}

/** One block of time: a sum over its requests, and how many there were. */
export interface BlockSum {
  readonly sum: number;
  readonly count: number;
}

/** 200 draws put the ends of a 90 % interval at the 10th of them: enough to compare with a threshold. */
const DRAWS = 200;

/** 90 % interval of the mean per request, by drawing blocks again. */
export function meanInterval(blocks: readonly BlockSum[]): readonly [number, number] {
  const random = seededRandom(blocks.length);
  const means = Array.from({ length: DRAWS }, () => drawnMean(blocks, random));
  return [quantileOf(means, 0.05), quantileOf(means, 0.95)];
}

/** Of the mean per request, from how much the means of blocks differ; 0 with fewer than two blocks. */
export function standardError(blocks: readonly BlockSum[]): number {
  const count = blocks.reduce((sum, block) => sum + block.count, 0);
  const mean = blocks.reduce((sum, block) => sum + block.sum, 0) / Math.max(1, count);
  if (blocks.length < 2) return 0;
  // Each block pulls the mean by its weight: the variance of a ratio of sums.
  const squares = blocks.reduce((sum, block) => sum + (block.sum - mean * block.count) ** 2, 0);
  return Math.sqrt((squares * blocks.length) / (blocks.length - 1)) / count;
}

function drawnMean(blocks: readonly BlockSum[], random: () => number): number {
  let sum = 0;
  let count = 0;
  for (let draw = 0; draw < blocks.length; draw++) {
    const block = blocks[Math.floor(random() * blocks.length)];
    sum += block?.sum ?? 0;
    count += block?.count ?? 0;
  }
  return count === 0 ? 0 : sum / count;
}

/** mulberry32: small, and the same everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
