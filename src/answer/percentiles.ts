// When a percentile may be shown: with too few measurements it would only repeat the slowest ones.

export const SHARES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
export type PercentileName = keyof typeof SHARES;

/** 5 / (1 − share): at least five measurements lie beyond it. */
const LEAST: Record<PercentileName, number> = { p50: 10, p95: 100, p99: 500 };

/** The value, or undefined when there are too few measurements or none. */
export function percentile(
  name: PercentileName,
  value: number | undefined,
  count: number,
): number | undefined {
  return value === undefined || Number.isNaN(value) || count < LEAST[name] ? undefined : value;
}
