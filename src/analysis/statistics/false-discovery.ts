// Many tests at once. In: p values. Out: the same, adjusted so that of those below q at most the share q is a false alarm.
// Benjamini and Hochberg 1995; holds for tests that depend positively on each other, as endpoints of one machine do.

/** In the order of `values`. */
export function adjusted(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((i, j) => (values[j] ?? 1) - (values[i] ?? 1));
  const result = values.map(() => 1);
  let least = 1;
  for (const [position, index] of order.entries()) {
    const rank = values.length - position;
    const value = values[index] ?? 1;
    // Rounding must not make it smaller than it was.
    least = Math.min(least, Math.max(value, (value * values.length) / rank));
    result[index] = least;
  }
  return result;
}
