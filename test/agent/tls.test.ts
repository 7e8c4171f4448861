// TLS: bytes are seen as plaintext, the handshake as a phase, and a layer put on an open socket names the socket below.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { OpenFlag, Phase } from '../../src/record/layout.ts';
import { appPath, runApp, TestCollector, until } from './harness.ts';

const pem = readFileSync(appPath('localhost.pem'));

function answer(socket: Socket): void {
  socket.on('data', (chunk) => socket.write(`secret answer to ${String(chunk)}`));
  socket.on('error', () => undefined);
}

async function portOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return String((server.address() as AddressInfo).port);
}

async function record(args: readonly string[]): Promise<TestCollector> {
  const collector = await new TestCollector().listen();
  const ended = await runApp(appPath('tls.cjs'), { collector, args });
  assert.equal(ended.stderr, '');
  assert.equal(ended.code, 0);
  await until('goodbye', () => collector.of('goodbye').length === 1);
  await collector.close();
  return collector;
}

test('a client over TLS', async () => {
  const server = createTlsServer({ key: pem, cert: pem }, answer);
  const collector = await record(['direct', await portOf(server)]);
  server.close();

  const [open, ...others] = collector.of('open');
  assert.ok(open);
  assert.equal(others.length, 0);
  assert.equal(open.flags, OpenFlag.tls);
  assert.equal(collector.written(open.connection).toString(), 'secret question');
  assert.equal(collector.read(open.connection).toString(), 'secret answer to secret question');
  const phases = collector.of('phase');
  assert.deepEqual(
    phases.map(({ phase }) => phase),
    [Phase.resolved, Phase.connected, Phase.secured],
  );
  assert.equal(phases[2]?.payload['protocol'], 'TLSv1.3');
});

test('TLS on an open socket, as databases do it', async () => {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write('S');
      answer(new TLSSocket(socket, { isServer: true, key: pem, cert: pem }));
    });
  });
  const collector = await record(['starttls', await portOf(server)]);
  server.close();

  const [carrier, layer, ...others] = collector.of('open');
  assert.ok(carrier && layer);
  assert.equal(others.length, 0);
  assert.equal(carrier.flags, 0);
  assert.equal(layer.flags, OpenFlag.tls);
  assert.equal(layer.over, carrier.connection);
  assert.equal(collector.written(carrier.connection).toString(), 'STARTTLS');
  assert.equal(collector.read(carrier.connection).toString(), 'S');
  assert.equal(collector.written(layer.connection).toString(), 'secret question');
  assert.equal(collector.read(layer.connection).toString(), 'secret answer to secret question');
  const secured = collector.of('phase').find(({ phase }) => phase === Phase.secured);
  assert.equal(secured?.connection, layer.connection);
  assert.ok(layer.time < secured.time);
});

test('an https server: requests and their connections, no bytes', async () => {
  const collector = await record(['server']);
  const [start] = collector.of('requestStart');
  const [end] = collector.of('requestEnd');
  assert.equal(start?.target, '/tls');
  assert.equal(end?.status, 200);
  assert.ok(end.firstByte > start.time);
  const opens = collector.of('open');
  const accepted = opens.find(({ connection }) => connection === start.connection);
  assert.equal(accepted?.flags, OpenFlag.accepted | OpenFlag.tls);
  const client = opens.find(({ flags }) => flags === OpenFlag.tls);
  assert.ok(client);
  const bytes = [...collector.of('write'), ...collector.of('read')];
  assert.ok(bytes.every(({ connection }) => connection === client.connection));
  assert.match(collector.written(client.connection).toString(), /^GET \/tls HTTP/);
  const carrier = opens.find(({ connection }) => connection === accepted.over);
  assert.equal(carrier?.flags, OpenFlag.accepted);
});
