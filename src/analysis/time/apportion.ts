// Whole numbers in proportion. In: a whole total and weights. Out: whole parts that add up to it exactly (largest remainder).

/** Splits `total` (a whole number >= 0) in proportion to `weights` (>= 0). All zero: everything goes to the first. */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum <= 0) return weights.map((_, index) => (index === 0 ? total : 0));
  const parts = weights.map((weight) => Math.floor((total * weight) / sum));
  for (let missing = total - parts.reduce((a, b) => a + b, 0); missing > 0; missing--)
    addOne(parts, weights, total, sum);
  return parts;
}

/** To the part that is furthest below what is its due: at most once each, since none is a whole one below. */
function addOne(parts: number[], weights: readonly number[], total: number, sum: number): void {
  let furthest = 0;
  let mostBelow = -Infinity;
  for (let index = 0; index < parts.length; index++) {
    const below = (total * (weights[index] ?? 0)) / sum - (parts[index] ?? 0);
    if (below <= mostBelow) continue;
    mostBelow = below;
    furthest = index;
  }
  parts[furthest] = (parts[furthest] ?? 0) + 1;
}
