// What decoding did, counted. In: one count at a time. Out: sums per protocol, for coverage and `doctor`.
// They add up:   begun = operations + discarded + still open,   operations = answered + unfinished,
//                bytes = decodedBytes + skippedBytes + unknownBytes + bytes still waiting for the rest of their message.

import { assert } from '../base/assert.ts';
import { PROTOCOL_NAMES } from '../model/protocol.ts';
import type { ProtocolName } from '../model/protocol.ts';

/** Counts of one protocol. */
export class ProtocolCounters {
  connections = 0;
  /** Bytes seen, captured or not. */
  bytes = 0;
  decodedBytes = 0;
  /** Bytes given up: garbage, and what a hole hid together with the end of a message. */
  skippedBytes = 0;
  /** Bytes of connections of unknown protocol, and after a hand-over. */
  unknownBytes = 0;
  messages = 0;
  begun = 0;
  /** Operations delivered. */
  operations = 0;
  answered = 0;
  /** Delivered without having seen how they ended. */
  unfinished = 0;
  discarded = 0;
  /** Of the answered: the end of the answer was in a hole, its time is the time of that chunk. */
  endedInHole = 0;
  /** Messages the protocol does not allow. */
  invalid = 0;
  /** Holes and full buffers that hid where the next message begins. */
  gaps = 0;
  /** Times that a next message was found after one of those. */
  resyncs = 0;
}

/** Counts of all connections. */
export class DecodeCounters {
  readonly #counts = new Map(PROTOCOL_NAMES.map((name) => [name, new ProtocolCounters()]));

  of(protocol: ProtocolName): ProtocolCounters {
    const counts = this.#counts.get(protocol);
    assert(counts !== undefined, `protocol ${protocol} is not in the table`);
    return counts;
  }
}
