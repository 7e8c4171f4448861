// Both recordings of a cell as `wiretime diff` reads them. In: data folders. Out: requests by endpoint, and what is said of each.

import { compareLatencies, type LatencyChange } from '../../src/analysis/comparison/compare.ts';
import type { EndpointSample } from '../../src/analysis/comparison/sample.ts';
import { comparisonSide } from '../../src/answer/traces/comparison-side.ts';
import { openStore } from '../../src/store/open.ts';

/** By "GET /a/:id". */
export type Samples = ReadonlyMap<string, EndpointSample>;
type Verdict = 'slower' | 'faster' | 'no-change' | 'cannot-tell';

export async function samplesOf(folder: string): Promise<Samples> {
  const store = await openStore(folder, { readOnly: true });
  try {
    const { endpoints } = await comparisonSide(store, {});
    return new Map(endpoints.map(({ method, route, sample }) => [`${method} ${route}`, sample]));
  } finally {
    await store.close();
  }
}

/** What `wiretime diff` says of each endpoint that both have: all of them are one family of tests. */
export function verdictsOf(before: Samples, after: Samples): ReadonlyMap<string, Verdict> {
  const both = [...before].flatMap(([endpoint, a]) => {
    const b = after.get(endpoint);
    return b === undefined ? [] : [{ endpoint, a, b }];
  });
  const changes = compareLatencies(both);
  return new Map(both.map(({ endpoint }, index) => [endpoint, verdictOf(changes[index])]));
}

function verdictOf(change: LatencyChange | undefined): Verdict {
  return change?.kind === 'compared' ? change.verdict : 'cannot-tell';
}
