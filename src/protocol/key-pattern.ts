// The pattern of a key: what is the same for all keys of a kind. In: a key in bytes. Out: the pattern, as bytes and as text.
// sess:9f86d081 → sess:?, user:42:cart → user:?:cart. A key is data: what does not look like a word of the program is left out.

const QUESTION = 63;
const COLON = 58;
const MINOR = [45 /* - */, 46 /* . */, 95 /* _ */];
const MAJOR = [COLON, 47 /* / */, 124 /* | */, 123 /* { */, 125 /* } */];
/** Longer words are rare in keys, longer ids are not. */
const WORD_LIMIT = 20;
/** 'page12' is a word and a number; behind a longer word, or in between, digits make an id. */
const NUMBERED_LIMIT = 12;
const PART_LIMIT = 40;
/** Patterns are cut here; the rest of a key that long says no more. */
export const PATTERN_LIMIT_BYTES = 128;

const isIn = (byte: number, set: readonly number[]): boolean => set.includes(byte);
const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
const isLower = (byte: number): boolean => byte >= 97 && byte <= 122;
const isUpper = (byte: number): boolean => byte >= 65 && byte <= 90;
const isHex = (byte: number): boolean => isDigit(byte) || ((byte | 32) >= 97 && (byte | 32) <= 102);

/** Writes the pattern of bytes[start, end) to `out` from `at` on; returns where it ends there. */
export function writeKeyPattern(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  const limit = Math.min(out.length, at + PATTERN_LIMIT_BYTES);
  let to = at;
  let from = start;
  while (from < end && to < limit) {
    const separator = bytes[from] ?? 0;
    if (isIn(separator, MAJOR)) {
      out[to++] = separator;
      from++;
      continue;
    }
    let partEnd = from;
    while (partEnd < end && !isIn(bytes[partEnd] ?? 0, MAJOR)) partEnd++;
    to = writePart(bytes, from, partEnd, out, to, limit);
    from = partEnd;
  }
  return to;
}

/** A part between colons: words joined by - . or _, or an id that may have those in it. */
function writePart(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  limit: number,
): number {
  if (isOneId(bytes, start, end)) {
    out[at] = QUESTION;
    return at + 1;
  }
  let to = at;
  let from = start;
  while (from < end && to < limit) {
    let wordEnd = from;
    while (wordEnd < end && !isIn(bytes[wordEnd] ?? 0, MINOR)) wordEnd++;
    to = writeWord(bytes, from, wordEnd, out, to, limit);
    to = joinIds(out, at, to);
    from = wordEnd;
    if (from < end && to < limit) out[to++] = bytes[from++] ?? 0;
  }
  return to;
}

/** ?-? → ?: a date, an address, a UUID. */
function joinIds(out: Uint8Array, start: number, end: number): number {
  const isJoined = end - 3 >= start && out[end - 1] === QUESTION && out[end - 3] === QUESTION;
  return isJoined && isIn(out[end - 2] ?? 0, MINOR) ? end - 2 : end;
}

function isOneId(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > PART_LIMIT) return true;
  let digits = 0;
  let lower = 0;
  let upper = 0;
  let hex = 0;
  let minor = 0;
  for (let index = start; index < end; index++) {
    const byte = bytes[index] ?? 0;
    if (isDigit(byte)) digits++;
    else if (isLower(byte)) lower++;
    else if (isUpper(byte)) upper++;
    else if (isIn(byte, MINOR)) minor++;
    else if (byte !== 42 /* * */) return true;
    if (isHex(byte)) hex++;
  }
  if (digits > 0 && lower > 0 && upper > 0 && end - start >= 16) return true;
  return hex + minor === end - start && end - start >= 16 && digits > 0;
}

function writeWord(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  limit: number,
): number {
  if (end === start) return at;
  const letters = lettersOf(bytes, start, end);
  if (letters === 0 || at + letters + 1 > limit) {
    out[at] = QUESTION;
    return at + 1;
  }
  for (let index = 0; index < letters; index++) out[at + index] = bytes[start + index] ?? 0;
  if (start + letters === end) return at + letters;
  out[at + letters] = QUESTION;
  return at + letters + 1;
}

/** How many bytes of a word are kept: all when it is a word, those before a number at its end, or none. */
function lettersOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  let letters = 0;
  let hex = 0;
  let turns = 0;
  while (letters < length && !isDigit(bytes[start + letters] ?? 0)) {
    const byte = bytes[start + letters] ?? 0;
    if (isHex(byte)) hex++;
    if (letters > 0 && isUpper(byte) && isLower(bytes[start + letters - 1] ?? 0)) turns++;
    letters++;
  }
  if (letters === length)
    return length > WORD_LIMIT || turns > 3 || (hex === length && length >= 8) ? 0 : length;
  for (let index = start + letters; index < end; index++) if (!isDigit(bytes[index] ?? 0)) return 0;
  return letters > NUMBERED_LIMIT || (hex === letters && length >= 6) ? 0 : letters;
}

/** A place in keys, and the words that were seen there. */
interface Place {
  readonly words: Map<string, Place>;
  /** Too many different words: they are data. */
  isOpen: boolean;
}

/** First parts name a kind of data, and a service has some dozens of them. */
const FIRST_WORDS_LIMIT = 100;
/** Behind them: 'user:?:cart', 'user:?:profile'. A list of names is longer, soon. */
const WORDS_LIMIT = 20;
const PLACES_LIMIT = 5000;
const SEPARATOR_OR_DATA = /^[:/|{}?]$/;

/** Finds out which parts are data although they look like words, because there are too many of them. */
export class KeyPatterns {
  readonly #root: Place = { words: new Map(), isOpen: false };
  #places = 0;

  /** The pattern with `?` also for those parts. */
  generalize(pattern: string): string {
    let place: Place | undefined = this.#root;
    let out = '';
    for (const part of pattern.split(/([:/|{}])/)) {
      if (part === '' || SEPARATOR_OR_DATA.test(part)) out += part;
      else {
        const limit: number = out === '' ? FIRST_WORDS_LIMIT : WORDS_LIMIT;
        const word: string = this.#isWord(place, part, limit) ? part : '?';
        place = this.#place(place, word);
        out += word;
      }
    }
    return out;
  }

  #isWord(place: Place | undefined, word: string, limit: number): boolean {
    if (place === undefined || place.isOpen) return false;
    if (place.words.has(word)) return true;
    if (place.words.size >= limit) place.isOpen = true;
    return !place.isOpen;
  }

  #place(parent: Place | undefined, word: string): Place | undefined {
    const known = parent?.words.get(word);
    if (known !== undefined || parent === undefined || this.#places >= PLACES_LIMIT) return known;
    this.#places++;
    const place: Place = { words: new Map(), isOpen: false };
    parent.words.set(word, place);
    return place;
  }
}
