// Whether a question asks with a value that an earlier answer of its request has brought, and whether that was the answer to the question right
// before it; and whether all of its values were known before that answer came. In: the bytes that a request sends and gets, in order, and
// finished operations. Out: for an operation: yes; not seen, which is no proof (values may have been hashed, counted with or written in another way); or not looked at. Words of bytes are compared, whatever the protocol. Kept are salted hashes, for as long as the request lasts.

import { BoundedMap } from '../base/bounded.ts';
import { eachNumber, isInNumber, isStatementName } from './binary-values.ts';
import { saltedHash } from '../base/salted-hash.ts';
import type { Operation } from '../model/operation.ts';
import type { LiveRequest } from './live-request.ts';

/** Requests that are looked at: at 30 µs each 1.5 ms of a second. */
const PER_SECOND = 50;
const SECOND_NS = 1e9;
/** Words of all answers, and of all questions: 2000 at some 40 bytes are 80 KB for a request. */
const WORD_LIMIT = 2000;
/** A digit is in every answer. */
const SHORTEST = 2;
const LONGEST = 64;
const STATEMENT_LIMIT = 1000;

/** What one request has asked and heard. */
interface Heard {
  /** Words that it came with, or has asked with. */
  readonly given: Set<number>;
  /** Words of answers that were not given → number of the question whose answer brought it first. */
  readonly answered: Map<number, number>;
  /** Questions so far. */
  asked: number;
}

/** The words of a question that is under way. */
interface Question {
  readonly request: number;
  /** Of those of its request, from 1. */
  readonly nth: number;
  readonly words: ReadonlySet<number>;
  /** Those that an answer has brought; that were given or asked with before; and that come from nobody knows where. */
  readonly brought: readonly Brought[];
  readonly familiar: readonly number[];
  readonly strange: readonly number[];
}

interface Brought {
  readonly word: number;
  /** Number of the question whose answer it was. */
  readonly by: number;
}

/** Of one process. */
export class ValueFlow {
  readonly #heard = new WeakMap<LiveRequest, Heard>();
  /** By connection. */
  readonly #questions = new BoundedMap<number, Question>(STATEMENT_LIMIT);
  /** Statement → words of the question that was asked last: those that come again are the statement's own. */
  readonly #last = new BoundedMap<string, ReadonlySet<number>>(STATEMENT_LIMIT);
  /** Statement → words of its text, which is only sent when it is prepared. */
  readonly #texts = new BoundedMap<string, ReadonlySet<number>>(STATEMENT_LIMIT);
  #secondNs = Number.NEGATIVE_INFINITY;
  #begun = 0;

  began(live: LiveRequest): void {
    if (!this.#takesTurn(live.request.start)) return;
    const heard: Heard = { given: new Set(), answered: new Map(), asked: 0 };
    eachWord(new TextEncoder().encode(live.request.target), 1, (word) => heard.given.add(word));
    this.#heard.set(live, heard);
  }

  #takesTurn(startNs: number): boolean {
    if (startNs - this.#secondNs >= SECOND_NS) {
      this.#secondNs = startNs;
      this.#begun = 0;
    }
    return ++this.#begun <= PER_SECOND;
  }

  asked(live: LiveRequest | undefined, connection: number, bytes: Uint8Array): void {
    const heard = live && this.#heard.get(live);
    if (live === undefined || heard === undefined) return;
    const words = new Set<number>();
    const brought: Brought[] = [];
    const familiar: number[] = [];
    const strange: number[] = [];
    const note = (word: number): void => {
      if (words.size >= WORD_LIMIT) return;
      words.add(word);
      const by = heard.answered.get(word);
      if (by !== undefined) brought.push({ word, by });
      else (heard.given.has(word) ? familiar : strange).push(word);
    };
    eachWord(bytes, 1, (word, from, to) => {
      if (!isNoValue(bytes, from, to)) note(word);
    });
    eachNumber(bytes, 1, note);
    for (const word of words) if (heard.given.size < WORD_LIMIT) heard.given.add(word);
    const nth = ++heard.asked;
    this.#questions.set(connection, { request: live.request.number, nth, words, brought, familiar, strange });
  }

  /** `connection`: where the answer came in. */
  answered(live: LiveRequest | undefined, connection: number, bytes: Uint8Array): void {
    const heard = live && this.#heard.get(live);
    if (live === undefined || heard === undefined) return;
    const question = this.#questions.get(connection);
    const by = question?.request === live.request.number ? question.nth : 0;
    const note = (word: number): void => {
      if (heard.answered.size >= WORD_LIMIT || heard.given.has(word)) return;
      if (!heard.answered.has(word)) heard.answered.set(word, by);
    };
    eachWord(bytes, SHORTEST, (word, from, to) => {
      note(word);
      if (isCapital(bytes[to - 1]) && to - 1 - from >= SHORTEST) note(saltedHash(bytes, from, to - 1));
    });
    eachNumber(bytes, SHORTEST, note);
  }

  /** Notes whether it asked with a word of an answer. `number`: its connection, as the agent counts. */
  asking(operation: Operation, number: number): void {
    const { request, statement, dependency } = operation;
    const question = this.#questions.get(number);
    if (question === undefined || question.request !== request) return;
    const key = `${dependency}\n${statement}`;
    const last = this.#last.get(key);
    this.#last.set(key, question.words);
    if (last === undefined) return;
    const text = this.#wordsOf(statement);
    const isNew = (word: number): boolean => !last.has(word) && !text.has(word);
    const own = question.brought.filter(({ word }) => isNew(word));
    operation.needsAnswer = own.length > 0;
    operation.followsAnswer = own.length > 0 && own.every(({ by }) => by === question.nth - 1);
    const isStrange = question.strange.some(isNew);
    // Where nothing differs from the last time there is nothing to know.
    if (isStrange || own.length > 0 || question.familiar.some(isNew))
      operation.knewValues = !isStrange && own.every(({ by }) => by < question.nth - 1);
  }

  #wordsOf(statement: string): ReadonlySet<number> {
    const known = this.#texts.get(statement);
    if (known !== undefined) return known;
    const words = new Set<number>();
    eachWord(new TextEncoder().encode(statement), 1, (word) => words.add(word));
    this.#texts.set(statement, words);
    return words;
  }
}

const [ZERO, DOLLAR, STAR, PERCENT] = [0, 0x24, 0x2a, 0x25];
/** The header that agents add: another one for each call. */
const TRACEPARENT_LENGTH = 55;

/** Lengths and the like, and no values: `$11` of Redis, a byte of a number in binary, the traceparent. */
function isFraming(bytes: Uint8Array, from: number, to: number): boolean {
  const before = bytes[from - 1];
  if (before === DOLLAR || before === STAR) return true;
  if (to - from === 1) return before === ZERO || bytes[to] === ZERO;
  return to - from === TRACEPARENT_LENGTH;
}

function isNoValue(bytes: Uint8Array, from: number, to: number): boolean {
  return isFraming(bytes, from, to) || isStatementName(bytes, from, to) || isInNumber(bytes, from, to);
}

/** In Postgres the letter of the next message sticks to the last value of a row: `912D`. */
function isCapital(byte = 0): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

/** Runs of letters, digits, - and _ in UTF-8: bytes[from, to). What is written as %20 parts words, as the blank does. */
function eachWord(
  bytes: Uint8Array,
  shortest: number,
  visit: (hash: number, from: number, to: number) => void,
): void {
  let from = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && isOfWord(bytes[at] ?? 0)) continue;
    const length = at - from;
    if (length >= shortest && length <= LONGEST) visit(saltedHash(bytes, from, at), from, at);
    if (isEscape(bytes, at)) at += 2;
    from = at + 1;
  }
}

/** % and two digits, of what would not be in a word. */
function isEscape(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== PERCENT) return false;
  const escaped = 16 * hexDigit(bytes[at + 1]) + hexDigit(bytes[at + 2]);
  return !Number.isNaN(escaped) && !isOfWord(escaped);
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : Number.NaN;
}

function isOfWord(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    byte === 0x2d ||
    byte === 0x5f
  );
}
