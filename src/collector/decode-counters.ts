// The decoders' counters under stable names. In: counts per protocol. Out: [name, value] for each that is not zero.

import { PROTOCOL_NAMES } from '../model/protocol.ts';
import type { DecodeCounters } from '../protocol/driver.ts';

export function decodeCounterEntries(counters: DecodeCounters): [string, number][] {
  return PROTOCOL_NAMES.flatMap((protocol) =>
    Object.entries(counters.of(protocol))
      .filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] !== 0)
      .map(([name, value]): [string, number] => [`decode.${protocol}.${name}`, value]),
  );
}
