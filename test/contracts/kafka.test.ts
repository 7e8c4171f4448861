// Kafka conversations by hand, each run in all the ways of the decoder contract.

import { client, decoderSuite, server } from './decoder.ts';
import type { DecoderCase } from './decoder.ts';
import { answer, compact, fetch, int, none, produce, produced, request, tags, text } from './kafka-bytes.ts';

const cases: readonly DecoderCase[] = [
  {
    name: 'login, producing, in order and not',
    turns: [
      client(request(18, 2, 0)),
      server(answer(0, int(2, 0), int(4, 0))),
      client(request(17, 1, 1, text('PLAIN'))),
      server(answer(1, int(2, 0), int(4, 1), text('PLAIN'))),
      client(request(36, 1, 2, int(4, 6), new Uint8Array(Buffer.from('secret')))),
      server(answer(2, int(2, 58), text('secret'))),
      client(request(3, 6, 3, int(4, 1), text('orders'))),
      server(answer(3, int(4, 0), int(4, 0))),
      client(
        produce(4, 'orders', 'secret'),
        produce(5, 'events.2026', 'secret'),
        produce(6, 'log', 'secret', 0),
      ),
      server(produced(4, 'orders'), produced(5, 'events.2026', 10)),
      client(produce(7, 'a', 'x'), produce(8, 'b', 'x')),
      server(produced(8, 'b'), produced(7, 'a')),
      client(request(12, 3, 9, text('group'), int(4, 1), text('member'), none)),
      server(answer(9, int(4, 0), int(2, 27))),
    ],
    gives: [
      { statement: 'ApiVersions', role: 'setup' },
      { statement: 'SaslHandshake', role: 'setup' },
      {
        statement: 'SaslAuthenticate',
        role: 'setup',
        outcome: 'error',
        errorType: 'SASL_AUTHENTICATION_FAILED',
      },
      { statement: 'Metadata' },
      { statement: 'Produce log' },
      { statement: 'Produce orders' },
      { statement: 'Produce events.?', outcome: 'error', errorType: 'MESSAGE_TOO_LARGE' },
      { statement: 'Produce b' },
      { statement: 'Produce a' },
      { statement: 'Heartbeat', outcome: 'error', errorType: 'REBALANCE_IN_PROGRESS' },
    ],
  },
  {
    name: 'flexible versions, and topics by id',
    turns: [
      client(request(18, 3, 0, tags, compact('kafkajs'), compact('2.2.4'), tags)),
      server(answer(0, int(2, 0), Uint8Array.of(1), int(4, 0), tags)),
      client(
        request(
          0,
          9,
          1,
          tags,
          Uint8Array.of(0),
          int(2, -1),
          int(4, 30_000),
          Uint8Array.of(2),
          compact('orders'),
          Uint8Array.of(1),
          tags,
          tags,
        ),
      ),
      server(
        answer(
          1,
          tags,
          Uint8Array.of(2),
          compact('orders'),
          Uint8Array.of(2),
          int(4, 0),
          int(2, 3),
          int(8, -1),
        ),
      ),
      client(
        request(
          0,
          13,
          2,
          tags,
          Uint8Array.of(0),
          int(2, -1),
          int(4, 30_000),
          Uint8Array.of(2),
          int(8, 77),
          int(8, 78),
          Uint8Array.of(1),
          tags,
          tags,
        ),
      ),
      server(
        answer(
          2,
          tags,
          Uint8Array.of(2),
          int(8, 77),
          int(8, 78),
          Uint8Array.of(2),
          int(4, 0),
          int(2, 0),
          int(8, -1),
        ),
      ),
    ],
    gives: [
      { statement: 'ApiVersions', role: 'setup' },
      { statement: 'Produce orders', outcome: 'error', errorType: 'UNKNOWN_TOPIC_OR_PARTITION' },
      { statement: 'Produce' },
    ],
  },
  {
    name: 'a connection that begins as one of PostgreSQL would',
    turns: [
      client(request(3, 0, 5, int(4, 1), text('orders'))),
      server(answer(5, int(4, 0), int(4, 0))),
      client(request(3, 6, 6, int(4, 1), text('orders'))),
      server(answer(6, int(4, 0), int(4, 0))),
    ],
    gives: [{ statement: 'Metadata' }, { statement: 'Metadata' }],
  },
  {
    name: 'a consumer waits, and gets long answers',
    turns: [
      client(request(18, 2, 0)),
      server(answer(0, int(2, 0), int(4, 0))),
      client(request(11, 5, 1, text('group'))),
      server(answer(1, int(4, 0), int(2, 79), int(4, -1))),
      client(fetch(2, 'orders')),
      server(answer(2, int(4, 0), int(2, 0), int(4, 0), new Uint8Array(5000).fill(120))),
      client(fetch(3, 'orders', 'events')),
      server(answer(3, int(4, 0), int(2, 0), int(4, 0), int(4, 0))),
      client(fetch(4)),
      server(answer(4, int(4, 0), int(2, 0), int(4, 0), int(4, 0))),
      client(request(8, 5, 5, text('group')), produce(6, 'orders', 'y'.repeat(6000))),
      server(answer(5, int(4, 0), int(4, 0)), produced(6, 'orders')),
    ],
    gives: [
      { statement: 'ApiVersions', role: 'setup' },
      { statement: 'JoinGroup', role: 'wait', outcome: 'error', errorType: 'MEMBER_ID_REQUIRED' },
      { statement: 'Fetch orders', role: 'wait' },
      { statement: 'Fetch orders, …', role: 'wait' },
      { statement: 'Fetch', role: 'wait' },
      { statement: 'OffsetCommit' },
      { statement: 'Produce orders' },
    ],
  },
];

decoderSuite('kafka', cases);
