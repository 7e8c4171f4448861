// Records a Kafka broker: kafkajs creates a topic, produces, consumes in a group and asks for what is not there.

import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { record, versioned } from '../proxy.ts';
import { freePort } from '../servers.ts';
import { startKafka } from './server.ts';

const folder = import.meta.dirname;
const secret = (size: number): string => 'a secret '.repeat(size);

async function withKafkajs(port: number): Promise<void> {
  const kafka = new Kafka({ clientId: 'shop', brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }, { topic: 'events', numPartitions: 1 }] });
  const producer = kafka.producer();
  await producer.connect();
  for (const size of [1, 100, 3000]) await producer.send({ topic: 'orders', messages: [{ key: 'secret', value: secret(size) }] });
  await producer.sendBatch({ topicMessages: ['orders', 'events'].map((topic) => ({ topic, messages: [{ value: secret(2) }] })) });
  await Promise.all([1, 2, 3, 4].map((id) => producer.send({ topic: 'events', messages: [{ value: secret(id) }] })));
  await producer.send({ topic: 'events', acks: 0, messages: [{ value: secret(1) }] });
  const consumer = kafka.consumer({ groupId: 'workers', maxWaitTimeInMs: 300 });
  await consumer.connect();
  await consumer.subscribe({ topic: 'orders', fromBeginning: true });
  await new Promise<void>((resolve) => {
    let seen = 0;
    void consumer.run({ eachMessage: async () => void (++seen === 4 && resolve()) });
  });
  await consumer.disconnect();
  await admin.fetchTopicOffsets('nosuchtopic').catch(() => undefined);
  await producer.disconnect();
  await admin.disconnect();
}

export async function recordKafka(): Promise<void> {
  const recordingPort = await freePort();
  const server = await startKafka(recordingPort);
  try {
    const birth = { server: 'Apache Kafka 4.3.1', client: versioned('kafkajs'), command: 'withKafkajs' };
    await record(join(folder, 'kafkajs.json'), server.port, birth, withKafkajs, recordingPort);
  } finally {
    await server.stop();
  }
}
