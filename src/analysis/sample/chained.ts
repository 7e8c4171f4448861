// Whether calls ask with values of the answer right before them, so that none can begin earlier. In: calls of many requests, without the first
// of each. Out: yes or no. Words of questions and answers are compared in the collector, in some requests only (trace/value-flow.ts).

import type { SampledOperation } from './request-tree.ts';

/** Fewer say nothing: a word may be in an answer by accident. */
const LEAST_LOOKED_AT = 8;
/**
 * The others are those whose value was hashed, counted with, or written in another way, or was in an earlier answer, too: a long chain comes back to
 * where it was. A list that was known brings nearly all of its values at once.
 */
const FOLLOWS_SHARE = 0.5;

export function areChained(later: readonly SampledOperation[]): boolean {
  const lookedAt = later.filter(({ needsAnswer }) => needsAnswer !== undefined);
  const follows = lookedAt.filter(({ followsAnswer }) => followsAnswer === true);
  return lookedAt.length >= LEAST_LOOKED_AT && follows.length >= FOLLOWS_SHARE * lookedAt.length;
}
