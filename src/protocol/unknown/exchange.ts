// A protocol nobody here knows: opaque exchanges. In: bytes of both sides. Out: one operation for each time that the client speaks
// and the server answers, with its times and sizes. Not here: what was said.

import type { ByteReader } from '../../base/bytes.ts';
import type { Operation } from '../../model/operation.ts';
import { NEED_MORE, TO_HOLE_END } from '../contract.ts';
import type { Conversation, Exchange, Likelihood, Protocol, Side } from '../contract.ts';

export const UNKNOWN_STATEMENT = 'unknown protocol';

class OpaqueConversation implements Conversation<undefined> {
  readonly message = undefined;
  #current: Operation | undefined = undefined;
  #isAnswered = false;

  /** Every captured piece is a message. */
  next(reader: ByteReader): number {
    if (reader.left > 0) return reader.left;
    return reader.isCut ? TO_HOLE_END : NEED_MORE;
  }

  accept(from: Side, exchange: Exchange): void {
    if (from === 'client') this.#asked(exchange);
    else this.#answered(exchange);
  }

  /** Any byte can be the first one. */
  resync(): number {
    return 0;
  }

  lost(): void {
    if (this.#current !== undefined && this.#current.end >= 0) this.#current = undefined;
  }

  closed(exchange: Exchange): void {
    if (this.#current !== undefined && this.#isAnswered) exchange.end(this.#current, 'ok');
  }

  #asked(exchange: Exchange): void {
    if (this.#current !== undefined && !this.#isAnswered) {
      exchange.extend(this.#current);
      return;
    }
    if (this.#current !== undefined) exchange.end(this.#current, 'ok');
    this.#current = exchange.begin();
    this.#current.statement = UNKNOWN_STATEMENT;
    this.#isAnswered = false;
  }

  /** What the server says unasked belongs to no operation. */
  #answered(exchange: Exchange): void {
    if (this.#current === undefined) return;
    exchange.extend(this.#current);
    this.#isAnswered = true;
  }
}

export const unknown: Protocol<undefined> = {
  name: 'unknown',
  looksLike: (): Likelihood => 0,
  open: () => new OpaqueConversation(),
};
