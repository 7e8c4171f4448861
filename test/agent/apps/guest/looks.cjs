// All that a program can see of what the agent has patched, without calling it. Answers, for each method of an object, its looks (name,
// length, own keys, descriptors, prototype), and apart from that its source: where the agent is, the source is another.
const { AsyncLocalStorage } = require('node:async_hooks');
const { EventEmitter } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { main, talk } = require('./talk.cjs');

const nobody = { host: '127.0.0.1', port: 1 };
const quiet = (emitter) => emitter.on('error', () => undefined);

const cases = {
  async 'Node itself'() {
    const kept = { EventEmitter, process };
    const { createServer } = http;
    http.createServer = (listener) => {
      const server = createServer((request, response) => {
        Object.assign(kept, { request, response, socket: request.socket, server });
        listener(request, response);
      });
      return server;
    };
    await talk();
    kept.client = http.get({ ...nobody, agent: false }).on('error', () => undefined);
    kept.tls = new (require('node:tls').TLSSocket)();
    return looks(kept);
  },

  async 'what Node lists'() {
    await talk();
    const kept = [process, Error, globalThis, net, http, EventEmitter, AsyncLocalStorage];
    const prototypes = [net.Server.prototype, net.Socket.prototype, http.ServerResponse.prototype];
    return {
      // Sockets, servers and messages of HTTP have methods of their own that were inherited before: a known difference.
      keys: kept.map((object) => Reflect.ownKeys(object).map(String).filter(isOurs).sort()),
      enumerable: [...kept, ...prototypes].map((object) => {
        const names = [];
        for (const name in object) names.push(name);
        return names.sort();
      }),
      listeners: process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`),
      handles: process._getActiveHandles().length,
      requests: process._getActiveRequests().length,
      resources: process.getActiveResourcesInfo(),
      environment: Object.keys(process.env).filter((name) => !/^(NODE_OPTIONS|WIRETIME_.*)$/.test(name))
        .length,
      main: require.main === module,
      parent: module.parent,
      argv: process.argv.length,
      execArgv: process.execArgv,
    };
  },

  async 'ten exit listeners'() {
    const order = [];
    for (let index = 1; index < 10; index++) process.on('exit', (code) => order.push(`${index} ${code}`));
    process.on('exit', () => console.log(order.join(', ')));
    process.on('beforeExit', () => order.push('beforeExit'));
    await talk();
  },

  async pg() {
    const pg = require('pg');
    const client = quiet(new pg.Client(nobody));
    return looks({
      client,
      query: new pg.Query('select 1'),
      pool: new pg.Pool(nobody),
      connection: client.connection,
    });
  },

  async mysql2() {
    const mysql = require('mysql2');
    const pool = mysql.createPool(nobody);
    const connection = quiet(mysql.createConnection(nobody));
    return looks({ pool, connection, query: connection.query('select 1', () => undefined) });
  },

  async ioredis() {
    const { Redis, Cluster, Command } = require('ioredis');
    const redis = quiet(new Redis({ ...nobody, lazyConnect: true }));
    const cluster = quiet(new Cluster([nobody], { lazyConnect: true }));
    return looks({ redis, cluster, pipeline: redis.pipeline(), command: new Command('get', ['x']) });
  },

  async redis() {
    const redis = require('redis');
    const client = quiet(redis.createClient());
    return looks({ client, pool: quiet(redis.createClientPool()) });
  },

  async undici() {
    const { Agent, Client, Pool } = require('undici');
    const origin = 'http://127.0.0.1:1';
    return looks({ agent: new Agent(), client: new Client(origin), pool: new Pool(origin) });
  },

  async amqplib() {
    const folder = path.join(path.dirname(require.resolve('amqplib')), 'lib');
    const { Connection } = require(path.join(folder, 'connection.js'));
    const { Channel } = require(path.join(folder, 'channel_model.js'));
    const { PassThrough } = require('node:stream');
    const connection = quiet(new Connection(new PassThrough()));
    return looks({ connection, channel: new Channel(connection) });
  },

  async kafkajs() {
    const RequestQueue = require('kafkajs/src/network/requestQueue/index.js');
    const instrumentationEmitter = { emit: () => undefined };
    return looks({ queue: new RequestQueue({ maxInFlightRequests: 1, instrumentationEmitter }) });
  },

  async memjs() {
    const client = require('memjs').Client.create('127.0.0.1:1');
    return looks({ client, server: client.servers[0] });
  },

  async mongodb() {
    const { MongoClient } = require('mongodb');
    const client = new MongoClient('mongodb://127.0.0.1:1');
    client.connect().catch(() => undefined);
    while (!client.topology?.s.servers.size) await new Promise(setImmediate);
    const [server] = client.topology.s.servers.values();
    return looks({ client, server, pool: server?.pool });
  },
};

function isOurs(name) {
  return !name.includes('wiretime');
}

/** `objects`: by name. Everything in their chains of prototypes, as the object sees it. */
function looks(objects) {
  const seen = {};
  const sources = {};
  for (const [owner, object] of Object.entries(objects)) {
    for (const [key, descriptor] of methodsOf(object)) {
      const { value, ...flags } = descriptor;
      seen[`${owner}.${String(key)}`] = { ...flags, ...lookOf(value) };
      sources[`${owner}.${String(key)}`] = Function.prototype.toString.call(value);
    }
  }
  return { looks: seen, sources };
}

function methodsOf(object) {
  const methods = new Map();
  for (
    let at = object;
    at !== null && at !== undefined && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  )
    for (const key of Reflect.ownKeys(at)) {
      const descriptor = Object.getOwnPropertyDescriptor(at, key);
      if (typeof descriptor.value === 'function' && !methods.has(key)) methods.set(key, descriptor);
    }
  return methods;
}

/** Methods of classes have no `prototype`; wrappers cannot be without, unless each is written as a method: a known difference. */
function lookOf(method) {
  const keys = Reflect.ownKeys(method).filter((key) => key !== 'prototype');
  return {
    name: method.name,
    length: method.length,
    keys: keys.map(String),
    flags: keys.map((key) => ({ ...Object.getOwnPropertyDescriptor(method, key), value: undefined })),
    isFunction: Function.prototype.isPrototypeOf(method),
    text: Object.prototype.toString.call(method),
  };
}

main(cases).then(() => process.argv[2] !== 'ten exit listeners' && process.exit());
