// NATS conversations by hand, each run in all the ways of the decoder contract.

import { client, decoderSuite, server } from './decoder.ts';
import type { DecoderCase } from './decoder.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const line = (text: string): Uint8Array => bytes(`${text}\r\n`);
/** A line with a payload behind it: its size is put in place of `%`. */
const data = (head: string, payload: string): Uint8Array =>
  bytes(`${head.replace('%', String(payload.length))}\r\n${payload}\r\n`);
/** With headers: `%` stands for both lengths. */
const headed = (head: string, headers: string, payload: string): Uint8Array =>
  bytes(
    `${head.replace('%', `${headers.length} ${headers.length + payload.length}`)}\r\n${headers}${payload}\r\n`,
  );

const INBOX = '_INBOX.P81BLBCUQMZQSMZ0JQ2F1K';
const opening = [
  server(line('INFO {"server_id":"NC","version":"2.9.10","headers":true,"max_payload":1048576}')),
  client(line('CONNECT {"verbose":false,"user":"secret","pass":"secret"}'), line('PING')),
  server(line('PONG')),
];
const login = { statement: 'connect', role: 'setup' } as const;

const cases: readonly DecoderCase[] = [
  {
    name: 'login, publishing, a request',
    turns: [
      ...opening,
      client(line(`SUB ${INBOX}.* 1`), data('PUB orders.created %', 'secret')),
      client(
        data('PUB users.42.changed %', 'secret'),
        headed('HPUB orders.created %', 'NATS/1.0\r\nNats-Msg-Id: secret\r\n\r\n', 'secret'),
        data(`PUB users.get ${INBOX}.NP3K4A %`, 'secret'),
      ),
      server(data('MSG other.subject 2 %', 'secret'), data(`MSG ${INBOX}.NP3K4A 1 %`, 'secret')),
      client(data(`PUB users.nobody ${INBOX}.NP3K4B %`, '')),
      server(headed(`HMSG ${INBOX}.NP3K4B 1 %`, 'NATS/1.0 503\r\n\r\n', '')),
      client(line('PING')),
      server(line('PING'), line('PONG')),
      client(line('PONG'), data(`PUB ${INBOX}.NP3K4C %`, 'secret'), line('UNSUB 1')),
    ],
    gives: [
      login,
      { statement: 'publish orders.created' },
      { statement: 'publish users.?.changed' },
      { statement: 'publish orders.created' },
      { statement: 'request users.get', rows: 1 },
      { statement: 'request users.nobody', outcome: 'error', errorType: '503', rows: 0 },
      { statement: 'ping' },
      { statement: 'publish _INBOX.?' },
    ],
  },
  {
    name: 'answers in another order, and a stream that is asked for more, which is no request',
    turns: [
      ...opening,
      client(
        data(`PUB a.one ${INBOX}.1 %`, 'x'),
        data(`PUB a.two ${INBOX}.2 %`, 'x'),
        data(`PUB $JS.API.CONSUMER.MSG.NEXT.ORDERS.worker ${INBOX}.3 %`, '{"batch":1}'),
      ),
      server(
        data(`MSG ${INBOX}.2 1 %`, 'secret'),
        headed(`HMSG ${INBOX}.1 1 reply.to %`, 'NATS/1.0\r\nA: b\r\n\r\n', 'secret'),
        headed(`HMSG ${INBOX}.3 1 %`, 'NATS/1.0 408 Request Timeout\r\n\r\n', ''),
      ),
      client(data('PUB $JS.ACK.ORDERS.worker.1.17.17.1700000000000000000.0 %', '+ACK')),
    ],
    gives: [
      login,
      { statement: 'publish $JS.API.CONSUMER.MSG.NEXT.ORDERS.worker' },
      { statement: 'request a.two', rows: 1 },
      { statement: 'request a.one', rows: 1 },
      { statement: 'publish $JS.ACK.ORDERS.worker.?.?.?.?.?' },
    ],
  },
  {
    name: 'refused',
    turns: [
      server(line('INFO {"server_id":"NC","auth_required":true}')),
      client(line('CONNECT {"user":"secret"}'), line('PING')),
      server(line("-ERR 'Authorization Violation'")),
    ],
    gives: [{ ...login, outcome: 'error', errorType: 'Authorization Violation' }],
  },
  {
    name: 'long payloads',
    turns: [
      ...opening,
      client(data(`PUB files.get ${INBOX}.1 %`, 'secret')),
      server(data(`MSG ${INBOX}.1 1 %`, 'x'.repeat(5000))),
      client(data('PUB files.put %', 'y'.repeat(5000)), data(`PUB files.get ${INBOX}.2 %`, 'secret')),
      server(data('MSG news 2 %', 'z'.repeat(2000)), data(`MSG ${INBOX}.2 1 %`, 'secret')),
    ],
    gives: [
      login,
      { statement: 'request files.get', rows: 1 },
      { statement: 'publish files.put' },
      { statement: 'request files.get', rows: 1 },
    ],
  },
];

decoderSuite('nats', cases);
