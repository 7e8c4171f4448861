// Requests of one endpoint from one side of a comparison. Columns of equal length, in order of time; µs. Types only.

import type { CategoryVector } from '../../model/row.ts';

export interface EndpointSample {
  readonly at: readonly number[];
  readonly durationsUs: readonly number[];
  /** Each adds up to its duration. */
  readonly categories: readonly CategoryVector[];
  /** What the request did, in short: those with the same signature did about the same (cache hit or miss, error or not). */
  readonly signatures: readonly string[];
}
