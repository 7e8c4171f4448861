// Are two groups of numbers at the same place? In: two groups. Out: a p value. Mann–Whitney's U with its normal approximation, corrected
// for ties and continuity: exact enough from 8 a side on (its 1 % is 1.05 % there). Not here: whether the numbers are independent.

/** Two-sided p; 1 when a group is empty or nothing varies. */
export function rankTest(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, isA: true })), ...b.map((value) => ({ value, isA: false }))];
  all.sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let ties = 0;
  for (let start = 0; start < all.length;) {
    let end = start + 1;
    while (all[end]?.value === all[start]?.value && end < all.length) end++;
    const rank = (start + end + 1) / 2;
    for (let at = start; at < end; at++) rankSum += all[at]?.isA === true ? rank : 0;
    ties += (end - start) ** 3 - (end - start);
    start = end;
  }
  return pOf(rankSum, ties, a.length, b.length);
}

function pOf(rankSum: number, ties: number, countA: number, countB: number): number {
  const count = countA + countB;
  if (countA === 0 || countB === 0) return 1;
  const u = rankSum - (countA * (countA + 1)) / 2;
  const variance = ((countA * countB) / 12) * (count + 1 - ties / (count * (count - 1)));
  if (variance <= 0) return 1;
  const distance = Math.max(0, Math.abs(u - (countA * countB) / 2) - 0.5);
  return Math.min(1, 2 * normalTail(distance / Math.sqrt(variance)));
}

/** P(Z > z) for z ≥ 0, to 1.5e-7 (Abramowitz and Stegun 7.1.26). */
export function normalTail(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return (polynomial * Math.exp(-x * x)) / 2;
}
