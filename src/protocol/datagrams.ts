// Datagrams to one peer being decoded: the first that is sent says what is spoken. In: datagrams. Out: finished operations.
// Not here: what datagrams mean (dns/, statsd/, udp/).

import { ByteReader } from '../base/bytes.ts';
import type { Nanos } from '../base/time.ts';
import type { ProtocolName } from '../model/operation.ts';
import type { Side } from './contract.ts';
import type { DecodeCounters } from './counters.ts';
import { Decoding } from './driver.ts';
import type { WriteContexts } from './flow.ts';
import type { DecodingHost } from './operations.ts';
import { DATAGRAM_PROTOCOLS } from './registry.ts';

const reader = new ByteReader();

export class DatagramDecoding {
  readonly #host: DecodingHost;
  readonly #counters: DecodeCounters;
  #decoding: Decoding | undefined = undefined;

  constructor(host: DecodingHost, counters: DecodeCounters) {
    this.#host = host;
    this.#counters = counters;
  }

  /** As of `Decoding`; what comes before anything was sent answers nothing. */
  chunk(
    from: Side,
    bytes: Uint8Array,
    missing: number,
    time: Nanos,
    contexts: WriteContexts | undefined,
  ): void {
    if (from === 'client') this.#decoding ??= new Decoding(this.#host, this.#counters, spokenIn(bytes));
    this.#decoding?.chunk(from, bytes, missing, time, contexts);
  }

  close(time: Nanos): void {
    this.#decoding?.close(time);
  }
}

function spokenIn(bytes: Uint8Array): ProtocolName {
  const found = DATAGRAM_PROTOCOLS.find((protocol) => protocol.looksLike(reader.reset(bytes), 'client') > 0);
  return found?.name ?? 'udp';
}
