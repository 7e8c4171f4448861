// WebSocket conversations by hand, each run in all the ways of the decoder contract. The upgrade before them is in http.test.ts.

import { client, decoderSuite, server } from './decoder.ts';
import type { DecoderCase } from './decoder.ts';

/** A frame; those of a client are masked (with zeros, which change nothing). */
function frame(first: number, size: number, isMasked: boolean): Uint8Array {
  const length =
    size < 126 ? [size] : size < 65536 ? [126, size >> 8, size & 0xff] : [127, 0, 0, 0, 0, ...bytesOf(size)];
  length[0] = (length[0] ?? 0) | (isMasked ? 0x80 : 0);
  return Uint8Array.from([
    first,
    ...length,
    ...(isMasked ? [0, 0, 0, 0] : []),
    ...Array.from({ length: size }, () => 115),
  ]);
}

const bytesOf = (size: number): number[] => [24, 16, 8, 0].map((shift) => (size >> shift) & 0xff);
const sent = (first: number, size: number): Uint8Array => frame(first, size, true);
const got = (first: number, size: number): Uint8Array => frame(first, size, false);

const cases: readonly DecoderCase[] = [
  {
    name: 'messages both ways, in one frame and in several',
    isDetected: false,
    turns: [
      client(sent(0x81, 5), sent(0x82, 300)),
      server(got(0x81, 5), got(0x89, 0)),
      client(sent(0x8a, 0), sent(0x01, 10), sent(0x89, 3), sent(0x00, 10), sent(0x80, 2)),
      server(got(0x8a, 3), got(0xc1, 700), got(0x82, 1000)),
      client(sent(0xc1, 70_000), sent(0x88, 2)),
      server(got(0x88, 2)),
    ],
    gives: [{ statement: 'send' }, { statement: 'send' }, { statement: 'send' }, { statement: 'send' }],
  },
];

decoderSuite('websocket', cases);
