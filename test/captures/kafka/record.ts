// Records a Kafka broker: kafkajs creates a topic, produces, consumes in a group and asks for what is not there.
// In: KAFKA_LIB, a folder with org.apache.kafka:kafka_2.13 and what it depends on (`mvn dependency:copy-dependencies`); Java 17.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { record, versioned } from '../proxy.ts';
import { freePort, startProgram } from '../servers.ts';

const folder = import.meta.dirname;
const CLUSTER = 'MkU3OEVBNTcwNTJENDM2Qg';

/** `at`: where clients are told to connect, which is the recording. */
function configure(place: string, port: number, controllerPort: number, at: () => number): string {
  const file = join(place, 'server.properties');
  writeFileSync(
    file,
    `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${at()}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${place}/log
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
`,
  );
  return file;
}

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
  const classes = `${process.env['KAFKA_LIB'] ?? '.'}/*`;
  const controllerPort = await freePort();
  const recordingPort = await freePort();
  const server = await startProgram(
    'java',
    (port, place) => {
      const file = configure(place, port, controllerPort, () => recordingPort);
      execFileSync('java', ['-cp', classes, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER, '-c', file], { stdio: 'ignore' });
      return ['-Xmx512m', '-cp', classes, 'kafka.Kafka', file];
    },
    [],
  );
  try {
    const birth = { server: 'Apache Kafka 4.3.1', client: versioned('kafkajs'), command: 'withKafkajs' };
    await record(join(folder, 'kafkajs.json'), server.port, birth, withKafkajs, recordingPort);
  } finally {
    await server.stop();
  }
}
