// Publishes 50 messages and consumes them all at once; each handler asks Redis twice, with the id of its message, and message 7 fails.
// In: kind of consumer, port of the broker, port of Redis. Prints `done`.

const [, , kind, broker, redisPort] = process.argv;
const { createServer, get } = require('node:http');
const { setTimeout: delay } = require('node:timers/promises');
const ioredis = require('ioredis');

/** Version 4 exports the class itself. */
const Redis = ioredis.Redis ?? ioredis;
const COUNT = 50;
const FAILING = 7;
const redis = new Redis(Number(redisPort), '127.0.0.1');
let handled = 0;
let finished;
const all = new Promise((resolve) => (finished = resolve));

async function handle(id) {
  await redis.get(`message:${id}:a`);
  await delay((id * 7) % 13);
  await redis.get(`message:${id}:b`);
  if (++handled === COUNT) finished();
  if (Number(id) === FAILING) throw new Error('cannot be processed');
}

function handleWithCallbacks(id, done) {
  redis.get(`message:${id}:a`, () => {
    setTimeout(
      () =>
        redis.get(`message:${id}:b`, () => {
          if (++handled === COUNT) finished();
          done(Number(id) === FAILING ? new Error('cannot be processed') : null);
        }),
      (id * 7) % 13,
    );
  });
}

/** In an incoming request, which has a trace. */
async function inRequest(work) {
  const server = createServer((_request, response) => Promise.resolve(work()).then(() => response.end()));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  await new Promise((resolve) =>
    get({ port: server.address().port, agent: false }, (answer) => answer.resume().on('end', resolve)),
  );
  server.close();
}

async function amqp(consume, options = {}) {
  const connection = await require('amqplib').connect(`amqp://guest:guest@127.0.0.1:${broker}`);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('jobs', { durable: false });
  await channel.prefetch(COUNT);
  await channel.consume('jobs', (message) => consume(channel, message), options);
  await inRequest(() => {
    for (let id = 0; id < COUNT; id++) channel.sendToQueue('jobs', Buffer.from(String(id)));
  });
  await all;
  await delay(20);
  await connection.close();
}

async function kafka(run) {
  const { Kafka, logLevel } = require('kafkajs');
  const client = new Kafka({
    brokers: [`127.0.0.1:${broker}`],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20 },
  });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'jobs', numPartitions: 10 }], waitForLeaders: true });
  await admin.disconnect();
  const producer = client.producer();
  await producer.connect();
  const messages = Array.from({ length: COUNT }, (_, id) => ({ value: String(id), partition: id % 10 }));
  await inRequest(() => producer.send({ topic: 'jobs', messages }));
  await producer.disconnect();
  const consumer = client.consumer({ groupId: 'workers', maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: 'jobs', fromBeginning: true });
  await consumer.run({ partitionsConsumedConcurrently: 10, ...run });
  await all;
  await delay(20);
  await consumer.disconnect();
}

/** Kafka gives a message that failed again; this one is given up. */
const once7 = new Set();
async function handleOnce(id) {
  if (once7.has(id)) return;
  once7.add(id);
  await handle(id);
}

/** Compiled, in a folder of its own. */
async function rdkafka(consume, isDelivered) {
  const { createRequire } = require('node:module');
  const { AdminClient, HighLevelProducer, KafkaConsumer, Producer } = createRequire(
    `${process.env.WIRETIME_NATIVE}/`,
  )('node-rdkafka');
  const topic = `jobs-${process.pid}`;
  const settings = { 'metadata.broker.list': `127.0.0.1:${broker}` };
  const called = (start) =>
    new Promise((resolve, reject) => start((error, result) => (error ? reject(error) : resolve(result))));
  const admin = AdminClient.create(settings);
  await called((done) => admin.createTopic({ topic, num_partitions: 1, replication_factor: 1 }, done));
  admin.disconnect();
  const producer = new (isDelivered ? HighLevelProducer : Producer)(settings);
  await called((done) => producer.connect({}, done));
  const send = (id) =>
    isDelivered
      ? called((done) => producer.produce(topic, 0, Buffer.from(String(id)), null, Date.now(), done))
      : producer.produce(topic, 0, Buffer.from(String(id)));
  await inRequest(() => Promise.all(Array.from({ length: COUNT }, (_, id) => send(id))));
  await called((done) => producer.flush(10_000, done));
  await called((done) => producer.disconnect(done));
  const consumer = new KafkaConsumer({ ...settings, 'group.id': topic }, { 'auto.offset.reset': 'earliest' });
  await called((done) => consumer.connect({}, done));
  consumer.subscribe([topic]);
  consume(consumer);
  await all;
  await delay(20);
  await called((done) => consumer.disconnect(done));
}

async function nats(subscribe) {
  const { connect, StringCodec } = require('nats');
  const connection = await connect({ servers: `127.0.0.1:${broker}` });
  const codec = StringCodec();
  subscribe(connection, (message) => codec.decode(message.data));
  await connection.flush();
  await inRequest(() => {
    for (let id = 0; id < COUNT; id++) connection.publish(`jobs.${id + 1000}`, codec.encode(String(id)));
  });
  await all;
  await delay(20);
  await connection.close();
}

const swallow = () => undefined;

const KINDS = {
  amqplib: () =>
    amqp((channel, message) =>
      handle(message.content.toString()).then(
        () => channel.ack(message),
        () => channel.nack(message, false, false),
      ),
    ),
  'amqplib callbacks': () =>
    amqp((channel, message) => {
      handleWithCallbacks(message.content.toString(), (error) =>
        error ? channel.reject(message, false) : channel.ack(message),
      );
    }),
  'amqplib without answers': () =>
    amqp((_channel, message) => void handle(message.content.toString()).catch(swallow), { noAck: true }),
  kafkajs: () => kafka({ eachMessage: ({ message }) => handleOnce(String(message.value)) }),
  'kafkajs batches': () =>
    kafka({
      eachBatch: async ({ batch }) => {
        for (const { value } of batch.messages) await handleOnce(String(value)).catch(swallow);
      },
    }),
  'node-rdkafka': () =>
    rdkafka((consumer) => {
      consumer.on('data', ({ value }) => void handle(String(value)).catch(swallow));
      consumer.consume();
    }),
  'node-rdkafka, delivered': () =>
    rdkafka(
      (consumer) =>
        consumer.consume((_error, message) => message && handle(String(message.value)).catch(swallow)),
      true,
    ),
  'node-rdkafka batches': () =>
    rdkafka((consumer) => {
      const next = () =>
        consumer.consume(10, async (_error, messages) => {
          for (const { value } of messages ?? []) await handle(String(value)).catch(swallow);
          if (handled < COUNT) next();
        });
      next();
    }),
  'nats callbacks': () =>
    nats((connection, idOf) =>
      connection.subscribe('jobs.*', {
        callback: (_error, message) => handle(idOf(message)).catch(swallow),
      }),
    ),
  'nats loop': () =>
    nats(async (connection, idOf) => {
      for await (const message of connection.subscribe('jobs.*')) await handle(idOf(message)).catch(swallow);
      await redis.get('message:none:after');
    }),
  'nats loop, all at once': () =>
    nats(async (connection, idOf) => {
      for await (const message of connection.subscribe('jobs.*')) void handle(idOf(message)).catch(swallow);
    }),
  ioredis: async () => {
    const channel = `jobs.${process.pid}`;
    const subscriber = new Redis(Number(redisPort), '127.0.0.1');
    subscriber.on('message', (_channel, id) => void handle(id).catch(swallow));
    await subscriber.subscribe(channel);
    await inRequest(() =>
      Promise.all(Array.from({ length: COUNT }, (_, id) => redis.publish(channel, String(id)))),
    );
    await all;
    await subscriber.quit();
  },
  'node-redis': async () => {
    const channel = `jobs.${process.pid}`;
    const subscriber = require('redis').createClient({ url: `redis://127.0.0.1:${redisPort}` });
    await subscriber.connect();
    const listener = (id) => handle(id).catch(swallow);
    await subscriber.subscribe(channel, listener);
    await inRequest(() =>
      Promise.all(Array.from({ length: COUNT }, (_, id) => redis.publish(channel, String(id)))),
    );
    await all;
    await subscriber.unsubscribe(channel, listener);
    if ((await redis.publish(channel, 'nobody')) !== 0) throw new Error('is still subscribed');
    await (subscriber.close ?? subscriber.disconnect).call(subscriber);
  },
  'nobody handles': async () => {
    const subscriber = require('redis').createClient({ url: `redis://127.0.0.1:${redisPort}` });
    await subscriber.connect();
    await subscriber.subscribe(`jobs.${process.pid}`, async () => {
      await delay(1);
      throw new Error('nobody handles this');
    });
    await redis.publish(`jobs.${process.pid}`, '1');
    await all;
  },
  ws: async () => {
    const { WebSocket, WebSocketServer } = require('ws');
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket) => {
      socket.on('message', (data) => void handle(String(data)).catch(swallow));
    });
    await new Promise((resolve) => server.on('listening', resolve));
    const clients = Array.from(
      { length: 5 },
      () => new WebSocket(`ws://127.0.0.1:${server.address().port}/chat?a=secret`),
    );
    await Promise.all(clients.map((client) => new Promise((resolve) => client.on('open', resolve))));
    for (let id = 0; id < COUNT; id++) clients[id % 5].send(String(id));
    await all;
    for (const client of clients) client.close();
    await delay(20);
    server.close();
  },
  bullmq: async () => {
    const { Queue, Worker } = require('bullmq');
    const connection = { host: '127.0.0.1', port: Number(redisPort) };
    const prefix = `bull${process.pid}`;
    const queue = new Queue('mails', { connection, prefix });
    // Else BullMQ waits for its connection, and in the meantime a stack comes to lead here.
    await queue.waitUntilReady();
    await queue.addBulk(Array.from({ length: COUNT }, (_, id) => ({ name: 'welcome', data: { id } })));
    const worker = new Worker('mails', (job) => handle(job.data.id), {
      connection,
      prefix,
      concurrency: COUNT,
    });
    await all;
    while ((await queue.getJobCounts('active')).active > 0) await delay(10);
    await worker.close();
    await queue.close();
  },
};

KINDS[kind]()
  .then(() => redis.quit())
  .then(() => console.log('done'));
