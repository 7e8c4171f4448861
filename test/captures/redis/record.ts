// Records Redis: redis-cli, ioredis and node-redis (RESP 3) against a real server.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { record, versioned } from '../proxy.ts';
import { startRedis } from '../servers.ts';

const folder = import.meta.dirname;

const CLI_SCRIPT = `ping
set user:42:name "a secret name"
get user:42:name
incr counter:2026-11-25
lpush user:42:name x
mget user:42:name user:43:name
hset cart:3f2504e0-4f89-11d3-9a0c-0305e82c3301 apples 3 pears 4
hgetall cart:3f2504e0-4f89-11d3-9a0c-0305e82c3301
multi
incr a:1
lpop counter:2026-11-25
exec
eval "return {1,2,{3,'x'}}" 1 k:1
object encoding counter:2026-11-25
config get maxmemory
nosuchcommand a b
client list
scan 0 match user:* count 10
blpop empty:queue 0.1
`;

async function redisCli(port: number, ...args: readonly string[]): Promise<void> {
  const child = spawn('redis-cli', ['-h', '127.0.0.1', '-p', String(port), ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(CLI_SCRIPT);
  await once(child, 'exit');
}

async function withIoredis(port: number): Promise<void> {
  const redis = new Redis({ host: '127.0.0.1', port, db: 2, connectionName: 'shop' });
  await redis.set('sess:9f86d081884c7d659a2feaa0c55ad015', 'x'.repeat(3000));
  await redis.get('sess:9f86d081884c7d659a2feaa0c55ad015');
  await Promise.all([1, 2, 3].map((id) => redis.get(`stock:${id}`)));
  await redis.mget('stock:1', 'stock:2', 'stock:3');
  const pipeline = redis.pipeline();
  for (let id = 0; id < 30; id++) pipeline.set(`page:${id}`, `text ${id} `.repeat(20));
  for (let id = 0; id < 30; id++) pipeline.get(`page:${id}`);
  await pipeline.exec();
  await redis.multi().incr('n:1').get('n:1').exec();
  await redis.rpush('list:1', ...Array.from({ length: 200 }, (_, index) => `item ${index}`));
  await redis.lrange('list:1', 0, -1);
  await redis.get('list:1').catch(() => undefined);
  await redis.blpop('empty:1', 0.1);
  await redis.xadd('events:7', '*', 'kind', 'secret');
  await redis.xread('COUNT', 10, 'STREAMS', 'events:7', '0');
  await redis.eval('return redis.call("get", KEYS[1])', 1, 'stock:1');
  const subscriber = redis.duplicate();
  await subscriber.subscribe('news:1', 'news:2');
  const message = once(subscriber, 'message');
  await redis.publish('news:1', 'secret');
  await message;
  await subscriber.unsubscribe();
  await subscriber.quit();
  await redis.quit();
}

async function withNodeRedis(port: number): Promise<void> {
  const client = createClient({ RESP: 3, socket: { host: '127.0.0.1', port } });
  client.on('error', () => undefined);
  await client.connect();
  await client.set('user:42', 'x');
  await client.get('user:42');
  await Promise.all([client.get('user:1'), client.get('user:2'), client.hGetAll('cart:1')]);
  await client.hSet('cart:1', { apples: 3, pears: 4 });
  await client.hGetAll('cart:1');
  await client.zAdd('rank:1', [{ score: 1.5, value: 'a' }, { score: 2, value: 'b' }]);
  await client.zRangeWithScores('rank:1', 0, -1);
  await client.zScore('rank:1', 'a');
  await client.multi().incr('n:1').sAdd('set:1', ['a', 'b']).sMembers('set:1').exec();
  await client.lPush('user:42', 'y').catch(() => undefined);
  const subscriber = client.duplicate();
  await subscriber.connect();
  const seen = new Promise<void>((resolve) => {
    void subscriber.subscribe('news', () => resolve()).then(() => client.publish('news', 'secret'));
  });
  await seen;
  await subscriber.unsubscribe('news');
  await subscriber.close();
  await client.close();
}

export async function recordRedis(): Promise<void> {
  const server = await startRedis();
  try {
    const save = (
      file: string,
      client: string,
      command: string,
      run: (port: number) => Promise<void>,
    ): Promise<void> => record(join(folder, `${file}.json`), server.port, { server: server.version, client, command }, run);
    await save('redis-cli-resp3', 'redis-cli -3', CLI_SCRIPT, (port) => redisCli(port, '-3'));
    await save('ioredis', versioned('ioredis'), 'withIoredis', withIoredis);
    await save('node-redis', versioned('redis'), 'withNodeRedis', withNodeRedis);
  } finally {
    await server.stop();
  }
}
