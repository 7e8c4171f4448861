// Servers that only some drivers need: message brokers, caches and what speaks MongoDB. In: names; FERRETDB (program) and KAFKA_LIB
// (folder with Kafka's classes) for those that no package has. Out: addresses; they end with `stop`.

import { startProgram, startRabbit } from '../../test/captures/servers.ts';
import type { Server } from '../../test/captures/servers.ts';
import { startKafka } from '../../test/captures/kafka/server.ts';
import { startRedisCluster } from './redis-cluster.ts';
import { CERTIFICATE } from './secure.ts';

export type BrokerName = 'rabbit' | 'nats' | 'natsTls' | 'memcached' | 'mongo' | 'kafka' | 'redisCluster';

const STARTS: Readonly<Record<BrokerName, () => Promise<Server>>> = {
  rabbit: startRabbit,
  nats: () => startProgram('nats-server', (port) => ['-a', '127.0.0.1', '-p', String(port)], ['--version']),
  natsTls: () =>
    startProgram(
      'nats-server',
      (port) => [
        '-a',
        '127.0.0.1',
        '-p',
        String(port),
        '--tls',
        `--tlscert=${CERTIFICATE}`,
        `--tlskey=${CERTIFICATE}`,
      ],
      ['--version'],
    ),
  redisCluster: startRedisCluster,
  memcached: () =>
    startProgram('memcached', (port) => ['-u', 'nobody', '-l', '127.0.0.1', '-p', String(port), '-U', '0'], [
      '-V',
    ]),
  mongo: () =>
    startProgram(
      process.env['FERRETDB'] ?? 'ferretdb',
      (port, place) => [
        '--handler=sqlite',
        `--sqlite-url=file:${place}/`,
        `--listen-addr=127.0.0.1:${port}`,
        '--telemetry=disable',
        `--state-dir=${place}`,
        '--debug-addr=-',
      ],
      ['--version'],
    ),
  kafka: () => startKafka(),
};

export interface Brokers {
  readonly ports: Readonly<Partial<Record<BrokerName, number>>>;
  /** Why those that are not there are not. */
  readonly missing: ReadonlyMap<BrokerName, string>;
  stop(): Promise<void>;
}

/** Starts them one after the other. */
export async function startBrokers(names: ReadonlySet<BrokerName>): Promise<Brokers> {
  const started: [BrokerName, Server][] = [];
  const missing = new Map<BrokerName, string>();
  for (const name of names)
    try {
      started.push([name, await STARTS[name]()]);
    } catch (error) {
      missing.set(name, error instanceof Error ? error.message : String(error));
    }
  return {
    ports: Object.fromEntries(started.map(([name, { port }]) => [name, port])),
    missing,
    async stop() {
      await Promise.all(started.map(([, server]) => server.stop()));
    },
  };
}
