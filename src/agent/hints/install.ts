// The drivers that queue, and their recognizers. In: nothing. Out: hints in place for drivers that the application loads later.

import { installDrivers } from '../drivers/install.ts';
import { onNewPrototype, type Recognizer } from '../emitter-init.ts';
import { recognizeAmqplib } from './amqplib.ts';
import { recognizeGrpcCall } from './grpc-js.ts';
import { installElasticsearch } from './elasticsearch.ts';
import { recognizeIoredisMessages, recognizeWs } from './emitted-messages.ts';
import { recognizeIoredis } from './ioredis.ts';
import { recognizeBullmq } from './bullmq.ts';
import { recognizeKafkajs } from './kafkajs.ts';
import { recognizeKafkajsRunner } from './kafkajs-consume.ts';
import { recognizeGot } from './got.ts';
import { recognizeKnex } from './knex.ts';
import { recognizeMariadb } from './mariadb.ts';
import { recognizeMemjs } from './memjs.ts';
import { recognizeMongodb } from './mongodb.ts';
import { recognizeMysql } from './mysql.ts';
import { recognizeMysql2 } from './mysql2.ts';
import { recognizeClientRequest } from './http-agent.ts';
import { installNats } from './nats.ts';
import { recognizeNodeRedis } from './node-redis.ts';
import { recognizeNodeRedisSubscriptions } from './node-redis-subscribe.ts';
import { recognizeNodeRedis4 } from './node-redis-4.ts';
import { recognizePg } from './pg.ts';
import { claimWrites, hookQueries, isQueryPrototype } from './postgres-js.ts';
import { searchPromises } from './promise-search.ts';
import { installSequelize } from './sequelize.ts';
import { listenToUndici, recognizeUndici } from './undici.ts';
import { onUnknownPostgres } from './unknown-postgres.ts';

const RECOGNIZERS: readonly Recognizer[] = [
  recognizePg,
  recognizeMysql2,
  recognizeMysql,
  recognizeMariadb,
  recognizeKnex,
  recognizeGot,
  recognizeIoredis,
  recognizeNodeRedis,
  recognizeNodeRedis4,
  recognizeAmqplib,
  recognizeKafkajs,
  recognizeKafkajsRunner,
  recognizeBullmq,
  recognizeWs,
  recognizeIoredisMessages,
  recognizeNodeRedisSubscriptions,
  recognizeMemjs,
  recognizeMongodb,
  recognizeUndici,
  recognizeGrpcCall,
  recognizeClientRequest,
];

/** Registers them. Before the application's first emitter, once per thread. */
export function installHints(): void {
  for (const recognizer of RECOGNIZERS) onNewPrototype(recognizer);
  installSequelize();
  installElasticsearch();
  listenToUndici();
  installNats();
  installDrivers();
  onUnknownPostgres(() => searchPromises('postgres.js', isQueryPrototype, hookQueries), claimWrites);
}
