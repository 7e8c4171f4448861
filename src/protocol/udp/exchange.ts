// Datagrams that nobody here knows. In: datagrams. Out: one operation for each that is sent, which ends with the next answer, oldest first.
// A peer that never answers is only told things: from then on an operation ends when it is sent. Not here: what was said.

import type { ByteReader } from '../../base/bytes.ts';
import type { Operation } from '../../model/operation.ts';
import { NEED_MORE, TO_HOLE_END } from '../contract.ts';
import type { Conversation, Exchange, Likelihood, Protocol, Side } from '../contract.ts';

const STATEMENT = 'datagram';
/** So many without any answer: there will be none. Their ends are not known, so they are forgotten. */
const UNANSWERED_LIMIT = 16;

class OpaqueDatagrams implements Conversation<undefined> {
  readonly message = undefined;
  #open: Operation[] = [];
  #hasAnswered = false;
  #isOneWay = false;

  next(reader: ByteReader): number {
    if (reader.left > 0) return reader.left;
    return reader.isCut ? TO_HOLE_END : NEED_MORE;
  }

  accept(from: Side, exchange: Exchange): void {
    if (from === 'client') this.#told(exchange);
    else this.#answered(exchange);
  }

  resync(): number {
    return 0;
  }

  lost(): void {
    this.#open = this.#open.filter(({ end }) => end < 0);
  }

  #told(exchange: Exchange): void {
    if (this.#open.length === UNANSWERED_LIMIT) this.#giveUp(exchange);
    const operation = exchange.begin();
    operation.statement = STATEMENT;
    if (this.#isOneWay) exchange.end(operation, 'ok');
    else this.#open.push(operation);
  }

  /** One that answers at times has lost the oldest. */
  #giveUp(exchange: Exchange): void {
    this.#isOneWay = !this.#hasAnswered;
    const given = this.#isOneWay ? this.#open.splice(0) : this.#open.splice(0, 1);
    for (const operation of given) exchange.discard(operation);
  }

  #answered(exchange: Exchange): void {
    this.#hasAnswered = true;
    const operation = this.#open.shift();
    if (operation !== undefined) exchange.end(operation, 'ok');
  }
}

export const udp: Protocol<undefined> = {
  name: 'udp',
  isMultiplexed: true,
  looksLike: (): Likelihood => 0,
  open: () => new OpaqueDatagrams(),
};
