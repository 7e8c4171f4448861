// What is known of a question beside its operation: how long ago the same was asked, whether it needed an earlier answer, what its answer's
// bytes are. In: facts. Out: one number for one column of the store, and back.

/** Its values were not seen, so nobody knows. */
export const REPEAT_UNKNOWN = -1;
/** Not as far as is remembered. */
export const REPEAT_NEVER = -2;

/** Longer ago than any recording is, 35 years in µs; and multiples of it. Recordings of before have at most the first two. */
const NEEDED = 2 ** 50;
const NOT_NEEDED = 2 * NEEDED;
const FOLLOWS = 3 * NEEDED;

export interface QuestionFacts {
  /** It asked with a value of an earlier answer of its request; undefined: nobody looked. */
  readonly needsAnswer?: boolean | undefined;
  /** And that value came with the answer to the question right before it, and with none before that. */
  readonly followsAnswer?: boolean | undefined;
}

/** All facts about a question in one column. */
export function packRepeat(ageUs: number, { needsAnswer, followsAnswer }: QuestionFacts): number {
  if (needsAnswer === undefined) return ageUs;
  if (!needsAnswer) return ageUs + NOT_NEEDED;
  return ageUs + (followsAnswer === true ? FOLLOWS : NEEDED);
}

export function repeatIn(packed: number): QuestionFacts & { readonly ageUs: number } {
  // Ages begin a little below zero.
  const times = Math.floor((packed + NEEDED / 2) / NEEDED);
  const ageUs = packed - times * NEEDED;
  if (times === 0) return { ageUs, needsAnswer: undefined, followsAnswer: undefined };
  return { ageUs, needsAnswer: times !== 2, followsAnswer: times === 3 };
}
