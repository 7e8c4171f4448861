// The protocols that can be decoded. Adding one is one line here; order does not matter.

import type { ProtocolName } from '../model/operation.ts';
import type { Protocol } from './contract.ts';
import { amqp } from './amqp/exchange.ts';
import { dns } from './dns/exchange.ts';
import { http } from './http/exchange.ts';
import { kafka } from './kafka/exchange.ts';
import { memcached } from './memcached/exchange.ts';
import { mongodb } from './mongodb/exchange.ts';
import { mysql } from './mysql/exchange.ts';
import { nats } from './nats/exchange.ts';
import { postgres } from './postgres/exchange.ts';
import { redis } from './redis/exchange.ts';
import { statsd } from './statsd/exchange.ts';
import { udp } from './udp/exchange.ts';
import { unknown } from './unknown/exchange.ts';
import { websocket } from './websocket/exchange.ts';

/** Those that detection chooses from. */
export const PROTOCOLS: readonly Protocol<unknown>[] = [
  postgres,
  redis,
  mysql,
  mongodb,
  memcached,
  amqp,
  nats,
  kafka,
  http,
  websocket,
];

/** Those of datagrams, that the first one tells. */
export const DATAGRAM_PROTOCOLS: readonly Protocol<unknown>[] = [dns, statsd];

const ALL: readonly Protocol<unknown>[] = [...PROTOCOLS, ...DATAGRAM_PROTOCOLS, udp];

/** The protocol of that name; opaque exchanges when there is no decoder for it. */
export function protocolOf(name: ProtocolName): Protocol<unknown> {
  return ALL.find((protocol) => protocol.name === name) ?? unknown;
}
