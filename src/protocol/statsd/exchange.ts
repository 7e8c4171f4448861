// statsd and its dialects (DogStatsD, Telegraf): metrics in datagrams that nobody answers. In: datagrams. Out: one operation for each, which
// ends when it is sent, with the number of its metrics. Not here: names and values of metrics.
// https://github.com/statsd/statsd/blob/master/docs/metric_types.md

import type { ByteReader } from '../../base/bytes.ts';
import { NEED_MORE, TO_HOLE_END } from '../contract.ts';
import type { Conversation, Exchange, Likelihood, Protocol, Side } from '../contract.ts';

const STATEMENT = 'send metrics';
const NEWLINE = 10;
/** `page.views:1|c`; events and checks of DogStatsD begin with `_e{` and `_sc|`. */
const METRIC =
  /^(?:[\w.\-/@#,=~+%& ]{1,200}:[-+]?[\d.eE+-]{1,40}(?::[\d.eE+-]{1,40})*\|(?:c|g|ms|m|h|s|d)\b|_e\{\d|_sc\|)/;
const LOOK_BYTES = 300;

class StatsdConversation implements Conversation<undefined> {
  readonly message = undefined;
  #metrics = 0;

  next(reader: ByteReader, from: Side): number {
    const { left, bytes, at, end } = reader;
    if (left === 0) return reader.isCut ? TO_HOLE_END : NEED_MORE;
    if (from === 'client') this.#metrics = linesIn(bytes, at, end);
    return left;
  }

  accept(from: Side, exchange: Exchange): void {
    if (from === 'server') return;
    const operation = exchange.begin();
    operation.statement = STATEMENT;
    operation.rows = this.#metrics;
    exchange.end(operation, 'ok');
  }

  resync(): number {
    return 0;
  }

  lost(): void {
    this.#metrics = 0;
  }
}

function linesIn(bytes: Uint8Array, start: number, end: number): number {
  let lines = 0;
  for (let at = start; at < end; at++) if (bytes[at] === NEWLINE) lines++;
  return bytes[end - 1] === NEWLINE ? lines : lines + 1;
}

function looksLike({ bytes, at, end }: ByteReader, from: Side): Likelihood {
  if (from === 'server') return 0;
  return METRIC.test(String.fromCharCode(...bytes.subarray(at, Math.min(end, at + LOOK_BYTES)))) ? 3 : 0;
}

export const statsd: Protocol<undefined> = {
  name: 'statsd',
  looksLike,
  open: () => new StatsdConversation(),
};
