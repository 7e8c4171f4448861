// Logarithmic histograms of durations: 16 buckets an octave, at most 2.2 % error, merged by addition.

const BUCKETS_PER_OCTAVE = 16;

/** Bucket of a duration in whole microseconds: floor(log2(µs + 1) × 16). */
export function bucketOf(us: number): number {
  return Math.floor(Math.log2(us + 1) * BUCKETS_PER_OCTAVE);
}

/** The duration in µs in the (geometric) middle of a bucket. */
export function bucketMiddleUs(bucket: number): number {
  return 2 ** ((bucket + 0.5) / BUCKETS_PER_OCTAVE) - 1;
}

/** The smallest duration in µs with at least `share` (0..1) of the counts at or below its bucket; undefined when empty. */
export function quantileUs(histogram: ReadonlyMap<number, number>, share: number): number | undefined {
  let total = 0;
  for (const count of histogram.values()) total += count;
  if (total === 0) return undefined;
  const wanted = Math.max(1, Math.ceil(total * share));
  let seen = 0;
  for (const [bucket, count] of [...histogram].toSorted(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= wanted) return bucketMiddleUs(bucket);
  }
  return undefined;
}
