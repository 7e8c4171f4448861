// Describes what a program can see of its drivers while it uses them, as JSON. In: WIRETIME_TEST_SERVERS. Run with and without the agent:
// the two descriptions must be equal.

const http = require('node:http');
const ioredis = require('ioredis');
const mysql = require('mysql2');
const pg = require('pg');
const postgres = require('postgres');
const redis = require('redis');
const undici = require('undici');

const servers = JSON.parse(process.env.WIRETIME_TEST_SERVERS);
const account = ({ host, port, user, password, database }) => ({ host, port, user, password, database });

/** Own names of a prototype, with name, length and enumerability of its methods. */
const looks = (prototype) =>
  Reflect.ownKeys(prototype).map((key) => {
    const { value, enumerable, get } = Object.getOwnPropertyDescriptor(prototype, key);
    return [String(key), typeof value, value?.name, value?.length, enumerable, typeof get];
  });
const events = (emitter) => emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]);
/** Node itself puts these on promises while anybody uses AsyncLocalStorage. */
const NODES_OWN = /async_id_symbol|kResourceStore/;
const keys = (object) =>
  Reflect.ownKeys(object)
    .map(String)
    .filter((key) => !NODES_OWN.test(key));
const failure = (promise) => promise.catch((error) => [error.name, error.message, error.code, keys(error)]);

async function describePg() {
  const pool = new pg.Pool({ ...account(servers.postgres), max: 1 });
  const acquired = [];
  pool.on('acquire', (client) => acquired.push(keys(client).includes('release')));
  const client = await pool.connect();
  const query = new pg.Query('select 1 as one');
  const same = client.query(query) === query;
  await new Promise((resolve) => query.on('end', resolve));
  const waiting = pool.query('select 2 as two');
  const counts = [pool.totalCount, pool.idleCount, pool.waitingCount];
  client.release();
  const { rows } = await waiting;
  const error = await failure(pool.query('select nothing from nowhere'));
  const description = {
    same,
    rows,
    error,
    counts,
    acquired,
    query: keys(query),
    client: [keys(client), events(client), events(client.connection), events(client.connection.stream)],
    pool: [keys(pool), events(pool)],
    classes: [pg.Pool, pg.Client, pg.Query, Object.getPrototypeOf(pg.Pool)].map(({ prototype }) =>
      looks(prototype),
    ),
  };
  await pool.end();
  return description;
}

async function describeMysql() {
  const pool = mysql.createPool({ ...account(servers.mariadb), connectionLimit: 1 });
  const connection = await pool.promise().getConnection();
  const [rows] = await connection.query('select ? as one', [1]);
  const command = connection.connection.query('select 2 as two');
  const results = await new Promise((resolve) => command.on('result', resolve));
  const error = await failure(connection.execute('select nothing from nowhere'));
  const description = {
    rows,
    results,
    error,
    command: [keys(command), events(command), typeof command.onResult],
    connection: [
      keys(connection.connection),
      events(connection.connection),
      events(connection.connection.stream),
    ],
    pool: [keys(pool), events(pool)],
    classes: [pool, connection.connection, command].map((one) => looks(Object.getPrototypeOf(one))),
  };
  connection.release();
  await pool.promise().end();
  return description;
}

async function describeIoredis() {
  const client = new ioredis.Redis({
    ...account(servers.redis),
    password: undefined,
    enableAutoPipelining: true,
  });
  await client.set('looks', '1');
  const pipeline = client.pipeline().get('looks').incr('looks');
  const results = await pipeline.exec();
  const description = {
    results,
    gets: await Promise.all([client.get('looks'), client.get('looks')]),
    multi: await client.multi().get('looks').exec(),
    error: await failure(client.lpush('looks', 'x')),
    pipeline: [keys(pipeline), looks(Object.getPrototypeOf(pipeline)).length],
    client: [keys(client), events(client), events(client.stream)],
    classes: [looks(ioredis.Redis.prototype), looks(ioredis.Cluster.prototype)],
  };
  await client.quit();
  return description;
}

async function describeRedis() {
  const client = redis.createClient({ url: servers.redis.url });
  client.on('error', () => undefined);
  await client.connect();
  const args = ['SET', 'looks 2', '1'];
  await client.sendCommand(args);
  const description = {
    args: [args, Object.getOwnPropertyDescriptors(args)],
    get: await client.get('looks 2'),
    multi: await client.multi().get('looks 2').incr('looks 2').exec(),
    error: await failure(client.lPush('looks 2', 'x')),
    broken: await failure(client.sendCommand(['GET', 17])),
    client: [keys(client), events(client)],
    classes: looks(Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf(client)))),
  };
  await client.close();
  return description;
}

async function describePostgresJs() {
  const sql = postgres({ ...account(servers.postgres), username: servers.postgres.user, max: 1 });
  await sql`select 0`;
  const query = sql`select ${1}::int as one`;
  const before = [keys(query), query.state, Object.keys(query)];
  const rows = await query;
  const description = {
    rows,
    before,
    after: [keys(query), keys(query.state), query instanceof Promise, query.constructor.name],
    error: await failure(sql.unsafe('select nothing from nowhere').simple()),
    methods: ['then', 'catch', 'handle', 'execute'].map((name) => [query[name].name, query[name].length]),
    traps: ['canceller', 'state'].map((name) => name in {}),
  };
  await sql.end();
  return description;
}

async function describeHttp() {
  const server = http.createServer((_request, response) => response.end('answer')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const response = await fetch(url);
  const agent = new undici.Agent({ connections: 1 });
  const { statusCode, body } = await undici.request(url, { dispatcher: agent });
  const texts = [await response.text(), await body.text()];
  const request = http.get(url);
  const answer = await new Promise((resolve) => request.on('response', resolve));
  answer.resume();
  const description = {
    texts,
    statusCode,
    request: [keys(request), events(request), events(request.socket)],
    agent: [keys(agent), events(agent)],
    classes: [http.ClientRequest, http.OutgoingMessage, undici.Agent, undici.Pool, undici.Client].map(
      ({ prototype }) => looks(prototype),
    ),
    dispatch: [agent.dispatch.name, agent.dispatch.length],
  };
  await agent.close();
  server.closeAllConnections();
  server.close();
  return description;
}

async function describe() {
  const description = {};
  for (const one of [
    describePg,
    describeMysql,
    describeIoredis,
    describeRedis,
    describePostgresJs,
    describeHttp,
  ])
    description[one.name] = await one();
  return description;
}

describe().then((description) => {
  const hasAgent = Symbol.for('wiretime.agent') in process;
  process.stdout.write(JSON.stringify({ hasAgent, description }), () => process.exit(0));
});
