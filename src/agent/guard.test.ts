// The agent's own mistakes never reach the application. A recorder that throws in one place after the other; real sockets.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, get } from 'node:http';
import { Server, Socket, connect, createServer, type AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { RecordWriter } from '../record/writer.ts';
import { activate, active, fail } from './guard.ts';
import { installNet } from './patches/net.ts';
import { installServer } from './patches/server.ts';
import { startRecorder } from './recorder.ts';

const uninstalls = [installNet(Socket.prototype), installServer(Server.prototype)];
after(() => {
  for (const uninstall of uninstalls) uninstall();
});

const METHODS = [
  'connectionOpen',
  'connectionPhase',
  'beginWrite',
  'read',
  'close',
  'requestStart',
  'requestEnd',
] as const;

/** A recorder that is broken in one place and drops everything else. */
function brokenAt(method: string): RecordWriter {
  const writer = new RecordWriter({ next: () => undefined, started: () => undefined });
  const thrower = (): never => {
    throw new Error(`the agent's own mistake in ${method}`);
  };
  Object.defineProperty(writer, method, { value: thrower });
  return writer;
}

/** What the application sees of a small conversation and a small request. */
async function conversation(): Promise<string> {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end('hello');
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  await new Promise((resolve) => server.close(resolve));
  return answer + (await request());
}

async function request(): Promise<string> {
  const server = createHttpServer((_request, response) => response.end(' world')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let answer = '';
  await new Promise<void>((resolve) => {
    get({ port, host: '127.0.0.1', agent: false }, (response) => {
      response.on('data', (chunk) => (answer += String(chunk)));
      response.on('close', resolve);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return answer;
}

for (const method of METHODS)
  test(`an error in ${method} switches the agent off and nothing else`, async () => {
    const errors: string[] = [];
    startRecorder(brokenAt(method));
    activate((error) => errors.push(String(error)));
    assert.equal(await conversation(), 'hello world');
    assert.deepEqual(errors, [`Error: the agent's own mistake in ${method}`]);
    assert.equal(active, false);
  });

test('an error while saying goodbye is swallowed, too', () => {
  activate(() => {
    throw new Error('again');
  });
  fail(new Error('first'));
  assert.equal(active, false);
});
