// AMQP conversations by hand, each run in all the ways of the decoder contract.

import * as amqp from './amqp-bytes.ts';
import { method, text, u16, u32, u64, u8 } from './amqp-bytes.ts';
import { client, decoderSuite, server } from './decoder.ts';
import type { DecoderCase } from './decoder.ts';

const setup = (statement: string): { statement: string; role: 'setup' } => ({ statement, role: 'setup' });
const table = u32(0);

const cases: readonly DecoderCase[] = [
  {
    name: 'login, declarations, publishing without confirmations',
    turns: [
      client(amqp.protocol()),
      server(method(0, 10, 10, u8(0, 9), table, u32(5), new Uint8Array(Buffer.from('PLAIN')), u32(0))),
      client(
        method(0, 10, 11, table, text('PLAIN'), u32(6), new Uint8Array(Buffer.from('secret')), text('en_US')),
      ),
      server(method(0, 10, 30, u16(2047), u32(131072), u16(60))),
      client(
        method(0, 10, 31, u16(2047), u32(131072), u16(60)),
        method(0, 10, 40, text('shop'), text(''), u8(0)),
      ),
      server(method(0, 10, 41, text(''))),
      client(amqp.channelOpen(1)),
      server(amqp.channelOpenOk(1)),
      client(method(1, 40, 10, u16(0), text('orders'), text('topic'), u8(2), table)),
      server(method(1, 40, 11)),
      client(method(1, 50, 10, u16(0), text(''), u8(0), table)),
      server(method(1, 50, 11, text('amq.gen-JzTY20BRgKO-HjmUJj0wLg'), u32(0), u32(0))),
      client(
        method(
          1,
          50,
          20,
          u16(0),
          text('amq.gen-JzTY20BRgKO-HjmUJj0wLg'),
          text('orders'),
          text('order.*'),
          u8(0),
          table,
        ),
      ),
      server(method(1, 50, 21)),
      client(amqp.heartbeat(), ...amqp.publish(1, 'orders', 'order.created', 'secret')),
      server(amqp.heartbeat()),
      client(...amqp.publish(1, '', 'jobs', 'secret'), ...amqp.publish(1, 'orders', 'order.17', '')),
      client(method(1, 20, 40, u16(200), text('Goodbye'), u16(0), u16(0))),
      server(method(1, 20, 41)),
      client(method(0, 10, 50, u16(200), text('Goodbye'), u16(0), u16(0))),
      server(method(0, 10, 51)),
    ],
    gives: [
      setup('connect'),
      setup('channel.open'),
      { statement: 'exchange.declare orders' },
      { statement: 'queue.declare' },
      { statement: 'queue.bind ?:orders' },
      { statement: 'publish orders:order.created' },
      { statement: 'publish jobs' },
      { statement: 'publish orders:order.?' },
      { statement: 'channel.close' },
      { statement: 'connection.close' },
    ],
    peers: ['shop'],
  },
  {
    name: 'confirmations: one, several, refused, on two channels',
    turns: [
      client(amqp.channelOpen(1), amqp.channelOpen(2)),
      server(amqp.channelOpenOk(1), amqp.channelOpenOk(2)),
      client(method(1, 85, 10, u8(0)), method(2, 85, 10, u8(0))),
      server(method(1, 85, 11), method(2, 85, 11)),
      client(...amqp.publish(1, 'a', 'one', 'secret'), ...amqp.publish(2, 'b', 'one', 'secret')),
      server(amqp.ack(2, 1), amqp.ack(1, 1)),
      client(
        ...amqp.publish(1, 'a', 'two', 'x'),
        ...amqp.publish(1, 'a', 'three', 'x'),
        ...amqp.publish(1, 'a', 'four', 'x'),
        ...amqp.publish(1, 'a', 'five', 'x'),
      ),
      server(amqp.ack(1, 4, true), amqp.nack(1, 5)),
      client(...amqp.publish(2, 'b', 'two', 'x')),
      server(method(2, 20, 40, u16(404), text('NOT_FOUND - no exchange'), u16(60), u16(40))),
      client(method(2, 20, 41)),
    ],
    gives: [
      setup('channel.open'),
      setup('channel.open'),
      setup('confirm.select'),
      setup('confirm.select'),
      { statement: 'publish b:one' },
      { statement: 'publish a:one' },
      { statement: 'publish a:two' },
      { statement: 'publish a:three' },
      { statement: 'publish a:four' },
      { statement: 'publish a:five', outcome: 'error', errorType: 'nack' },
      { statement: 'publish b:two', outcome: 'error', errorType: '404' },
    ],
  },
  {
    name: 'a channel for each message: its number is used again, and confirmations count anew',
    turns: [1, 2].flatMap(() => [
      client(amqp.channelOpen(1)),
      server(amqp.channelOpenOk(1)),
      client(method(1, 85, 10, u8(0))),
      server(method(1, 85, 11)),
      client(...amqp.publish(1, 'a', 'one', 'secret'), ...amqp.publish(1, 'a', 'two', 'secret')),
      server(amqp.ack(1, 1)),
      client(method(1, 20, 40, u16(200), text('Goodbye'), u16(0), u16(0))),
      server(method(1, 20, 41)),
    ]),
    gives: [1, 2].flatMap(() => [
      setup('channel.open'),
      setup('confirm.select'),
      { statement: 'publish a:one' },
      { statement: 'channel.close' },
      // Nobody heard what became of it.
      { statement: 'publish a:two', outcome: 'error', errorType: 'closed' },
    ]),
  },
  {
    name: 'get and consume: what is delivered is no answer',
    turns: [
      client(amqp.channelOpen(1)),
      server(amqp.channelOpenOk(1)),
      client(method(1, 60, 10, u32(0), u16(10), u8(0))),
      server(method(1, 60, 11)),
      client(method(1, 60, 20, u16(0), text('jobs'), text('tag'), u8(0), table)),
      server(method(1, 60, 21, text('tag')), ...amqp.deliver(1, 1, 'secret')),
      client(amqp.ack(1, 1), method(1, 60, 70, u16(0), text('other'), u8(1))),
      server(
        ...amqp.deliver(1, 2, 'secret'),
        method(1, 60, 71, u64(3), u8(0), text(''), text('other'), u32(5)),
        ...amqp.content(1, 'secret '.repeat(20), 30),
      ),
      client(method(1, 60, 70, u16(0), text('other'), u8(1))),
      server(method(1, 60, 72, text('')), ...amqp.deliver(1, 4, 'secret')),
      client(method(1, 50, 10, u16(0), text('quiet'), u8(16), table)),
      client(method(1, 60, 30, text('tag'), u8(0))),
      server(method(1, 60, 31, text('tag'))),
      client(method(1, 50, 10, u16(0), text('jobs'), u8(0), table)),
      server(method(1, 20, 40, u16(406), text('PRECONDITION_FAILED'), u16(50), u16(10))),
    ],
    gives: [
      setup('channel.open'),
      { statement: 'basic.qos' },
      { statement: 'consume jobs' },
      { statement: 'get other', rows: 1 },
      { statement: 'get other', rows: 0 },
      { statement: 'queue.declare quiet' },
      { statement: 'cancel' },
      { statement: 'queue.declare jobs', outcome: 'error', errorType: '406' },
    ],
  },
  {
    name: 'long messages both ways',
    turns: [
      client(amqp.channelOpen(1)),
      server(amqp.channelOpenOk(1)),
      client(...amqp.publish(1, 'orders', 'big', 'x'.repeat(20_000))),
      client(method(1, 60, 70, u16(0), text('jobs'), u8(1))),
      server(
        method(1, 60, 71, u64(3), u8(0), text(''), text('jobs'), u32(5)),
        ...amqp.content(1, 'y'.repeat(3000), 2000),
      ),
      client(method(1, 85, 10, u8(0))),
      server(method(1, 85, 11)),
      client(...amqp.publish(1, 'orders', 'last', 'x')),
      server(...amqp.deliver(1, 9, 'z'.repeat(5000)), amqp.ack(1, 1)),
    ],
    gives: [
      setup('channel.open'),
      { statement: 'publish orders:big' },
      { statement: 'get jobs' },
      setup('confirm.select'),
      { statement: 'publish orders:last' },
    ],
  },
];

decoderSuite('amqp', cases);
