// Records RabbitMQ: amqplib publishes with and without confirmations, declares, gets and consumes.

import { join } from 'node:path';
import { connect } from 'amqplib';
import type { ChannelModel } from 'amqplib';
import { record, versioned } from '../proxy.ts';
import { startRabbit } from '../servers.ts';

const folder = import.meta.dirname;
const secret = (size = 20): Buffer => Buffer.from('a secret '.repeat(size));

async function declare(connection: ChannelModel): Promise<void> {
  const channel = await connection.createChannel();
  await channel.assertExchange('orders', 'topic', { durable: true });
  await channel.assertQueue('jobs', { durable: false });
  await channel.bindQueue('jobs', 'orders', 'order.*');
  await channel.prefetch(10);
  for (const id of [1, 2, 3]) channel.publish('orders', 'order.created', secret(id * 10), { messageId: String(id) });
  channel.sendToQueue('jobs', secret(2000));
  await channel.checkQueue('jobs');
  await channel.get('jobs', { noAck: true });
  await channel.purgeQueue('jobs');
  await channel.get('jobs', { noAck: true });
  await channel.close();
}

async function confirm(connection: ChannelModel): Promise<void> {
  const channel = await connection.createConfirmChannel();
  await Promise.all(
    Array.from({ length: 40 }, (_, id) => new Promise((resolve) => channel.publish('orders', `order.${id}`, secret(), {}, resolve))),
  );
  channel.publish('', 'jobs', secret(8000));
  await channel.waitForConfirms();
  await channel.close();
}

async function consume(connection: ChannelModel): Promise<void> {
  const channel = await connection.createChannel();
  const confirming = await connection.createConfirmChannel();
  let seen = 0;
  await new Promise<void>((resolve) => {
    void channel.consume('jobs', (message) => {
      if (message === null) return;
      channel.ack(message);
      if (++seen === 41) resolve();
    });
  });
  const reply = await channel.assertQueue('', { exclusive: true });
  await channel.consume(reply.queue, () => undefined, { noAck: true });
  confirming.publish('', 'jobs', secret(), { replyTo: reply.queue });
  await confirming.waitForConfirms();
  await channel.close();
}

async function fail(connection: ChannelModel): Promise<void> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  await channel.checkQueue('nosuchqueue').catch(() => undefined);
  const other = await connection.createConfirmChannel();
  other.on('error', () => undefined);
  await new Promise((resolve) => {
    other.on('close', resolve);
    other.publish('nosuchexchange', 'a', secret());
  });
}

async function withAmqplib(port: number): Promise<void> {
  const connection = await connect(`amqp://guest:guest@127.0.0.1:${port}/`);
  connection.on('error', () => undefined);
  await declare(connection);
  await confirm(connection);
  await consume(connection);
  await fail(connection);
  await connection.close();
  await connect(`amqp://guest:secret@127.0.0.1:${port}/`).catch(() => undefined);
  await connect(`amqp://guest:guest@127.0.0.1:${port}/nosuchhost`).catch(() => undefined);
}

export async function recordAmqp(): Promise<void> {
  const server = await startRabbit();
  try {
    const birth = { server: server.version, client: versioned('amqplib'), command: 'withAmqplib' };
    await record(join(folder, 'amqplib.json'), server.port, birth, withAmqplib);
  } finally {
    await server.stop();
  }
}
