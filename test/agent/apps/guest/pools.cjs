// Pools of connections that cannot give one, asked by code that does not handle it: the process hears of it as it does without the agent.
const http = require('node:http');
const { listening, main } = require('./talk.cjs');

/** Nobody listens there. */
const CLOSED_PORT = 1;
const HOST = '127.0.0.1';

const rejections = [];
process.on('unhandledRejection', ({ name, message }) => rejections.push(`unhandled: ${name}: ${message}`));

/**
 * What the process has heard after a pool has failed twice: for code that handles it, and for code that does not. `ask` answers with a promise
 * of a connection. Pools that are found among the loaded modules are looked for when a server begins to listen.
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
  knex() {
    const knex = require('knex')({
      client: 'pg',
      connection: { host: HOST, port: CLOSED_PORT },
      pool: { min: 0, max: 1 },
      acquireConnectionTimeout: 100,
    });
    return heard(() => knex.client.acquireConnection());
  },

  sequelize() {
    const { Sequelize } = require('sequelize');
    const options = { host: HOST, port: CLOSED_PORT, dialect: 'mysql', logging: false };
    const { connectionManager } = new Sequelize('database', 'user', '', options);
    return heard(() => connectionManager.pool.acquire());
  },

  mariadb() {
    const pool = require('mariadb').createPool({ host: HOST, port: CLOSED_PORT, acquireTimeout: 100 });
    return heard(() => pool.getConnection()).finally(() => pool.end());
  },

  async mongodb() {
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
};

main(cases);
