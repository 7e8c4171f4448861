// The statement of a NATS message. In: its subject in bytes. Out: `publish orders.created`, `request users.?.get`, as one shared string.
// Parts of a subject that are no words are data, and so is all of an inbox.

import { DOT, isWord } from '../dotted-name.ts';
import { KeyPatterns } from '../key-pattern.ts';
import { StatementCache } from '../statement-cache.ts';

const LIMIT_BYTES = 200;
const QUESTION = 63;
const INBOX = '_INBOX';
const SEPARATOR = ':';

export class NatsStatements {
  readonly #patterns = new KeyPatterns();
  readonly #text = new TextDecoder();
  readonly #out = new Uint8Array(LIMIT_BYTES);
  #subjectStart = 0;
  readonly #cache = new StatementCache((bytes, start, end) => this.#make(bytes, start, end));

  of(verb: string, bytes: Uint8Array, start: number, end: number): string {
    for (let index = 0; index < verb.length; index++) this.#out[index] = verb.charCodeAt(index);
    this.#out[verb.length] = 32;
    this.#subjectStart = verb.length + 1;
    return this.#cache.of(this.#out, 0, this.#subject(bytes, start, end));
  }

  #subject(bytes: Uint8Array, start: number, end: number): number {
    let to = this.#subjectStart;
    let from = start;
    while (from < end) {
      let partEnd = from;
      while (partEnd < end && bytes[partEnd] !== DOT) partEnd++;
      if (to + partEnd - from + 2 > LIMIT_BYTES) return to;
      const isInbox = to === this.#subjectStart && isText(bytes, from, partEnd, INBOX);
      if (isWord(bytes, from, partEnd))
        for (let at = from; at < partEnd; at++) this.#out[to++] = bytes[at] ?? 0;
      else this.#out[to++] = QUESTION;
      if (partEnd < end) this.#out[to++] = DOT;
      from = partEnd + 1;
      if (!isInbox) continue;
      this.#out[to++] = QUESTION;
      return to;
    }
    return to;
  }

  /** Parts that are words but never the same are data, too. */
  #make(bytes: Uint8Array, start: number, end: number): string {
    const verb = this.#text.decode(bytes.subarray(start, this.#subjectStart));
    const subject = this.#text.decode(bytes.subarray(this.#subjectStart, end));
    return verb + this.#patterns.generalize(subject.replaceAll('.', SEPARATOR)).replaceAll(SEPARATOR, '.');
  }
}

function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let index = 0; index < text.length; index++)
    if (bytes[start + index] !== text.charCodeAt(index)) return false;
  return true;
}
