// The statement of an AMQP call. In: a method with its names in bytes. Out: `publish orders:order.created`, `queue.declare jobs`, as
// one shared string. Names that are made up for one connection or one answer are data.

import { KeyPatterns, PATTERN_LIMIT_BYTES, writeKeyPattern } from '../key-pattern.ts';
import { StatementCache } from '../statement-cache.ts';
import type { AmqpMessage } from './messages.ts';

const NAME_LIMIT_BYTES = 40;
const SPACE = 32;
const COLON = 58;

export class AmqpStatements {
  readonly #patterns = new KeyPatterns();
  readonly #text = new TextDecoder();
  readonly #out = new Uint8Array(NAME_LIMIT_BYTES + 3 * (PATTERN_LIMIT_BYTES + 1));
  /** Where the names begin in `#out`. */
  #namesStart = 0;
  readonly #cache = new StatementCache((bytes, start, end) => this.#make(bytes, start, end));

  /** Exchange and routing key, or queue, with a colon between; the exchange that has no name is left out. */
  of(message: AmqpMessage): string {
    const name = message.method?.name ?? '';
    const shown = Math.min(message.method?.shown ?? 0, message.count);
    if (shown === 0) return name;
    for (let index = 0; index < name.length; index++) this.#out[index] = name.charCodeAt(index);
    this.#out[name.length] = SPACE;
    this.#namesStart = name.length + 1;
    let end = this.#namesStart;
    for (let index = 0; index < shown; index++) end = this.#name(message, index, end);
    return this.#cache.of(this.#out, 0, end);
  }

  #name(message: AmqpMessage, index: number, at: number): number {
    const start = message.starts[index] ?? 0;
    const end = message.ends[index] ?? 0;
    if (end === start) return at;
    if (at > this.#namesStart) this.#out[at++] = COLON;
    return writeKeyPattern(message.bytes, start, end, this.#out, at);
  }

  #make(bytes: Uint8Array, start: number, end: number): string {
    const name = this.#text.decode(bytes.subarray(start, this.#namesStart));
    return (
      name + this.#patterns.generalize(this.#text.decode(bytes.subarray(this.#namesStart, end)))
    ).trim();
  }
}
