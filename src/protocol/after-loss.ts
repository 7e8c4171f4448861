// A connection after records of it were lost. In: its chunks. Out: none, until the client speaks after a silence; then all, to the decoder.
// Answers that are told apart by their order alone (Redis, memcached) could be those to questions that nobody has seen: each operation would have
// the answer of another one. In a silence nothing is to be answered any more. What is passed over is counted. Not here: which requests it was of.

import type { Nanos } from '../base/time.ts';
import type { ProtocolName } from '../model/operation.ts';
import type { Side } from './contract.ts';
import type { ProtocolCounters } from './counters.ts';
import type { WriteContexts } from './flow.ts';

/** Longer than such servers take for nearly all they are asked, with the way there and back. */
const SILENCE_NS = 3_000_000;
/** A connection that is never silent is taken up all the same; its answers may be one off. */
const LIMIT_NS = 2_000_000_000;

const ORDERED: ReadonlySet<ProtocolName> = new Set(['redis', 'memcached']);

/** Must it be silent first? */
export function isToldByOrder(protocol: ProtocolName): boolean {
  return ORDERED.has(protocol);
}

interface Sink {
  chunk(
    from: Side,
    bytes: Uint8Array,
    missing: number,
    time: Nanos,
    contexts: WriteContexts | undefined,
  ): void;
  close(time: Nanos): void;
}

export class AfterLoss implements Sink {
  readonly protocol: ProtocolName;
  readonly #sink: Sink;
  readonly #counters: ProtocolCounters;
  #first: Nanos | undefined = undefined;
  #last: Nanos | undefined = undefined;
  #isOver = false;

  constructor(sink: Sink, protocol: ProtocolName, counters: ProtocolCounters) {
    this.#sink = sink;
    this.protocol = protocol;
    this.#counters = counters;
  }

  /** Would what is written at `time` be passed over? */
  passesOver(time: Nanos): boolean {
    if (this.#isOver || this.#last === undefined || this.#first === undefined) return !this.#isOver;
    return time - this.#last < SILENCE_NS && time - this.#first < LIMIT_NS;
  }

  chunk(
    from: Side,
    bytes: Uint8Array,
    missing: number,
    time: Nanos,
    contexts: WriteContexts | undefined,
  ): void {
    if (!this.#isOver && from === 'client') this.#isOver = !this.passesOver(time);
    if (this.#isOver) return this.#sink.chunk(from, bytes, missing, time, contexts);
    this.#first ??= time;
    this.#last = time;
    this.#counters.bytes += bytes.length + missing;
    this.#counters.skippedBytes += bytes.length + missing;
  }

  close(time: Nanos): void {
    this.#sink.close(time);
  }
}
