// How long ago the same question was asked: what is said when there is no such time.

/** Its values were not seen, so nobody knows. */
export const REPEAT_UNKNOWN = -1;
/** Not as far as is remembered. */
export const REPEAT_NEVER = -2;

/** Longer ago than any recording is: 35 years in µs; and twice that. */
const NEEDED = 2 ** 50;
const NOT_NEEDED = 2 ** 51;

/** Both facts about a question in one column. `needsAnswer` undefined: nobody looked. */
export function packRepeat(ageUs: number, needsAnswer: boolean | undefined): number {
  if (needsAnswer === undefined) return ageUs;
  return ageUs + (needsAnswer ? NEEDED : NOT_NEEDED);
}

export function repeatIn(packed: number): {
  readonly ageUs: number;
  readonly needsAnswer: boolean | undefined;
} {
  if (packed < NEEDED / 2) return { ageUs: packed, needsAnswer: undefined };
  const needsAnswer = packed < NOT_NEEDED - NEEDED / 2;
  return { ageUs: packed - (needsAnswer ? NEEDED : NOT_NEEDED), needsAnswer };
}
