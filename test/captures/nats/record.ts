// Records a NATS server: the client `nats` publishes, asks, answers, uses a stream, and is refused.

import { join } from 'node:path';
import { connect, headers, JSONCodec, StringCodec } from 'nats';
import type { NatsConnection } from 'nats';
import { record, versioned } from '../proxy.ts';
import { startProgram } from '../servers.ts';

const folder = import.meta.dirname;
const text = StringCodec();

function answer(connection: NatsConnection): void {
  connection.subscribe('users.*.get', {
    callback: (_error, message) => void message.respond(text.encode('a secret '.repeat(message.data.length))),
  });
}

async function ask(connection: NatsConnection): Promise<void> {
  for (const size of [1, 10, 300]) await connection.request('users.42.get', text.encode('x'.repeat(size)), { timeout: 2000 });
  await Promise.all([1, 2, 3, 4, 5].map((id) => connection.request(`users.${id}.get`, text.encode('x'))));
  await connection.request('users.nobody', text.encode('a secret')).catch(() => undefined);
}

async function publish(connection: NatsConnection): Promise<void> {
  const head = headers();
  head.set('Id', 'secret');
  connection.publish('orders.created', JSONCodec().encode({ id: 'secret' }));
  connection.publish('orders.created', text.encode('secret'), { headers: head });
  connection.publish('orders.3f2504e0-4f89-11d3-9a0c-0305e82c3301.changed', text.encode('y'.repeat(5000)));
  for (let id = 0; id < 20; id++) connection.publish('orders.counted', text.encode(`secret ${id}`));
  await connection.flush();
}

async function stream(connection: NatsConnection): Promise<void> {
  const manager = await connection.jetstreamManager();
  await manager.streams.add({ name: 'ORDERS', subjects: ['kept.>'] });
  await manager.consumers.add('ORDERS', { durable_name: 'worker', ack_policy: 'explicit' as never });
  const jetStream = connection.jetstream();
  for (let id = 0; id < 3; id++) await jetStream.publish('kept.orders', text.encode('secret'));
  const consumer = await jetStream.consumers.get('ORDERS', 'worker');
  const first = await consumer.next({ expires: 1000 });
  first?.ack();
  await connection.flush();
}

async function withNats(port: number): Promise<void> {
  const options = { servers: `127.0.0.1:${port}`, user: 'shop', pass: 'secret' };
  const service = await connect(options);
  answer(service);
  await service.flush();
  const connection = await connect(options);
  await publish(connection);
  await ask(connection);
  await stream(connection);
  await connection.close();
  await service.close();
  await connect({ ...options, pass: 'wrong secret' }).catch(() => undefined);
}

export async function recordNats(): Promise<void> {
  const args = (port: number, place: string): string[] => ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', place, '--user', 'shop', '--pass', 'secret'];
  const server = await startProgram('nats-server', args, ['--version']);
  try {
    const birth = { server: server.version, client: versioned('nats'), command: 'withNats' };
    await record(join(folder, 'nats.json'), server.port, birth, withNats);
  } finally {
    await server.stop();
  }
}
