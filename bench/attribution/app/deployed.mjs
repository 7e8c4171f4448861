// What the backend under test does with servers as they are deployed: over TLS, and a Redis Cluster. In, out: as in workloads.mjs.

import { readFileSync } from 'node:fs';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import { called, fourTimes, mysqlConfig, pgConfig } from './parts.mjs';

const trusting = ({ secure }) => ({ ca: readFileSync(secure.certificate) });

const redisTls = (servers) => ({
  host: 'localhost',
  port: servers.secure.ports.redis,
  tls: trusting(servers),
});

const nodeRedisTls = (servers) => ({
  socket: { host: 'localhost', port: servers.secure.ports.redis, tls: true, ...trusting(servers) },
});

export const DEPLOYED = {
  'pg pool.query, TLS': {
    markers: 4,
    async setup(pg, servers) {
      const pool = new pg.Pool({ ...pgConfig(servers), max: 5, ssl: trusting(servers) });
      return fourTimes(async (tag) => {
        await pool.query('select $1::text', [tag]); /* call */
      });
    },
  },
  'postgres.js, TLS': {
    markers: 4,
    async setup(postgres, servers) {
      const username = servers.postgres.user;
      const sql = postgres({ ...pgConfig(servers), username, max: 5, ssl: trusting(servers) });
      await sql`select 1`;
      return fourTimes(async (tag) => {
        await sql`select ${tag}::text`; /* call */
      });
    },
  },
  'mysql2 promise pool.query, TLS': {
    markers: 4,
    async setup(mysql, servers) {
      const settings = { ...mysqlConfig(servers), connectionLimit: 5, ssl: trusting(servers) };
      const pool = mysql.createPool(settings).promise();
      return fourTimes(async (tag) => {
        await pool.query('select ?', [tag]); /* call */
      });
    },
  },
  'mysql2 connection with a queue, TLS': {
    markers: 4,
    async setup(mysql, servers) {
      const connection = mysql
        .createConnection({ ...mysqlConfig(servers), ssl: trusting(servers) })
        .promise();
      return fourTimes(async (tag) => {
        await connection.query('select ?', [tag]); /* call */
      });
    },
  },
  'mysql pool.query, TLS': {
    markers: 4,
    async setup(mysql, servers) {
      const pool = mysql.createPool({ ...mysqlConfig(servers), connectionLimit: 5, ssl: trusting(servers) });
      return fourTimes((tag) => called((done) => pool.query('select ?', [tag], done)));
    },
  },
  'mariadb pool.query, TLS': {
    markers: 4,
    async setup(mariadb, servers) {
      const pool = mariadb.createPool({
        ...mysqlConfig(servers),
        // Node 26 allows no address as a server's name, and version 3.0 makes it one.
        host: 'localhost',
        connectionLimit: 5,
        ssl: trusting(servers),
      });
      return fourTimes(async (tag) => {
        await pool.query('select ?', [tag]); /* call */
      });
    },
  },
  'ioredis, TLS': {
    markers: 4,
    async setup(Redis, servers) {
      const redis = new (Redis.Redis ?? Redis)(redisTls(servers));
      return fourTimes(async (tag) => {
        await redis.get(tag); /* call */
      });
    },
  },
  'ioredis auto-pipelining, TLS': {
    markers: 4,
    async setup(Redis, servers) {
      const redis = new (Redis.Redis ?? Redis)({ ...redisTls(servers), enableAutoPipelining: true });
      return fourTimes(async (tag) => {
        await redis.get(tag); /* call */
      });
    },
  },
  'node-redis, TLS': {
    markers: 4,
    async setup(redis, servers) {
      const client = redis.createClient(nodeRedisTls(servers));
      await client.connect();
      return fourTimes(async (tag) => {
        await client.get(tag); /* call */
      });
    },
  },
  'node-redis pool, TLS': {
    markers: 4,
    async setup(redis, servers) {
      const pool = redis.createClientPool(nodeRedisTls(servers), { minimum: 1, maximum: 5 });
      await pool.connect();
      return fourTimes(async (tag) => {
        await pool.get(tag); /* call */
      });
    },
  },
  'amqplib confirm, TLS': {
    markers: 4,
    async setup(amqplib, servers) {
      const url = `amqps://guest:guest@localhost:${servers.secure.ports.rabbit}/`;
      const connection = await amqplib.connect(url, trusting(servers));
      const channel = await connection.createConfirmChannel();
      await channel.assertQueue('work', { durable: false, maxLength: 10 });
      return fourTimes((tag) => called((done) => channel.sendToQueue('work', Buffer.from(tag), {}, done)));
    },
  },
  'mongodb, pool of 2, TLS': {
    markers: 4,
    async setup({ MongoClient }, servers) {
      const client = new MongoClient(`mongodb://localhost:${servers.secure.ports.mongo}/`, {
        directConnection: true,
        tls: true,
        tlsCAFile: servers.secure.certificate,
        maxPoolSize: 2,
      });
      await client.connect();
      const collection = client.db('work').collection(`work${process.pid}`);
      return fourTimes((tag) => collection.find({ tag }).toArray());
    },
  },
  'nats publish, TLS': {
    markers: 4,
    async setup(nats, servers) {
      const tls = { caFile: servers.secure.certificate };
      const connection = await nats.connect({ servers: `localhost:${servers.natsTls}`, tls });
      return fourTimes(async (tag) => {
        connection.publish(`work.${tag}`); /* call */
        await connection.flush();
      });
    },
  },
  'undici Pool of 2, TLS': {
    markers: 4,
    async setup(undici, servers) {
      const pool = new undici.Pool(servers.secure.https, { connections: 2, connect: trusting(servers) });
      return fourTimes(async (tag) => {
        const { body } = await pool.request({ path: `/${tag}`, method: 'GET' }); /* call */
        await body.text();
      });
    },
  },
  'https.Agent with 2': {
    markers: 4,
    async setup(_http, servers) {
      const agent = new HttpsAgent({ keepAlive: true, maxSockets: 2, ...trusting(servers) });
      const get = (tag, then) => httpsGet(`${servers.secure.https}/${tag}`, { agent }, then); /* call */
      return fourTimes((tag) =>
        called((done) => get(tag, (response) => response.resume().on('end', () => done())).on('error', done)),
      );
    },
  },
  'wss send': {
    markers: 4,
    async setup(WebSocket, servers) {
      const socket = new WebSocket(`${servers.secure.https.replace('http', 'ws')}/socket`, {
        ...trusting(servers),
        generateMask: (key) => key.fill(0),
      });
      await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
      return fourTimes(async (tag) => {
        await called((done) => socket.send(`message ${tag}`, done)); /* call */
      });
    },
  },
  'ioredis Cluster': {
    markers: 4,
    async setup(Redis, servers) {
      const cluster = new (Redis.Cluster ?? Redis.Redis.Cluster)(nodesOf(servers));
      return fourTimes(async (tag) => {
        await cluster.get(tag); /* call */
      });
    },
  },
  'ioredis Cluster, auto-pipelining': {
    markers: 4,
    async setup(Redis, servers) {
      const cluster = new (Redis.Cluster ?? Redis.Redis.Cluster)(nodesOf(servers), {
        enableAutoPipelining: true,
      });
      return fourTimes(async (tag) => {
        await cluster.get(tag); /* call */
      });
    },
  },
  'ioredis Cluster cold, auto-pipelining': {
    markers: 4,
    async setup(Redis, servers) {
      const options = { enableAutoPipelining: true, lazyConnect: true };
      const cluster = new (Redis.Cluster ?? Redis.Redis.Cluster)(nodesOf(servers), options);
      return fourTimes((tag) => cluster.get(tag));
    },
  },
  'ioredis Cluster pipeline': {
    markers: 3,
    async setup(Redis, servers) {
      const cluster = new (Redis.Cluster ?? Redis.Redis.Cluster)(nodesOf(servers));
      return async (tag) => {
        await cluster.pipeline().get(tag).set(tag, '1').get(tag).exec(); /* call */
      };
    },
  },
  'node-redis cluster': {
    markers: 4,
    async setup(redis, servers) {
      const rootNodes = nodesOf(servers).map((socket) => ({ socket }));
      const cluster = redis.createCluster({ rootNodes });
      await cluster.connect();
      return fourTimes(async (tag) => {
        await cluster.get(tag); /* call */
      });
    },
  },
  'node-redis cluster multi': {
    markers: 3,
    async setup(redis, servers) {
      const rootNodes = nodesOf(servers).map((socket) => ({ socket }));
      const cluster = redis.createCluster({ rootNodes });
      await cluster.connect();
      return async (tag) => {
        await cluster.multi().set(tag, '1').get(tag).exec(); /* call */
        await cluster.get(tag); /* call */
      };
    },
  },
};

/** One of them is enough: it tells the others. */
function nodesOf({ redisCluster }) {
  return [{ host: '127.0.0.1', port: redisCluster }];
}
