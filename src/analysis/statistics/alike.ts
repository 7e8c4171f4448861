// How much does a block tell about the next one? In: values of blocks, in order of time. Out: their correlation, and by how much
// a comparison that takes them for independent has to be weakened. Not here: the comparison.

/**
 * Correlation of neighbours, 0..1, of the logarithms: of all groups together, each around its own mean. A mean of n values that is taken from these
 * values makes neighbours look less alike by 1/n, and by 3/n of what they are (Marriott and Pope 1954); this is put back.
 */
export function alikeness(groups: readonly (readonly number[])[]): number {
  let [products, squares, count] = [0, 0, 0];
  for (const group of groups) {
    const distances = distancesOf(group);
    for (const [index, distance] of distances.entries()) {
      squares += distance * distance;
      products += index === 0 ? 0 : distance * (distances[index - 1] ?? 0);
    }
    count += group.length / groups.length;
  }
  if (squares === 0 || count <= 4) return 0;
  return Math.min(1, Math.max(0, (products / squares + 1 / count) / (1 - 3 / count)));
}

function distancesOf(values: readonly number[]): number[] {
  const logs = values.map((value) => Math.log(Math.max(0.5, value)));
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  return logs.map((value) => value - mean);
}

/**
 * A mean of n values that are alike by r is as uncertain as one of n (1 − r) / (1 + r) independent ones: its error is so many times larger
 * (von Storch and Zwiers, Statistical Analysis in Climate Research, §6.6).
 */
export function errorFactor(alike: number): number {
  return Math.sqrt((1 + alike) / (1 - alike));
}
