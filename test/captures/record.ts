// Records the captures of the decoder tests from real servers and clients. In: names of protocols, none: all. Out: JSON files
// beside this one. Run: npx tsx test/captures/record.ts [postgres] [redis]. Needs the servers installed.

import { recordAmqp } from './amqp/record.ts';
import { recordHttp } from './http/record.ts';
import { recordKafka } from './kafka/record.ts';
import { recordMemcached } from './memcached/record.ts';
import { recordMongodb } from './mongodb/record.ts';
import { recordMysql } from './mysql/record.ts';
import { recordNats } from './nats/record.ts';
import { recordPostgres } from './postgres/record.ts';
import { recordRedis } from './redis/record.ts';
import { recordWebsocket } from './websocket/record.ts';

const RECORDERS: Readonly<Record<string, () => Promise<void>>> = {
  amqp: recordAmqp,
  http: recordHttp,
  kafka: recordKafka,
  memcached: recordMemcached,
  mongodb: recordMongodb,
  mysql: recordMysql,
  nats: recordNats,
  postgres: recordPostgres,
  redis: recordRedis,
  websocket: recordWebsocket,
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(RECORDERS);
for (const name of names) {
  const recorder = RECORDERS[name];
  if (recorder === undefined) throw new Error(`there is no recorder for ${name}`);
  await recorder();
}
