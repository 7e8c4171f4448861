// How long ago the same question was asked: what is said when there is no such time.

/** Its values were not seen, so nobody knows. */
export const REPEAT_UNKNOWN = -1;
/** Not as far as is remembered. */
export const REPEAT_NEVER = -2;
