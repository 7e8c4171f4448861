// The statement of a Redis command. In: its arguments in bytes. Out: COMMAND, COMMAND SUBCOMMAND, COMMAND key:pattern:?, as one
// shared string. Values are never looked at.

import { StatementCache } from '../statement-cache.ts';
import { capital, KeyAt } from './commands.ts';
import type { Command } from './commands.ts';
import { KeyPatterns, PATTERN_LIMIT_BYTES, writeKeyPattern } from '../key-pattern.ts';
import type { RedisMessage } from './messages.ts';

const SPACE = 32;
const NAMES_LIMIT_BYTES = 80;
const UNNAMED = 'unknown command';
const STREAMS = 'STREAMS';
const BLOCK = 'BLOCK';

export class RedisStatements {
  readonly #patterns = new KeyPatterns();
  readonly #text = new TextDecoder('latin1');
  readonly #out = new Uint8Array(NAMES_LIMIT_BYTES + PATTERN_LIMIT_BYTES);
  /** Where the key begins in `#out`. */
  #keyStart = 0;
  readonly #cache = new StatementCache((bytes, start, end) => this.#make(bytes, start, end));

  of(message: RedisMessage, command: Command): string {
    if (!message.isName(0)) return UNNAMED;
    let end = this.#word(message, 0, 0);
    if (command.hasSubcommand && message.isName(1)) end = this.#word(message, 1, end);
    if (command.key === KeyAt.streams && message.has(BLOCK)) end = this.#constant(BLOCK, end);
    const key = command.key === KeyAt.streams ? message.indexOf(STREAMS) + 1 : command.key;
    this.#keyStart = end;
    if (key > 0 && key < message.known) end = this.#key(message, key, end);
    return this.#cache.of(this.#out, 0, end);
  }

  #word(message: RedisMessage, index: number, at: number): number {
    let to = at;
    if (to > 0) this.#out[to++] = SPACE;
    for (let from = message.startOf(index); from < message.endOf(index); from++)
      this.#out[to++] = capital(message.bytes[from] ?? 0);
    return to;
  }

  #constant(word: string, at: number): number {
    let to = at;
    this.#out[to++] = SPACE;
    for (let index = 0; index < word.length; index++) this.#out[to++] = word.charCodeAt(index);
    return to;
  }

  #key(message: RedisMessage, index: number, at: number): number {
    this.#out[at] = SPACE;
    this.#keyStart = at + 1;
    return writeKeyPattern(message.bytes, message.startOf(index), message.endOf(index), this.#out, at + 1);
  }

  #make(bytes: Uint8Array, start: number, end: number): string {
    const names = this.#text.decode(bytes.subarray(start, this.#keyStart));
    return names + this.#patterns.generalize(this.#text.decode(bytes.subarray(this.#keyStart, end)));
  }
}
