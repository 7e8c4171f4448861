// Kafka: which answer belongs to which request. In: requests and answers (messages.ts). Out: one operation for each request.
// An answer repeats the number of its request. Fetch and what waits for a group are waits: they take as long as there is no
// news. Not here: bytes, time, records.

import { BoundedMap } from '../../base/bounded.ts';
import { ByteReader } from '../../base/bytes.ts';
import type { Operation } from '../../model/operation.ts';
import type { Conversation, Exchange, Likelihood, Protocol, Side } from '../contract.ts';
import { KeyPatterns, PATTERN_LIMIT_BYTES, writeKeyPattern } from '../key-pattern.ts';
import { OPEN_LIMIT } from '../operations.ts';
import { StatementCache } from '../statement-cache.ts';
import { errorName } from './apis.ts';
import type { Api } from './apis.ts';
import { errorCodeOf, KafkaMessage, readAnswer, readRequest } from './messages.ts';

/** A client counts its requests from 0 or 1; the first one that is seen may be a later one. */
const FIRST_NUMBERS = 1 << 24;

const text = new TextDecoder();
const patterns = new KeyPatterns();
const out = new Uint8Array(PATTERN_LIMIT_BYTES);
const topics = new StatementCache((bytes, start, end) =>
  patterns.generalize(text.decode(bytes.subarray(start, end))),
);

/** `Produce orders`; of several topics the first. */
function statementOf(message: KafkaMessage, api: Api): string {
  if (message.topicEnd === message.topicStart) return api.name;
  const end = writeKeyPattern(message.bytes, message.topicStart, message.topicEnd, out, 0);
  return `${api.name} ${topics.of(out, 0, end)}${message.topicCount > 1 ? ', …' : ''}`;
}

/** A request that waits for its answer, and how that is to be read. */
interface Pending {
  readonly operation: Operation;
  readonly api: Api;
  readonly version: number;
}

const window = new ByteReader();
const other = new KafkaMessage();

class KafkaConversation implements Conversation<KafkaMessage> {
  readonly message = new KafkaMessage();
  readonly #pending = new BoundedMap<number, Pending>(OPEN_LIMIT);
  #hasWorked = false;

  next(reader: ByteReader, from: Side): number {
    return from === 'client' ? readRequest(reader, this.message) : readAnswer(reader, this.message);
  }

  accept(from: Side, exchange: Exchange): void {
    if (from === 'server') this.#answered(exchange);
    else if (this.message.api !== undefined) this.#asked(this.message.api, exchange);
  }

  resync(reader: ByteReader, from: Side): number {
    for (let at = reader.at; at < reader.end; at++)
      if (from === 'client' ? isRequestAt(reader, at) : this.#isAnswerAt(reader, at)) return at - reader.at;
    return -1;
  }

  lost(): void {
    for (const [number, { operation }] of this.#pending.entries())
      if (operation.end >= 0) this.#pending.delete(number);
  }

  /** The answer to something that was asked. */
  #isAnswerAt(reader: ByteReader, at: number): boolean {
    return (
      readAnswer(window.reset(reader.bytes, at, reader.end), other) > 0 &&
      this.#pending.has(other.correlation)
    );
  }

  #asked(api: Api, exchange: Exchange): void {
    const { message } = this;
    const operation = exchange.begin();
    operation.statement = statementOf(message, api);
    if (api.isWait) operation.role = 'wait';
    else if (api.isSetup && !this.#hasWorked) operation.role = 'setup';
    else this.#hasWorked = true;
    if (message.isSilent) exchange.end(operation, 'ok');
    else this.#pending.set(message.correlation, { operation, api, version: message.version });
  }

  #answered(exchange: Exchange): void {
    const pending = this.#pending.get(this.message.correlation);
    if (pending === undefined) return;
    this.#pending.delete(this.message.correlation);
    const { operation, api, version } = pending;
    const code = errorCodeOf(this.message, api, version);
    exchange.end(operation, code === 0 ? 'ok' : 'error', code === 0 ? '' : errorName(code));
  }
}

function isRequestAt(reader: ByteReader, at: number): boolean {
  const length = readRequest(window.reset(reader.bytes, at, reader.end), other);
  return length > 0 && other.correlation < 2 ** 31;
}

/** Two bytes of kind, two of version, a small number, a printable name: nobody else writes so. An answer has little to tell it by. */
function looksLike(reader: ByteReader, from: Side): Likelihood {
  window.reset(reader.bytes, reader.at, reader.end);
  const length = from === 'client' ? readRequest(window, other) : readAnswer(window, other);
  if (length <= 0 || other.correlation >= FIRST_NUMBERS) return 0;
  return from === 'server' ? 1 : other.api?.isSetup === true ? 3 : 2;
}

export const kafka: Protocol<KafkaMessage> = {
  name: 'kafka',
  looksLike,
  open: () => new KafkaConversation(),
};
