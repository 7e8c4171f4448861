// The beginning of the part that few programs need (later.ts compiles it). In: nothing. Out: its recognizers in place. Every name that they look
// for has a sign in later.ts.

import { isBuiltinLoaded, onBuiltin } from './builtins.ts';
import { noteAddon } from '../drivers/known-addons.ts';
import { hookNodeSqlite } from '../drivers/node-sqlite.ts';
import { recognizeRdkafka } from '../drivers/node-rdkafka.ts';
import { recognizePgNative } from '../drivers/pg-native.ts';
import { onNewPrototype, type Recognizer } from '../emitter-init.ts';
import { recognizeAmqplib } from '../hints/amqplib.ts';
import { installBluebird } from '../hints/bluebird.ts';
import { recognizeBullmq } from '../hints/bullmq.ts';
import { installElasticsearch } from '../hints/elasticsearch.ts';
import { recognizeIoredisMessages, recognizeWs } from '../hints/emitted-messages.ts';
import { recognizeGot } from '../hints/got.ts';
import { recognizeGrpcCall } from '../hints/grpc-js.ts';
import { recognizeIoredis } from '../hints/ioredis.ts';
import { recognizeKafkajsRunner } from '../hints/kafkajs-consume.ts';
import { recognizeKafkajs } from '../hints/kafkajs.ts';
import { recognizeKnex } from '../hints/knex.ts';
import { recognizeMariadb } from '../hints/mariadb.ts';
import { recognizeMemjs } from '../hints/memjs.ts';
import { recognizeMongodb } from '../hints/mongodb.ts';
import { recognizeMysql } from '../hints/mysql.ts';
import { recognizeMysql2 } from '../hints/mysql2.ts';
import { installNats } from '../hints/nats.ts';
import { recognizeNodeRedis4 } from '../hints/node-redis-4.ts';
import { recognizeNodeRedisSubscriptions } from '../hints/node-redis-subscribe.ts';
import { recognizeNodeRedis } from '../hints/node-redis.ts';
import { recognizePg } from '../hints/pg.ts';
import { claimer, hookQueries, isQueryPrototype } from '../hints/postgres-js.ts';
import { installPrisma } from '../hints/prisma.ts';
import { searchPromises } from '../hints/promise-search.ts';
import { installSequelize } from '../hints/sequelize.ts';
import { onUnknownPostgres } from '../hints/unknown-postgres.ts';
import { providePart } from './later.ts';
import { recognizeDatagramSocket } from '../patches/dgram.ts';
import { recognizeHttp2Client } from '../patches/http2-client.ts';
import { beginStream, recognizeHttp2Server } from '../patches/http2-server.ts';
import { startProfile } from '../profile/profiler.ts';

const RECOGNIZERS: readonly Recognizer[] = [
  recognizePg,
  recognizePgNative,
  recognizeRdkafka,
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
  recognizeGrpcCall,
];

onNewPrototype((prototype) => {
  recognizeHttp2Client(prototype);
  recognizeHttp2Server(prototype);
  recognizeDatagramSocket(prototype);
  return undefined;
});
for (const recognizer of RECOGNIZERS) onNewPrototype(recognizer);
installSequelize();
installBluebird();
installPrisma();
installElasticsearch();
installNats();
onUnknownPostgres(() => searchPromises('postgres.js', isQueryPrototype, hookQueries), claimer);
if (isBuiltinLoaded('sqlite')) hookNodeSqlite();
else onBuiltin('sqlite', hookNodeSqlite);
providePart({ beginStream, noteAddon, startProfile });
