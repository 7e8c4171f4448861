// Drivers with servers as they are deployed: over TLS, and a Redis Cluster. In: nothing. Out: cases, as in cases.ts.

import { cases, type Case } from './case.ts';

const CLUSTER = { brokers: ['redisCluster'] } as const;
const IOREDIS_TLS = ['ioredis, TLS', 'ioredis auto-pipelining, TLS'];
const IOREDIS_CLUSTER = [
  'ioredis Cluster',
  'ioredis Cluster, auto-pipelining',
  'ioredis Cluster cold, auto-pipelining',
  'ioredis Cluster pipeline',
];
const NODE_REDIS_CLUSTER = ['node-redis cluster', 'node-redis cluster multi'];

export const CASES_DEPLOYED: readonly Case[] = [
  cases('pg 8.0, TLS', ['pg@8.0.3', 'pg-pool@3.1.0', 'pg-cursor@2.2.0'], ['pg'], ['pg pool.query, TLS']),
  cases('pg 8.23, TLS', ['pg@8.23.1', 'pg-cursor@latest'], ['pg'], ['pg pool.query, TLS']),
  cases('postgres.js 3.0, TLS', ['postgres@3.0.0'], ['postgres'], ['postgres.js, TLS']),
  cases('postgres.js 3.4, TLS', ['postgres@3.4.9'], ['postgres'], ['postgres.js, TLS']),
  ...['2.3.0', '3.0.0', '3.24.6'].map((version) =>
    cases(
      `mysql2 ${version.replace(/\.\d+$/, '')}, TLS`,
      [`mysql2@${version}`],
      ['mysql2'],
      ['mysql2 promise pool.query, TLS', 'mysql2 connection with a queue, TLS'],
    ),
  ),
  cases('mysql 2.18, TLS', ['mysql@2.18.1'], ['mysql'], ['mysql pool.query, TLS']),
  ...['3.0.0', '3.5.4'].map((version) =>
    cases(
      `mariadb ${version.slice(0, 3)}, TLS`,
      [`mariadb@${version}`],
      ['mariadb'],
      ['mariadb pool.query, TLS'],
    ),
  ),
  cases('ioredis 4, TLS', ['ioredis@4'], ['ioredis'], IOREDIS_TLS),
  cases('ioredis 6, TLS', ['ioredis@6.0.0'], ['ioredis'], IOREDIS_TLS),
  cases('node-redis 4, TLS', ['redis@4'], ['redis'], ['node-redis, TLS']),
  cases('node-redis 6, TLS', ['redis@6.3.1'], ['redis'], ['node-redis, TLS', 'node-redis pool, TLS']),
  cases('amqplib 2, TLS', ['amqplib@2.3.1'], ['amqplib'], ['amqplib confirm, TLS'], { brokers: ['rabbit'] }),
  cases('mongodb 7.9, TLS', ['mongodb@7.9.0'], ['mongodb'], ['mongodb, pool of 2, TLS'], {
    brokers: ['mongo'],
  }),
  cases('nats 2.29, TLS', ['nats@2.29.3'], ['nats'], ['nats publish, TLS'], { brokers: ['natsTls'] }),
  cases('undici 8, TLS', ['undici@8'], ['undici'], ['undici Pool of 2, TLS'], { sinceNode: 22 }),
  cases('node:https', [], ['node:http'], ['https.Agent with 2']),
  cases('ws 8, TLS', ['ws@8.23.0'], ['ws'], ['wss send']),
  cases('ioredis 4, Cluster', ['ioredis@4'], ['ioredis'], IOREDIS_CLUSTER, CLUSTER),
  cases('ioredis 6, Cluster', ['ioredis@6.0.0'], ['ioredis'], IOREDIS_CLUSTER, CLUSTER),
  cases('node-redis 4, cluster', ['redis@4'], ['redis'], NODE_REDIS_CLUSTER, {
    ...CLUSTER,
    losesCallSites: true,
  }),
  cases('node-redis 6, cluster', ['redis@6.3.1'], ['redis'], NODE_REDIS_CLUSTER, CLUSTER),
];
