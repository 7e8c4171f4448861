// Sockets that read into a buffer of the application: their answers cannot be seen, so nothing is told of them but that.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { appPath, runApp, TestCollector, until } from './harness.ts';

const pem = readFileSync(appPath('localhost.pem'));

function echo(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.pipe(socket);
}

async function portOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return String((server.address() as AddressInfo).port);
}

test('sockets with onread are named as not visible; others are seen as always', async () => {
  const servers = [createServer(echo), createTlsServer({ key: pem, cert: pem }, echo)];
  const args = await Promise.all(servers.map(portOf));
  const collector = await new TestCollector().listen();
  const ended = await runApp(appPath('onread.cjs'), { collector, args });
  for (const server of servers) server.close();
  await until('goodbye', () => collector.of('goodbye').length === 1);

  const ways = ['options', 'constructor', 'function', 'tls', 'none'];
  assert.equal(ended.stdout, ways.map((way) => `${way} hello\n`).join(''));
  assert.equal(ended.stderr, '');
  const [open, ...others] = collector.of('open');
  assert.ok(open);
  assert.equal(others.length, 0);
  assert.equal(collector.written(open.connection).toString(), 'hello');
  assert.equal(collector.read(open.connection).toString(), 'hello');
  assert.equal(collector.of('write').length, 1);
  const named = new Set(
    [...collector.of('hello'), ...collector.of('stats')].flatMap(({ payload }) => payload['notVisible']),
  );
  assert.deepEqual(
    named,
    new Set([`sockets with onread: 127.0.0.1:${args[0]}`, `sockets with onread: localhost:${args[1]}`]),
  );
  await collector.close();
});
