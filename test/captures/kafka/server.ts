// A Kafka broker. In: KAFKA_LIB, a folder with org.apache.kafka:kafka_2.13 and what it depends on (`mvn dependency:copy-dependencies`);
// Java 17. Out: a port. `at`: where clients are told to connect, when that is a recording.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startProgram } from '../servers.ts';
import type { Server } from '../servers.ts';

const CLUSTER = 'MkU3OEVBNTcwNTJENDM2Qg';

function configure(place: string, port: number, controllerPort: number, at: number): string {
  const file = join(place, 'server.properties');
  writeFileSync(
    file,
    `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${at}
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

export async function startKafka(at?: number): Promise<Server> {
  const classes = `${process.env['KAFKA_LIB'] ?? '.'}/*`;
  const controllerPort = await freePort();
  return startProgram(
    'java',
    (port, place) => {
      const file = configure(place, port, controllerPort, at ?? port);
      const format = ['-cp', classes, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER, '-c', file];
      execFileSync('java', format, { stdio: 'ignore' });
      return ['-Xmx512m', '-cp', classes, 'kafka.Kafka', file];
    },
    [],
  );
}
