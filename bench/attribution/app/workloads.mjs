// What the backend under test does with a driver. In: the driver, addresses of servers. Out: by name, how many markers one request
// writes (one in each operation, more with a body), and the function that does it. Calls whose call site is checked have `/* call */` in their line.

import { called, delay, fourTimes, mysqlConfig, pgConfig } from './parts.mjs';
import { DEPLOYED } from './deployed.mjs';
import { HTTP_CLIENTS } from './http-clients.mjs';
import { HTTP2_CLIENTS } from './http2-clients.mjs';
import { MARIADB } from './mariadb.mjs';
import { ORMS } from './orms.mjs';

const pgPool = (pg, servers, max = 5) => new pg.Pool({ ...pgConfig(servers), max });

async function pgClient(pg, servers, options = {}) {
  const client = new pg.Client({ ...pgConfig(servers), ...options });
  await client.connect();
  return client;
}

const PG = {
  'pg pool.query': {
    markers: 4,
    async setup(pg, servers) {
      const pool = pgPool(pg, servers);
      return fourTimes(async (tag) => {
        await pool.query('select $1::text', [tag]); /* call */
      });
    },
  },
  'pg pool.query, callback': {
    markers: 4,
    async setup(pg, servers) {
      const pool = pgPool(pg, servers);
      return fourTimes((tag) => called((done) => pool.query(`select '${tag}'`, done)));
    },
  },
  'pg pool.query, nested callbacks': {
    markers: 3,
    async setup(pg, servers) {
      const pool = pgPool(pg, servers);
      const query = (tag, then) => pool.query('select $1::text', [tag], then);
      return (tag) =>
        called((done) =>
          query(tag, (error) =>
            error ? done(error) : query(tag, (error) => (error ? done(error) : query(tag, done))),
          ),
        );
    },
  },
  'pg pool.connect, await': {
    markers: 3,
    async setup(pg, servers) {
      const pool = pgPool(pg, servers);
      return async (tag) => {
        const client = await pool.connect(); /* call */
        try {
          await client.query(`begin /* ${tag} */`); /* call */
          await client.query('select $1::text', [tag]); /* call */
          await client.query(`commit /* ${tag} */`); /* call */
        } finally {
          client.release();
        }
      };
    },
  },
  'pg pool.connect, callback': {
    markers: 1,
    async setup(pg, servers) {
      const pool = pgPool(pg, servers);
      return (tag) =>
        called((done) =>
          pool.connect((error, client, release) => {
            if (error) return done(error);
            client.query('select $1::text', [tag], (error, result) => {
              release();
              done(error, result);
            });
          }),
        );
    },
  },
  'pg client with a queue': {
    markers: 4,
    async setup(pg, servers) {
      const client = await pgClient(pg, servers);
      return fourTimes(async (tag) => {
        await client.query('select $1::text', [tag]); /* call */
      });
    },
  },
  'pg client, events': {
    markers: 2,
    async setup(pg, servers) {
      const client = await pgClient(pg, servers);
      const Query = pg.Query;
      const emitted = (tag, onRow) =>
        called((done) => {
          const query = client.query(new Query('select $1::text', [tag]));
          query.on('row', onRow);
          query.on('error', done);
          query.on('end', () => done());
        });
      return async (tag) => {
        let nested;
        await emitted(tag, () => (nested = client.query('select $1::text', [tag])));
        await nested;
      };
    },
  },
  'pg client, pipeline': {
    markers: 4,
    async setup(pg, servers) {
      const client = await pgClient(pg, servers, { pipeline: true });
      client.pipeline = true;
      return fourTimes((tag) => client.query('select $1::text', [tag]));
    },
  },
  'pg errors': {
    markers: 4,
    async setup(pg, servers) {
      const client = await pgClient(pg, servers);
      return fourTimes((tag) => client.query(`select '${tag}' from nowhere`).catch(() => undefined));
    },
  },
  'pg pool, connections cut': {
    markers: 4,
    isDisturbed: true,
    async setup(pg, servers) {
      const pool = pgPool(pg, servers);
      pool.on('error', () => undefined);
      return cutting(
        (tag) => pool.query('select $1::text', [tag]),
        () =>
          pool.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user'),
      );
    },
  },
  'pg cursor': {
    markers: 2,
    async setup(pg, servers, Cursor) {
      const pool = pgPool(pg, servers);
      return async (tag) => {
        const client = await pool.connect();
        const cursor = client.query(new Cursor('select $1::text, generate_series(1, 5)', [tag]));
        while ((await called((done) => cursor.read(2, done))).length > 0);
        await called((done) => cursor.close(done));
        await client.query('select $1::text', [tag]);
        client.release();
      };
    },
  },
  'pg pool of 1': {
    markers: 1,
    waits: true,
    async setup(pg, servers) {
      const pool = pgPool(pg, servers, 1);
      return async (tag) => {
        await pool.query('select $1::text, pg_sleep(0.02)', [tag]); /* call */
      };
    },
  },
};

const mysqlPool = (mysql, servers, connectionLimit = 5) =>
  mysql.createPool({ ...mysqlConfig(servers), connectionLimit });

const MYSQL2 = {
  'mysql2 pool.query, callback': {
    markers: 4,
    async setup(mysql, servers) {
      const pool = mysqlPool(mysql, servers);
      return fourTimes((tag) => called((done) => pool.query('select ?', [tag], done)));
    },
  },
  'mysql2 pool.query, nested callbacks': {
    markers: 3,
    async setup(mysql, servers) {
      const pool = mysqlPool(mysql, servers);
      const query = (tag, then) => pool.query('select ?', [tag], then);
      return (tag) =>
        called((done) =>
          query(tag, (error) =>
            error ? done(error) : query(tag, (error) => (error ? done(error) : query(tag, done))),
          ),
        );
    },
  },
  'mysql pool of 1': {
    markers: 1,
    waits: true,
    async setup(mysql, servers) {
      const pool = mysqlPool(mysql, servers, 1);
      return (tag) => called((done) => pool.query('select ?, sleep(0.02)', [tag], done));
    },
  },
  'mysql2 promise pool.query': {
    markers: 4,
    async setup(mysql, servers) {
      const pool = mysqlPool(mysql, servers).promise();
      return fourTimes(async (tag) => {
        await pool.query('select ?', [tag]); /* call */
      });
    },
  },
  'mysql2 promise pool.execute': {
    markers: 4,
    async setup(mysql, servers) {
      const pool = mysqlPool(mysql, servers).promise();
      return fourTimes(async (tag) => {
        await pool.execute('select ?', [tag]); /* call */
      });
    },
  },
  'mysql2 promise getConnection': {
    markers: 3,
    async setup(mysql, servers) {
      const pool = mysqlPool(mysql, servers).promise();
      return async (tag) => {
        const connection = await pool.getConnection();
        try {
          await connection.query(`begin /* ${tag} */`);
          await connection.execute('select ?', [tag]);
          await connection.query(`commit /* ${tag} */`);
        } finally {
          connection.release();
        }
      };
    },
  },
  'mysql2 connection with a queue': {
    markers: 4,
    async setup(mysql, servers) {
      const connection = mysql.createConnection(mysqlConfig(servers)).promise();
      return fourTimes(async (tag) => {
        await connection.query('select ?', [tag]); /* call */
      });
    },
  },
  'mysql2 events': {
    markers: 2,
    async setup(mysql, servers) {
      const pool = mysqlPool(mysql, servers);
      return async (tag) => {
        let nested;
        await called((done) => {
          const query = pool.query('select ?', [tag]);
          query.on('result', () => (nested = pool.promise().query('select ?', [tag])));
          query.on('error', done);
          query.on('end', () => done());
        });
        await nested;
      };
    },
  },
  'mysql2 pool, connections cut': {
    markers: 4,
    isDisturbed: true,
    async setup(mysql, servers) {
      const pool = mysqlPool(mysql, servers).promise();
      return cutting(
        (tag) => pool.query('select ?', [tag]),
        () => pool.query('kill connection_id()'),
      );
    },
  },
  'mysql2 pool of 1': {
    markers: 1,
    waits: true,
    async setup(mysql, servers) {
      const pool = mysqlPool(mysql, servers, 1).promise();
      return async (tag) => {
        await pool.query('select ?, sleep(0.02)', [tag]); /* call */
      };
    },
  },
};

const ioredis = (Redis, { redis }, options = {}) =>
  new (Redis.Redis ?? Redis)({ host: redis.host, port: redis.port, ...options });

const IOREDIS = {
  ioredis: {
    markers: 4,
    async setup(Redis, servers) {
      const redis = ioredis(Redis, servers);
      return fourTimes(async (tag) => {
        await redis.get(tag); /* call */
      });
    },
  },
  'ioredis, lazy': {
    markers: 4,
    async setup(Redis, servers) {
      const redis = ioredis(Redis, servers, { lazyConnect: true });
      return fourTimes((tag) => redis.get(tag));
    },
  },
  'ioredis auto-pipelining': {
    markers: 4,
    async setup(Redis, servers) {
      const redis = ioredis(Redis, servers, { enableAutoPipelining: true });
      return fourTimes(async (tag) => {
        await redis.get(tag); /* call */
      });
    },
  },
  'ioredis pipeline': {
    markers: 3,
    async setup(Redis, servers) {
      const redis = ioredis(Redis, servers);
      return async (tag) => {
        await redis.pipeline().get(tag).set(tag, Buffer.from('1')).get(tag).exec(); /* call */
      };
    },
  },
  'ioredis, connections cut': {
    markers: 4,
    isDisturbed: true,
    async setup(Redis, servers) {
      const redis = ioredis(Redis, servers, { enableAutoPipelining: true });
      redis.on('error', () => undefined);
      return cutting(
        (tag) => redis.get(tag),
        () => redis.call('client', 'kill', 'type', 'normal', 'skipme', 'no'),
      );
    },
  },
  'ioredis multi': {
    markers: 3,
    async setup(Redis, servers) {
      const redis = ioredis(Redis, servers);
      return async (tag) => {
        await redis.multi().set(tag, '1').get(tag).exec(); /* call */
        await redis.get(tag); /* call */
      };
    },
  },
};

/** Every 20th request has the server cut all connections: what is sent again still belongs to those who asked. */
const cutting = (operation, cut) => async (tag) => {
  if (/[05]0Q$/.test(tag)) await cut().catch(() => undefined);
  const survive = () => operation(tag).catch(() => undefined);
  await survive();
  await Promise.all([survive(), survive(), survive()]);
};

async function nodeRedis(redis, servers) {
  const client = redis.createClient({ url: servers.redis.url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function nodeRedisPool(redis, servers, maximum) {
  const pool = redis.createClientPool({ url: servers.redis.url }, { minimum: 1, maximum });
  pool.on('error', () => undefined);
  await pool.connect();
  return pool;
}

const NODE_REDIS = {
  'node-redis': {
    markers: 4,
    async setup(redis, servers) {
      const client = await nodeRedis(redis, servers);
      return fourTimes(async (tag) => {
        await client.get(tag); /* call */
      });
    },
  },
  'node-redis multi': {
    markers: 3,
    async setup(redis, servers) {
      const client = await nodeRedis(redis, servers);
      return async (tag) => {
        await client.multi().set(tag, '1').get(tag).exec(); /* call */
        await client.get(tag); /* call */
      };
    },
  },
  'node-redis, some aborted': {
    markers: 2,
    async setup(redis, servers) {
      const client = await nodeRedis(redis, servers);
      return async (tag) => {
        const gone = new AbortController();
        const aborted = client
          .withAbortSignal(gone.signal)
          .get('gone')
          .catch(() => undefined);
        const first = client.get(tag);
        gone.abort();
        const broken = client.sendCommand(['GET', 17]).catch(() => undefined);
        await Promise.all([first, client.multi().get(tag).exec(), aborted, broken]);
      };
    },
  },
  'node-redis, connections cut': {
    markers: 4,
    isDisturbed: true,
    async setup(redis, servers) {
      const client = await nodeRedis(redis, servers);
      return cutting(
        (tag) => client.get(tag),
        () => client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'no']),
      );
    },
  },
  'node-redis pool': {
    markers: 4,
    async setup(redis, servers) {
      const pool = await nodeRedisPool(redis, servers, 5);
      return fourTimes(async (tag) => {
        await pool.get(tag); /* call */
      });
    },
  },
  'node-redis pool of 1': {
    markers: 1,
    waits: true,
    async setup(redis, servers) {
      const pool = await nodeRedisPool(redis, servers, 1);
      return async (tag) => {
        await pool.blPop(`list ${tag}`, 0.02); /* call */
      };
    },
  },
  'node-redis 4 isolated': {
    markers: 2,
    async setup(redis, servers) {
      const client = await nodeRedis(redis, servers);
      return async (tag) => {
        await client.executeIsolated(async (isolated) => {
          await isolated.get(tag);
          await isolated.get(tag);
        });
      };
    },
  },
};

/** The application's own answer is read to its end, as it would be. */
const undiciGet = async (undici, url, dispatcher) => {
  const { body } = await undici.request(url, { dispatcher }); /* call */
  await body.text();
};

const UNDICI = {
  'undici Pool of 2': {
    markers: 4,
    async setup(undici, { http }) {
      const pool = new undici.Pool(http.url, { connections: 2 });
      return fourTimes(async (tag) => {
        const { body } = await pool.request({ path: `/${tag}`, method: 'GET' }); /* call */
        await body.text();
      });
    },
  },
  'undici Pool of 1': {
    markers: 1,
    waits: true,
    async setup(undici, { http }) {
      const pool = new undici.Pool(http.url, { connections: 1 });
      return async (tag) => {
        const { body } = await pool.request({ path: `/slow/${tag}`, method: 'GET' }); /* call */
        await body.text();
      };
    },
  },
  'undici Pool of 2, pipelining': {
    markers: 4,
    async setup(undici, { http }) {
      const pool = new undici.Pool(http.url, { connections: 2, pipelining: 4 });
      return fourTimes(async (tag) => {
        const { body } = await pool.request({ path: `/${tag}`, method: 'GET' }); /* call */
        await body.text();
      });
    },
  },
  'undici Agent with 2': {
    markers: 4,
    async setup(undici, { http }) {
      const agent = new undici.Agent({ connections: 2 });
      return fourTimes((tag) => undiciGet(undici, `${http.url}/${tag}`, agent));
    },
  },
  'undici Client': {
    markers: 4,
    async setup(undici, { http }) {
      const client = new undici.Client(http.url);
      return fourTimes(async (tag) => {
        const { body } = await client.request({ path: `/${tag}`, method: 'GET' }); /* call */
        await body.text();
      });
    },
  },
  'undici bodies': {
    markers: 12,
    async setup(undici, { http }) {
      const agent = new undici.Agent({ connections: 2 });
      return fourTimes(async (tag) => {
        const sent = async function* () {
          yield Buffer.from(`first ${tag}`);
          await new Promise(setImmediate);
          yield Buffer.from(`last ${tag}`);
        };
        const { body } = await undici.request(`${http.url}/post`, {
          dispatcher: agent,
          method: 'POST',
          body: sent(),
          headers: { 'x-tag': tag },
        });
        await body.text();
      });
    },
  },
  'undici interceptors': {
    markers: 4,
    async setup(undici, { http }) {
      const pool = new undici.Pool(http.url, { connections: 2 }).compose(
        undici.interceptors.retry(),
        undici.interceptors.redirect(),
      );
      return fourTimes(async (tag) => {
        const { body } = await pool.request({ path: `/${tag}`, method: 'GET' });
        await body.text();
      });
    },
  },
  'undici fetch with 2': {
    markers: 4,
    async setup(undici, { http }) {
      const agent = new undici.Agent({ connections: 2 });
      return fourTimes(async (tag) => {
        const response = await undici.fetch(`${http.url}/${tag}`, { dispatcher: agent }); /* call */
        await response.text();
      });
    },
  },
};

const FETCH = {
  fetch: {
    markers: 4,
    async setup(_driver, { http }) {
      return fourTimes(async (tag) => {
        const response = await fetch(`${http.url}/${tag}`); /* call */
        await response.text();
      });
    },
  },
  'fetch, POST': {
    markers: 4,
    async setup(_driver, { http }) {
      return fourTimes(async (tag) => {
        const response = await fetch(`${http.url}/post`, { method: 'POST', body: `the body ${tag}` });
        await response.text();
      });
    },
  },
};

const HTTP = {
  'http.Agent with 2': {
    markers: 4,
    async setup(http, servers) {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
      const get = (tag, then) => http.get(`${servers.http.url}/${tag}`, { agent }, then); /* call */
      return fourTimes((tag) =>
        called((done) => get(tag, (response) => response.resume().on('end', () => done())).on('error', done)),
      );
    },
  },
  'http.Agent with 1': {
    markers: 1,
    waits: true,
    async setup(http, servers) {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      const get = (tag, then) => http.get(`${servers.http.url}/slow/${tag}`, { agent }, then); /* call */
      return (tag) =>
        called((done) => get(tag, (response) => response.resume().on('end', () => done())).on('error', done));
    },
  },
  'http.request, POST': {
    markers: 8,
    async setup(http, servers) {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
      return fourTimes((tag) =>
        called((done) => {
          const request = http.request(`${servers.http.url}/post`, { agent, method: 'POST' }, (response) => {
            response.resume().on('end', () => done());
          });
          request.on('error', done);
          request.write(`first ${tag}`);
          setImmediate(() => request.end(`last ${tag}`));
        }),
      );
    },
  },
};

const postgresJs = (postgres, servers, options = {}) =>
  postgres({ ...pgConfig(servers), username: servers.postgres.user, max: 5, ...options });

const POSTGRES_JS = {
  'postgres.js': {
    markers: 4,
    // As `many at once`, below.
    hiddenShare: 0.05,
    async setup(postgres, servers) {
      const sql = postgresJs(postgres, servers);
      await sql`select 1`;
      return fourTimes(async (tag) => {
        await sql`select ${tag}::text`; /* call */
      });
    },
  },
  'postgres.js, many at once': {
    markers: 12,
    // A connection is known by the first write with a named statement: on a busy machine its first writes may have none.
    hiddenShare: 0.05,
    async setup(postgres, servers) {
      const sql = postgresJs(postgres, servers, { max: 2 });
      await sql`select 1`;
      return async (tag) => {
        await Promise.all(Array.from({ length: 6 }, () => sql`select ${tag}::text`));
        await Promise.all(Array.from({ length: 6 }, (_, index) => sql.unsafe(`select '${tag}', ${index}`)));
      };
    },
  },
  'postgres.js, errors': {
    markers: 3,
    async setup(postgres, servers) {
      const sql = postgresJs(postgres, servers);
      await sql`select 1`;
      return async (tag) => {
        await sql`select ${tag}::text`;
        await sql`select ${tag}::text`;
        await sql.unsafe(`select '${tag}' from nowhere`).catch(() => undefined);
      };
    },
  },
  'postgres.js begin': {
    markers: 2,
    hiddenShare: 0.02,
    async setup(postgres, servers) {
      const sql = postgresJs(postgres, servers);
      await sql`select 1`;
      return (tag) =>
        sql.begin(async (sql) => {
          await sql`select ${tag}::text`;
          await sql`select ${tag}::text, 2`;
        });
    },
  },
  'postgres.js, connections cut': {
    markers: 4,
    isDisturbed: true,
    hiddenShare: 0.5,
    async setup(postgres, servers) {
      // The driver leaves the failure of its own first query (types of arrays) unhandled.
      process.on('unhandledRejection', () => undefined);
      const sql = postgresJs(postgres, servers);
      await sql`select 1`;
      return cutting(
        // postgres.js itself leaves some of these without an answer, with or without an agent.
        (tag) => Promise.race([sql`select ${tag}::text`, delay(1000)]),
        () =>
          Promise.race([
            sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user`,
            delay(1000),
          ]),
      );
    },
  },
  'postgres.js cold': {
    markers: 4,
    // What was asked before the first connection showed the driver.
    hiddenShare: 0.5,
    async setup(postgres, servers) {
      const sql = postgresJs(postgres, servers);
      return fourTimes((tag) => sql`select ${tag}::text`);
    },
  },
};

const amqpChannel = async (amqplib, { rabbit }, kind = 'createChannel') => {
  const connection = await amqplib.connect(`amqp://guest:guest@127.0.0.1:${rabbit}/`);
  const channel = await connection[kind]();
  await channel.assertQueue('work', { durable: false, maxLength: 10 });
  return channel;
};

const AMQPLIB = {
  'amqplib publish': {
    markers: 8,
    async setup(amqplib, servers) {
      const channel = await amqpChannel(amqplib, servers);
      const other = await amqpChannel(amqplib, servers);
      return fourTimes(async (tag) => {
        channel.sendToQueue('work', Buffer.from(tag)); /* call */
        await delay(1);
        other.publish('', 'work', Buffer.from(tag)); /* call */
        await delay(20);
      });
    },
  },
  'amqplib confirm': {
    markers: 4,
    async setup(amqplib, servers) {
      const channel = await amqpChannel(amqplib, servers, 'createConfirmChannel');
      return fourTimes((tag) => called((done) => channel.sendToQueue('work', Buffer.from(tag), {}, done)));
    },
  },
  'amqplib rpc': {
    markers: 4,
    async setup(amqplib, servers) {
      const channel = await amqpChannel(amqplib, servers);
      return fourTimes(async (tag) => {
        await channel.assertQueue(tag, { durable: false, expires: 60000 }); /* call */
      });
    },
  },
  'amqplib long messages': {
    markers: 2,
    async setup(amqplib, servers) {
      const channel = await amqpChannel(amqplib, servers);
      const body = Buffer.alloc(6000, 'x');
      return async (tag) => {
        channel.publish('', 'work', body, { messageId: tag });
        await delay(1);
        channel.publish('', 'work', body, { messageId: tag });
        await channel.checkQueue('work');
      };
    },
  },
  'amqplib callbacks': {
    markers: 3,
    async setup(amqplib, servers) {
      const channel = await amqpChannel(amqplib, servers, 'createConfirmChannel');
      return (tag) =>
        called((done) =>
          channel.publish('', 'work', Buffer.from(tag), {}, () =>
            channel.publish('', 'work', Buffer.from(tag), {}, () =>
              channel.publish('', 'work', Buffer.from(tag), {}, done),
            ),
          ),
        );
    },
  },
};

const kafkaProducer = async ({ Kafka }, { kafka }, options = {}) => {
  const client = new Kafka({ clientId: 'work', brokers: [`127.0.0.1:${kafka}`], logLevel: 0 });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'work', numPartitions: 1 }] });
  const producer = client.producer(options);
  await producer.connect();
  await producer.send({ topic: 'work', messages: [{ value: 'first' }] });
  return producer;
};

const KAFKAJS = {
  kafkajs: {
    markers: 4,
    async setup(kafkajs, servers) {
      const producer = await kafkaProducer(kafkajs, servers);
      return fourTimes((tag) => producer.send({ topic: 'work', messages: [{ value: tag }] }));
    },
  },
  'kafkajs, one in flight': {
    markers: 4,
    async setup(kafkajs, servers) {
      const producer = await kafkaProducer(kafkajs, servers, { maxInFlightRequests: 1 });
      return fourTimes((tag) => producer.send({ topic: 'work', messages: [{ value: tag }] }));
    },
  },
};

const natsConnection = async (nats, servers) => {
  const connection = await nats.connect({ servers: `127.0.0.1:${servers.nats}` });
  connection.subscribe('work', { callback: (_error, message) => void message.respond(message.data) });
  await connection.flush();
  return connection;
};
/** The one that answers is in another connection, and its answers hold the marker, too: they belong to nobody. */
const natsPair = async (nats, servers) => {
  const connection = await nats.connect({ servers: `127.0.0.1:${servers.nats}` });
  await natsConnection(nats, servers);
  return connection;
};
const natsPublish = async (nats, servers) => {
  const connection = await nats.connect({ servers: `127.0.0.1:${servers.nats}` });
  return fourTimes(async (tag) => {
    connection.publish(`work.${tag}`); /* call */
    await delay(1);
  });
};

const NATS = {
  'nats publish': { markers: 4, setup: natsPublish },
  'nats hidden': {
    markers: 4,
    hiddenShare: 1,
    async setup(nats, servers) {
      const connection = await nats.connect({ servers: `127.0.0.1:${servers.nats}` });
      return fourTimes(async (tag) => {
        connection.publish(`work.${tag}`);
        await delay(1);
      });
    },
  },
  'nats request': {
    markers: 4,
    async setup(nats, servers) {
      const connection = await natsPair(nats, servers);
      return fourTimes((tag) =>
        connection.request(`nobody.${tag}`, undefined, { timeout: 5000 }).catch(() => undefined),
      );
    },
  },
  'nats flush': {
    markers: 4,
    async setup(nats, servers) {
      const connection = await nats.connect({ servers: `127.0.0.1:${servers.nats}` });
      return fourTimes(async (tag) => {
        connection.publish(`work.${tag}`);
        await connection.flush();
      });
    },
  },
};

const MEMJS = {
  memjs: {
    markers: 4,
    async setup({ Client }, { memcached }) {
      const client = Client.create(`127.0.0.1:${memcached}`);
      await client.get('first');
      return fourTimes(async (tag) => {
        await client.get(tag); /* call */
      });
    },
  },
  'memjs cold': {
    markers: 4,
    async setup({ Client }, { memcached }) {
      const client = Client.create(`127.0.0.1:${memcached}`);
      return fourTimes((tag) => client.get(tag));
    },
  },
};

const mongoCollection = async ({ MongoClient }, { mongo }, options = {}) => {
  const client = new MongoClient(`mongodb://127.0.0.1:${mongo}/`, options);
  await client.connect();
  // What earlier runs left would make every answer slower.
  return client.db('work').collection(`work${process.pid}`);
};

const MONGODB = {
  'mongodb find': {
    markers: 4,
    async setup(mongodb, servers) {
      const collection = await mongoCollection(mongodb, servers);
      return fourTimes((tag) => collection.findOne({ tag }));
    },
  },
  'mongodb, pool of 2': {
    markers: 4,
    async setup(mongodb, servers) {
      const collection = await mongoCollection(mongodb, servers, { maxPoolSize: 2 });
      return fourTimes((tag) => collection.find({ tag }).toArray());
    },
  },
  'mongodb cursor': {
    markers: 2,
    async setup(mongodb, servers) {
      const collection = await mongoCollection(mongodb, servers, { maxPoolSize: 3 });
      await collection.insertMany(Array.from({ length: 5 }, (_, kind) => ({ kind })));
      return async (tag) => {
        const cursor = collection.find({ kind: { $gte: 0 }, tag: { $ne: tag } }, { batchSize: 2, limit: 5 });
        for await (const document of cursor) void document;
        await collection.findOne({ tag });
      };
    },
  },
  'mongodb writes': {
    markers: 2,
    async setup(mongodb, servers) {
      const collection = await mongoCollection(mongodb, servers);
      return async (tag) => {
        await collection.insertOne({ tag });
        await collection.updateOne({ _id: 1 }, { $set: { tag } });
      };
    },
  },
};

export const WORKLOADS = {
  ...DEPLOYED,
  ...PG,
  ...MYSQL2,
  ...IOREDIS,
  ...NODE_REDIS,
  ...UNDICI,
  ...FETCH,
  ...HTTP,
  ...POSTGRES_JS,
  ...AMQPLIB,
  ...KAFKAJS,
  ...NATS,
  ...MEMJS,
  ...MONGODB,
  ...HTTP_CLIENTS,
  ...HTTP2_CLIENTS,
  ...MARIADB,
  ...ORMS,
};
