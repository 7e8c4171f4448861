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
const KNEW = 4 * NEEDED;
const NEEDED_AND_KNEW = 5 * NEEDED;
const NEVER_SEEN = 6 * NEEDED;

/** Beside these: 2^46 µs are two years, and both together are less than half of what the others begin with. */
const PLAIN_TEXT = 2 ** 47;
const TAKES_COMPRESSED = 2 ** 48;
const PEER_CLOSES = 2 ** 49;

export interface QuestionFacts {
  /** It asked with a value of an earlier answer of its request; undefined: nobody looked. */
  readonly needsAnswer?: boolean | undefined;
  /** And that value came with the answer to the question right before it, and with none before that. */
  readonly followsAnswer?: boolean | undefined;
  /** All of its values were known before the answer right before it came; undefined: it has none that differ from the last time. */
  readonly knewValues?: boolean | undefined;
  /** Of HTTP: the answer is text that came uncompressed; the question said that it takes compressed ones. */
  readonly isPlainText?: boolean;
  readonly takesCompressed?: boolean;
  /** Of HTTP: the answer said that its connection ends with it, and nobody had asked for that. */
  readonly peerCloses?: boolean;
}

/** All facts about a question in one column. */
export function packRepeat(ageUs: number, facts: QuestionFacts): number {
  const plain = facts.isPlainText === true ? PLAIN_TEXT : 0;
  const takes = facts.takesCompressed === true ? TAKES_COMPRESSED : 0;
  const closes = facts.peerCloses === true ? PEER_CLOSES : 0;
  return ageUs + plain + takes + closes + neededOf(facts);
}

function neededOf({ needsAnswer, followsAnswer, knewValues }: QuestionFacts): number {
  if (needsAnswer === undefined) return 0;
  if (knewValues === true) return needsAnswer ? NEEDED_AND_KNEW : KNEW;
  if (!needsAnswer) return knewValues === undefined ? NOT_NEEDED : NEVER_SEEN;
  return followsAnswer === true ? FOLLOWS : NEEDED;
}

export function repeatIn(packed: number): QuestionFacts & { readonly ageUs: number } {
  // Ages begin a little below zero.
  const times = Math.floor((packed + PLAIN_TEXT / 2) / NEEDED);
  const rest = packed - times * NEEDED;
  const answer = Math.floor((rest + PLAIN_TEXT / 2) / PLAIN_TEXT);
  return {
    ageUs: rest - answer * PLAIN_TEXT,
    isPlainText: (answer & 1) !== 0,
    takesCompressed: (answer & 2) !== 0,
    peerCloses: (answer & 4) !== 0,
    needsAnswer: times === 0 ? undefined : times % 2 === 1,
    followsAnswer: times === 0 ? undefined : times === 3,
    knewValues: times === 0 || times === 2 ? undefined : times === 4 || times === 5,
  };
}
