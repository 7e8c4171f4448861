// Units of time. In: numbers of one unit. Out: numbers of another, branded so that they cannot be mixed up.
// Not here: clocks (the agents stamp, the collector only reads).

/** Nanoseconds of CLOCK_MONOTONIC, which all processes of one host share. Exact below 2^53 ns = 104 days of uptime. */
export type Nanos = number & { readonly unit: 'ns' };

/** Whole microseconds. Every duration from the assembled request on is one of these, so that sums are exact. */
export type Micros = number & { readonly unit: 'us' };

/** A time that did not happen, or that nobody saw. Compare with `>= 0` before use. */
export const NEVER = -1 as Nanos;

/** You vouch that `value` is in nanoseconds. */
export function nanos(value: number): Nanos {
  return value as Nanos;
}

/** Rounds down: all times of a process are rounded the same way once, and never again later. */
export function nanosToMicros(value: Nanos): Micros {
  return Math.floor(value / 1000) as Micros;
}
