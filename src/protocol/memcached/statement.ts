// The statement of a memcached command. In: its name and its key in bytes. Out: `get sess:?`, as one shared string.
// Of several keys the first is shown. Values are never looked at.

import { KeyPatterns, PATTERN_LIMIT_BYTES, writeKeyPattern } from '../key-pattern.ts';
import { StatementCache } from '../statement-cache.ts';
import type { MemcachedMessage } from './messages.ts';

const NAME_LIMIT_BYTES = 20;
const SPACE = 32;

export class MemcachedStatements {
  readonly #patterns = new KeyPatterns();
  readonly #text = new TextDecoder('latin1');
  readonly #out = new Uint8Array(NAME_LIMIT_BYTES + PATTERN_LIMIT_BYTES);
  /** Where the key begins in `#out`. */
  #keyStart = 0;
  readonly #cache = new StatementCache((bytes, start, end) => this.#make(bytes, start, end));

  of(message: MemcachedMessage): string {
    const name = message.command?.name ?? '';
    if (message.keyEnd <= message.keyStart) return name;
    for (let index = 0; index < name.length; index++) this.#out[index] = name.charCodeAt(index);
    this.#out[name.length] = SPACE;
    this.#keyStart = name.length + 1;
    const end = writeKeyPattern(message.bytes, message.keyStart, message.keyEnd, this.#out, this.#keyStart);
    return this.#cache.of(this.#out, 0, end);
  }

  #make(bytes: Uint8Array, start: number, end: number): string {
    const name = this.#text.decode(bytes.subarray(start, this.#keyStart));
    return name + this.#patterns.generalize(this.#text.decode(bytes.subarray(this.#keyStart, end)));
  }
}
