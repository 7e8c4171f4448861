// The protocols that are known, one line each: the name in data, the product in words, the kind of time spent on it.
// Adding a protocol: one line here, one in protocol/registry.ts, one folder. Everything else follows from the table.

import type { CategoryKey } from './category.ts';

export interface ProtocolFacts {
  readonly name: string;
  /** How a dependency is called: 'Postgres shop'. '' when the host alone says it. */
  readonly product: string;
  /** HTTP to public hosts is `ext` instead. */
  readonly category: CategoryKey;
}

export const PROTOCOL_FACTS = [
  { name: 'postgres', product: 'Postgres', category: 'db' },
  { name: 'mysql', product: 'MySQL', category: 'db' },
  /** A file of the process itself: drivers tell of it, no wire does. */
  { name: 'sqlite', product: 'SQLite', category: 'db' },
  /** Of drivers alone, too: no decoder reads their wires. */
  { name: 'mssql', product: 'SQL Server', category: 'db' },
  { name: 'odbc', product: 'ODBC', category: 'db' },
  { name: 'mongodb', product: 'MongoDB', category: 'db' },
  { name: 'redis', product: 'Redis', category: 'cache' },
  { name: 'memcached', product: 'memcached', category: 'cache' },
  { name: 'amqp', product: 'RabbitMQ', category: 'msg' },
  { name: 'nats', product: 'NATS', category: 'msg' },
  { name: 'kafka', product: 'Kafka', category: 'msg' },
  { name: 'http', product: '', category: 'http' },
  { name: 'grpc', product: '', category: 'http' },
  { name: 'websocket', product: '', category: 'http' },
  { name: 'dns', product: 'DNS', category: 'conn' },
  { name: 'statsd', product: 'statsd', category: 'msg' },
  { name: 'udp', product: 'UDP', category: 'other' },
  { name: 'unknown', product: '', category: 'other' },
] as const satisfies readonly ProtocolFacts[];

export type ProtocolName = (typeof PROTOCOL_FACTS)[number]['name'];

export const PROTOCOL_NAMES: readonly ProtocolName[] = PROTOCOL_FACTS.map(({ name }) => name);

const UNKNOWN: ProtocolFacts = { name: 'unknown', product: '', category: 'other' };
const factsByName = new Map<string, ProtocolFacts>(PROTOCOL_FACTS.map((facts) => [facts.name, facts]));

export function factsOf(protocol: ProtocolName): ProtocolFacts {
  return factsByName.get(protocol) ?? UNKNOWN;
}

/** A protocol as it was stored. */
export function protocolNamed(name: string): ProtocolName {
  return PROTOCOL_NAMES.find((known) => known === name) ?? 'unknown';
}
