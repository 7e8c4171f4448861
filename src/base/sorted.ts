// Look-ups in sorted numbers. In: numbers in ascending order. Out: places.

/** How many have begun and not ended at a moment: of all beginnings and all ends, each in order. */
export function underWayAt(starts: ArrayLike<number>, ends: ArrayLike<number>, at: number): number {
  return countUpTo(starts, at) - countUpTo(ends, at);
}

/** How many are `limit` or less. */
function countUpTo(sorted: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
