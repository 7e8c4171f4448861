// DNS over UDP: which answer belongs to which question. In: datagrams (messages.ts). Out: one operation for each question; a question that
// is asked again has the same number and is the same operation. Not here: bytes, time, names.

import { BoundedMap } from '../../base/bounded.ts';
import type { ByteReader } from '../../base/bytes.ts';
import type { Operation } from '../../model/operation.ts';
import { NEED_MORE, TO_HOLE_END } from '../contract.ts';
import type { Conversation, Exchange, Protocol, Side } from '../contract.ts';
import { DnsMessage, readDns } from './messages.ts';

/** Questions under way on one socket; their number has 16 bits. */
const OPEN_QUESTIONS = 4096;

const other = new DnsMessage();

class DnsConversation implements Conversation<DnsMessage> {
  readonly message = new DnsMessage();
  readonly #open = new BoundedMap<number, Operation>(OPEN_QUESTIONS);
  #isUnderstood = false;

  /** A datagram is a message. */
  next(reader: ByteReader): number {
    const { left } = reader;
    if (left === 0) return reader.isCut ? TO_HOLE_END : NEED_MORE;
    this.#isUnderstood = readDns(reader, this.message);
    return left;
  }

  accept(from: Side, exchange: Exchange): void {
    if (!this.#isUnderstood) return;
    if (from === 'client') this.#asked(exchange);
    else this.#answered(exchange);
  }

  resync(): number {
    return 0;
  }

  lost(): void {
    for (const [number, { end }] of this.#open.entries()) if (end >= 0) this.#open.delete(number);
  }

  #asked(exchange: Exchange): void {
    const { number, kind, isAnswer } = this.message;
    if (isAnswer) return;
    const known = this.#open.get(number);
    if (known !== undefined && known.end < 0) return exchange.extend(known);
    const operation = exchange.begin();
    operation.statement = `query ${kind}`;
    this.#open.set(number, operation);
  }

  #answered(exchange: Exchange): void {
    const { number, isAnswer, error, records } = this.message;
    const operation = isAnswer ? this.#open.get(number) : undefined;
    if (operation === undefined) return;
    this.#open.delete(number);
    operation.rows = records;
    exchange.end(operation, error === '' ? 'ok' : 'error', error);
  }
}

export const dns: Protocol<DnsMessage> = {
  name: 'dns',
  isMultiplexed: true,
  looksLike: (reader, from) => (from === 'client' && readDns(reader, other) && !other.isAnswer ? 3 : 0),
  open: () => new DnsConversation(),
};
