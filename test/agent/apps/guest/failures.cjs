// Promises of drivers that fail, and nobody handles that: pools that have no connection, a loop that ends. The process hears of it as it does
// without the agent.
const http = require('node:http');
const net = require('node:net');
const { listening, main } = require('./talk.cjs');

/** Nobody listens there. */
const CLOSED_PORT = 1;
const HOST = '127.0.0.1';

const rejections = [];
process.on('unhandledRejection', ({ name, message }) => rejections.push(`unhandled: ${name}: ${message}`));

/**
 * What the process has heard after what `ask` promises has failed twice: for code that handles it, and for code that does not. Pools that are found among the loaded modules are looked for when a server begins to listen.
 */
async function heard(ask) {
  const server = http.createServer();
  await listening(server);
  const handled = await ask().catch(({ name, message }) => `handled: ${name}: ${message}`);
  ask();
  const limit = Date.now() + 5000;
  while (rejections.length === 0 && Date.now() < limit)
    await new Promise((resolve) => setTimeout(resolve, 10));
  server.close();
  return [handled, ...rejections];
}

const cases = {
  'a pool of knex'() {
    const knex = require('knex')({
      client: 'pg',
      connection: { host: HOST, port: CLOSED_PORT },
      pool: { min: 0, max: 1 },
      acquireConnectionTimeout: 100,
    });
    return heard(() => knex.client.acquireConnection());
  },

  'a pool of sequelize'() {
    const { Sequelize } = require('sequelize');
    const options = { host: HOST, port: CLOSED_PORT, dialect: 'mysql', logging: false };
    const { connectionManager } = new Sequelize('database', 'user', '', options);
    return heard(() => connectionManager.pool.acquire());
  },

  'a pool of mariadb'() {
    const pool = require('mariadb').createPool({ host: HOST, port: CLOSED_PORT, acquireTimeout: 100 });
    return heard(() => pool.getConnection()).finally(() => pool.end());
  },

  async 'a pool of mongodb'() {
    const { MongoClient } = require('mongodb');
    const client = new MongoClient(`mongodb://${HOST}:${CLOSED_PORT}`, { serverSelectionTimeoutMS: 100 });
    const topology = new Promise((resolve) => client.once('topologyOpening', () => resolve(client.topology)));
    const connected = client.connect().catch(({ name }) => name);
    const [{ pool }] = (await topology).s.servers.values();
    const { TimeoutContext } = require('mongodb/lib/timeout');
    const timeoutContext = TimeoutContext.create({ serverSelectionTimeoutMS: 100, waitQueueTimeoutMS: 100 });
    const seen = await heard(() => pool.checkOut({ timeoutContext }));
    return [...seen, await connected];
  },

  async 'a second loop over a subscription of nats'() {
    const server = await natsServer();
    const connection = await require('nats').connect({ servers: `${HOST}:${server.address().port}` });
    const subscription = connection.subscribe('subject');
    void subscription[Symbol.asyncIterator]().next();
    const seen = await heard(() => subscription[Symbol.asyncIterator]().next());
    await connection.close();
    server.close();
    return seen;
  },
};

async function natsServer() {
  const server = net.createServer((socket) => {
    socket.write(
      'INFO {"server_id":"X","version":"2.10.0","proto":1,"headers":true,"max_payload":1048576}\r\n',
    );
    socket.on('data', (chunk) => chunk.includes('PING') && socket.write('PONG\r\n'));
    socket.on('error', () => undefined);
  });
  await listening(server);
  return server;
}

main(cases);
