// How long ago the same question was asked: what is said when there is no such time.

/** Its values were not seen, so nobody knows. */
export const REPEAT_UNKNOWN = -1;
/** Not as far as is remembered. */
export const REPEAT_NEVER = -2;

/** Longer ago than any recording is: 35 years in µs. */
const NEEDED = 2 ** 50;

/** Both facts about a question in one column. */
export function packRepeat(ageUs: number, needsAnswer: boolean): number {
  return needsAnswer ? ageUs + NEEDED : ageUs;
}

export function repeatIn(packed: number): { readonly ageUs: number; readonly needsAnswer: boolean } {
  const needsAnswer = packed >= NEEDED / 2;
  return { ageUs: needsAnswer ? packed - NEEDED : packed, needsAnswer };
}
