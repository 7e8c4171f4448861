// The drivers, versions and ways of use that must be right. In: nothing. Out: cases. Not here: how they are run; what is built upon
// drivers (cases-above.ts), servers as they are deployed (cases-deployed.ts).

import { cases, type Case } from './case.ts';
import { CASES_ABOVE } from './cases-above.ts';
import { CASES_DEPLOYED } from './cases-deployed.ts';

const PG = [
  'pg pool.query',
  'pg pool.query, callback',
  'pg pool.query, nested callbacks',
  'pg pool.connect, await',
  'pg pool.connect, callback',
  'pg client with a queue',
  'pg client, events',
  'pg errors',
  'pg cursor',
  'pg pool of 1',
  'pg pool, connections cut',
];
const MYSQL2 = [
  'mysql2 pool.query, callback',
  'mysql2 pool.query, nested callbacks',
  'mysql2 promise pool.query',
  'mysql2 promise pool.execute',
  'mysql2 promise getConnection',
  'mysql2 connection with a queue',
  'mysql2 events',
  'mysql2 pool of 1',
  'mysql2 pool, connections cut',
];
const IOREDIS = [
  'ioredis',
  'ioredis, lazy',
  'ioredis auto-pipelining',
  'ioredis pipeline',
  'ioredis multi',
  'ioredis, connections cut',
];
const NODE_REDIS = [
  'node-redis',
  'node-redis multi',
  'node-redis, some aborted',
  'node-redis pool',
  'node-redis pool of 1',
  'node-redis, connections cut',
];
const UNDICI = [
  'undici Pool of 2',
  'undici Pool of 1',
  'undici Pool of 2, pipelining',
  'undici Agent with 2',
  'undici Client',
  'undici bodies',
  'undici fetch with 2',
];
const HTTP2 = ['http2 session', 'http2 cold, TLS', 'http2 bodies', 'http2, callbacks'];
const GRPC = [
  'grpc unary',
  'grpc connected',
  'grpc, nested callbacks',
  'grpc streams',
  'grpc, interceptors',
  'grpc, one channel after the other',
];
const POSTGRES_JS = [
  'postgres.js',
  'postgres.js, many at once',
  'postgres.js, errors',
  'postgres.js begin',
  'postgres.js cold',
  'postgres.js, connections cut',
];

const AMQPLIB = [
  'amqplib publish',
  'amqplib confirm',
  'amqplib rpc',
  'amqplib callbacks',
  'amqplib long messages',
];
const NATS = ['nats publish', 'nats request', 'nats flush'];
const MONGODB = ['mongodb find', 'mongodb, pool of 2', 'mongodb cursor', 'mongodb writes'];

export const CASES: readonly Case[] = [
  cases('pg 8.0, pg-pool 3.1', ['pg@8.0.3', 'pg-pool@3.1.0', 'pg-cursor@2.2.0'], ['pg', 'pg-cursor'], PG),
  cases('pg 8.7', ['pg@8.7.1', 'pg-pool@3.4.1', 'pg-cursor@2.7.1'], ['pg', 'pg-cursor'], PG),
  cases('pg 8.23', ['pg@8.23.1', 'pg-cursor@latest'], ['pg', 'pg-cursor'], [...PG, 'pg client, pipeline']),
  ...(['esm', 'tsx', 'bundle'] as const).map((style) =>
    cases(
      `pg 8.23, ${style}`,
      ['pg@8.23.1', 'pg-cursor@latest'],
      ['pg'],
      ['pg pool.query', 'pg pool.connect, await'],
      { style },
    ),
  ),
  cases('mysql2 2.3', ['mysql2@2.3.0'], ['mysql2'], MYSQL2),
  cases('mysql2 3.0', ['mysql2@3.0.0'], ['mysql2'], MYSQL2),
  cases('mysql2 3.24', ['mysql2@3.24.6'], ['mysql2'], MYSQL2),
  cases('mysql 2.18', ['mysql@2.18.1'], ['mysql'], [...MYSQL2.slice(0, 2), 'mysql pool of 1']),
  cases('ioredis 4', ['ioredis@4'], ['ioredis'], IOREDIS),
  cases('ioredis 5', ['ioredis@5'], ['ioredis'], IOREDIS),
  cases('ioredis 6', ['ioredis@6.0.0'], ['ioredis'], IOREDIS),
  ...(['esm', 'tsx', 'bundle'] as const).map((style) =>
    cases(`ioredis 6, ${style}`, ['ioredis@6.0.0'], ['ioredis'], IOREDIS, { style }),
  ),
  cases('node-redis 4', ['redis@4'], ['redis'], ['node-redis', 'node-redis multi', 'node-redis 4 isolated']),
  cases('node-redis 5.0', ['redis@5.0.0'], ['redis'], NODE_REDIS.slice(0, 3)),
  cases('node-redis 5', ['redis@5'], ['redis'], NODE_REDIS),
  cases('node-redis 6', ['redis@6.3.1'], ['redis'], NODE_REDIS),
  cases('undici 5', ['undici@5'], ['undici'], UNDICI),
  cases('undici 6', ['undici@6'], ['undici'], UNDICI),
  cases('undici 7', ['undici@7'], ['undici'], [...UNDICI, 'undici interceptors']),
  cases('undici 8', ['undici@8'], ['undici'], [...UNDICI, 'undici interceptors'], { sinceNode: 22 }),
  cases('built-in fetch', [], ['node:http'], ['fetch', 'fetch, POST']),
  // Version 5 breaks its HTTP/2 connections under this load by itself.
  cases('undici 6', ['undici@6'], ['undici'], ['undici HTTP/2']),
  cases('undici 7', ['undici@7'], ['undici'], ['undici HTTP/2']),
  cases('undici 8', ['undici@8'], ['undici'], ['undici HTTP/2'], { sinceNode: 22 }),
  cases('node:http2', [], ['node:http2'], HTTP2),
  // 1.3 fails when a client is closed.
  cases('grpc-js 1.3', ['@grpc/grpc-js@1.3.8'], ['@grpc/grpc-js'], GRPC.slice(0, -1)),
  cases('grpc-js 1.8', ['@grpc/grpc-js@1.8.0'], ['@grpc/grpc-js'], GRPC),
  cases('grpc-js 1.14', ['@grpc/grpc-js@1.14.7'], ['@grpc/grpc-js'], GRPC),
  cases('grpc-js 1.14', ['@grpc/grpc-js@1.14.7'], ['@grpc/grpc-js', 'node:http2'], ['grpc and http2']),
  ...(['esm', 'tsx', 'bundle'] as const).map((style) =>
    cases(`grpc-js 1.14, ${style}`, ['@grpc/grpc-js@1.14.7'], ['@grpc/grpc-js'], GRPC.slice(0, 3), { style }),
  ),
  cases('node:http', [], ['node:http'], ['http.Agent with 2', 'http.Agent with 1', 'http.request, POST']),
  ...(['cjs', 'esm', 'tsx', 'bundle'] as const).map((style) =>
    cases(`postgres.js 3.4, ${style}`, ['postgres@3.4.9'], ['postgres'], POSTGRES_JS, { style }),
  ),
  ...['amqplib@0.8.0', 'amqplib@0.10.9', 'amqplib@2.3.1'].map((version) =>
    cases(version.replace('@', ' '), [version], ['amqplib'], AMQPLIB, { brokers: ['rabbit'] }),
  ),
  ...(['esm', 'tsx', 'bundle'] as const).map((style) =>
    cases(`amqplib 2, ${style}`, ['amqplib@2.3.1'], ['amqplib'], AMQPLIB.slice(0, 3), {
      style,
      brokers: ['rabbit'],
    }),
  ),
  ...['kafkajs@1.16.0', 'kafkajs@2.2.4'].map((version) =>
    cases(version.replace('@', ' '), [version], ['kafkajs'], ['kafkajs', 'kafkajs, one in flight'], {
      brokers: ['kafka'],
    }),
  ),
  ...(['cjs', 'esm', 'tsx'] as const).map((style) =>
    cases(`nats 2.29, ${style}`, ['nats@2.29.3'], ['nats'], NATS, { style, brokers: ['nats'] }),
  ),
  ...(['cjs', 'esm'] as const).map((style) =>
    cases(`nats 3.4, ${style}`, ['@nats-io/transport-node@3.4.0'], ['@nats-io/transport-node'], NATS, {
      style,
      brokers: ['nats'],
    }),
  ),
  cases('nats 2.29, bundle', ['nats@2.29.3'], ['nats'], ['nats hidden'], {
    style: 'bundle',
    brokers: ['nats'],
  }),
  ...['memjs@1.2.0', 'memjs@1.3.2'].map((version) =>
    cases(version.replace('@', ' '), [version], ['memjs'], ['memjs', 'memjs cold'], {
      brokers: ['memcached'],
    }),
  ),
  ...[
    'mongodb@4.0.0',
    'mongodb@4.17.2',
    'mongodb@5.9.2',
    'mongodb@6.21.0',
    'mongodb@7.0.0',
    'mongodb@7.9.0',
  ].map((version) =>
    cases(version.replace('@', ' '), [version], ['mongodb'], MONGODB, { brokers: ['mongo'] }),
  ),
  cases('postgres.js 3.0', ['postgres@3.0.0'], ['postgres'], POSTGRES_JS),
  ...CASES_ABOVE,
  ...CASES_DEPLOYED,
];
