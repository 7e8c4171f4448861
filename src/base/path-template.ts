// Path templates without memory. In: the target of a request as sent. Out: its path with every value replaced by `:id`.
// Numbers, uuids, hashes, dates, e-mail addresses and random tokens are values wherever they stand; words are kept.
// Not here: words that are values (slugs, user names), which only many paths can tell apart (trace/route-learner.ts).

/** What stands for a value. */
export const PLACEHOLDER = ':id';

/** A route deeper than this does not exist; what follows is one `*`. */
const MAX_SEGMENTS = 24;
/** Longer segments are values: the longest literal segments of public APIs are below 48 characters. */
const MAX_WORD_LENGTH = 64;

const TEMPLATE = /^(?::\w{1,64}(?:\.[a-z][a-z0-9]{0,4})?|\{[^{}]{1,64}\}|<[^<>]{1,64}>|\*{1,2})$/;
const UUID = /^\{?(?:urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i;
/** 2026-11-25, 2026-11, 2026-W48, 2026-11-25T10:30:00.000Z, 25-Nov-2026. */
const DATE =
  /^(?:(?:19|20)\d\d[-_.](?:\d\d|w\d\d)(?:[-_.]\d\d)?(?:[t_ ][\d:.+-]*z?)?|\d\d?[-_.][a-z]{3}[-_.](?:19|20)\d\d)$/i;
const EMAIL = /^[^@]+@[^@]+$/;
/** Digits with the signs between numbers: 42, -7, 1,2,3, 52.52,13.40, 10.0.0.1, 10:30. */
const NUMERIC = /^[+~-]?\d[\d.,:;x+_-]*$/;
/** `/v2beta1`, and `/1.1` when it comes early in the path: versions of an API. */
const VERSION = /^v\d{1,3}(?:[._]\d{1,3}){0,2}(?:[a-z]{1,5}\d{0,2})?$/i;
const BARE_VERSION = /^\d\.\d$/;
const HEX = /^(?:0x)?[0-9a-f]{8,}$/i;
/** INV-2026-0001, user:1234, SKU12345, 12345-my-post. */
const NUMBERED = /^(?:[a-z]{1,12}[-_:.](?:.*[-_:.])?\d{4,}|[a-z]{1,12}\d{5,}|\d{3,}[-_].*|.*[-_]\d{5,})$/i;
const EXTENSION = /\.[a-z][a-z0-9]{0,4}$/;
const SEPARATOR = /[-_.~:=+,!]/;

/**
 * The path of a request target with values replaced by `:id`; query and fragment dropped. Always begins with `/`, except
 * `*` (OPTIONS). Applied to its own result it changes nothing.
 */
export function pathTemplate(target: string): string {
  if (target === '*') return '*';
  const start = pathStart(target);
  const end = pathEnd(target, start);
  let template = '';
  let from = start + 1;
  for (let count = 0; from <= end; count++) {
    if (count === MAX_SEGMENTS) return `${template}/*`;
    const slash = target.indexOf('/', from);
    const to = slash < 0 || slash > end ? end : slash;
    template += `/${segmentTemplate(target.slice(from, to), count)}`;
    from = to + 1;
  }
  return template === '' ? '/' : template;
}

/** Where the path begins: at its slash. Proxies are asked with the whole address (absolute form). */
function pathStart(target: string): number {
  if (target.startsWith('/')) return 0;
  const scheme = target.indexOf('://');
  if (scheme < 0 || scheme > 8) return -1;
  const slash = target.indexOf('/', scheme + 3);
  return slash < 0 ? target.length : slash;
}

function pathEnd(target: string, start: number): number {
  for (let index = Math.max(start, 0); index < target.length; index++) {
    const code = target.charCodeAt(index);
    if (code === 0x3f /* ? */ || code === 0x23 /* # */) return index;
  }
  return target.length;
}

/** One segment: itself when it is a word, else `:id`, with the extension of a file kept. */
export function segmentTemplate(segment: string, position: number): string {
  if (isPlainWord(segment)) return segment;
  if (TEMPLATE.test(segment)) return segment;
  const parameter = segment.indexOf(';');
  if (parameter > 0) return segmentTemplate(segment.slice(0, parameter), position);
  if (segment.length > MAX_WORD_LENGTH) return PLACEHOLDER;
  if (VERSION.test(segment) || (position <= 1 && BARE_VERSION.test(segment))) return segment;
  if (EMAIL.test(segment) || segment.includes('%40')) return PLACEHOLDER;
  const extension = EXTENSION.exec(segment);
  if (extension !== null && isValue(segment.slice(0, extension.index))) return PLACEHOLDER + extension[0];
  return isValue(segment) ? PLACEHOLDER : segment;
}

/** The common case, decided without a regular expression: short, of lower-case letters and hyphens. */
function isPlainWord(segment: string): boolean {
  if (segment.length >= 20) return false;
  for (let index = 0; index < segment.length; index++) {
    const code = segment.charCodeAt(index);
    if ((code < 0x61 || code > 0x7a) && code !== 0x2d) return false;
  }
  return segment.length < 8 || !HEX.test(segment);
}

function isValue(segment: string): boolean {
  return (
    NUMERIC.test(segment) ||
    HEX.test(segment) ||
    UUID.test(segment) ||
    DATE.test(segment) ||
    segment.includes('%') ||
    NUMBERED.test(segment) ||
    segment.split(SEPARATOR).some(isRandom)
  );
}

/**
 * Is a part without separators a random token? Words and names change between letters and digits once (`oauth2`, `v1beta`)
 * and between lower and upper case at most every third letter (`getUserById`); base62 changes at every second character.
 */
function isRandom(part: string): boolean {
  if (part.length < 6) return false;
  if (part.length >= 8 && HEX.test(part)) return true;
  let digits = 0;
  let digitChanges = 0;
  let caseChanges = 0;
  let vowels = 0;
  let before = kindOf(part.charCodeAt(0));
  for (let index = 0; index < part.length; index++) {
    const code = part.charCodeAt(index);
    const kind = kindOf(code);
    if (kind === DIGIT) digits++;
    else if (isVowel(code)) vowels++;
    if (kind !== before) {
      if (kind === DIGIT || before === DIGIT) digitChanges++;
      else caseChanges++;
    }
    before = kind;
  }
  if (digits >= 2 && digitChanges >= 3) return true;
  if (part.length >= 12 && digits >= 2 && digitChanges + caseChanges >= part.length / 4) return true;
  if (part.length >= 12 && digitChanges + caseChanges >= part.length / 2.2) return true;
  return part.length >= 20 && vowels < part.length / 4;
}

const LOWER = 0;
const UPPER = 1;
const DIGIT = 2;

function kindOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return DIGIT;
  return code >= 0x41 && code <= 0x5a ? UPPER : LOWER;
}

function isVowel(code: number): boolean {
  const lower = code | 0x20;
  return (
    lower === 0x61 || lower === 0x65 || lower === 0x69 || lower === 0x6f || lower === 0x75 || lower === 0x79
  );
}
