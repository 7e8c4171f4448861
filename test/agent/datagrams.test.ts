// Datagrams: 50 requests at once ask a DNS server, send metrics and talk to a peer nobody knows, over sockets that they share.

import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { OpenFlag } from '../../src/record/layout.ts';
import { appPath, startApp, TestCollector, until, type App } from './harness.ts';

const names = Array.from({ length: 50 }, (_, index) => `name${index}`);

async function peer(answer: (message: Buffer) => Buffer | undefined): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const said = answer(message);
    if (said !== undefined) socket.send(said, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** One address for every name but `nowhere`. */
function answerOf(question: Buffer): Buffer {
  const isKnown = !question.includes('nowhere');
  const end = question.indexOf(0, 12) + 5;
  const answer = Buffer.concat([
    question.subarray(0, end),
    ...(isKnown ? [Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 10, 1, 2, 3])] : []),
  ]);
  answer.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
  answer.writeUInt16BE(isKnown ? 1 : 0, 6);
  answer.writeUInt16BE(0, 10);
  return answer;
}

let collector: TestCollector;
let app: App;
let peers: readonly Socket[];

before(async () => {
  peers = [await peer(answerOf), await peer(() => undefined), await peer((message) => message)];
  collector = await new TestCollector().listen();
  const args = peers.map((socket) => String(socket.address().port));
  app = await startApp(appPath('datagrams.cjs'), { collector, args });
  await until('the server listens', () => app.stdout().includes('\n'));
  const [port, datagramPort] = app.stdout().trim().split(' ');
  const asked = createSocket('udp4');
  asked.send('hello', Number(datagramPort), '127.0.0.1');
  await once(asked, 'message');
  asked.close();
  const answers = await Promise.all(
    names.map(async (name) => (await fetch(`http://127.0.0.1:${port}/${name}`)).text()),
  );
  assert.deepEqual(new Set(answers), new Set(['10.1.2.3']));
  app.child.kill('SIGTERM');
  await app.ended;
  await until('the stream ends', () => collector.closedStreams > 0);
});

after(async () => {
  for (const socket of peers) socket.close();
  await collector.close();
});

function requestOf(name: string): number {
  return collector.of('requestStart').find(({ target }) => target === `/${name}`)?.request ?? -1;
}

test('every datagram belongs to the request that sent it', () => {
  for (const name of names) {
    const writes = collector
      .of('write')
      .filter(({ bytes }) => new RegExp(`${name}(?!\\d)`).test(bytes.toString('latin1')));
    assert.equal(writes.length, 3, name);
    for (const { contexts } of writes)
      assert.deepEqual(
        contexts.map(([, request]) => request),
        [requestOf(name)],
      );
  }
});

test('each peer is a connection; a socket that others speak to first is none', () => {
  const opened = collector.of('open').filter(({ flags }) => (flags & OpenFlag.udp) !== 0);
  assert.equal(opened.length, 3);
  assert.equal(
    collector.of('close').filter(({ connection }) => opened.some((open) => open.connection === connection))
      .length,
    3,
  );
  for (const { connection } of opened) assert.ok(collector.written(connection).length > 0);
  // The DNS server was asked by its name, and answers by its address.
  const reads = opened.map(
    ({ connection }) => collector.of('read').filter((read) => read.connection === connection).length,
  );
  assert.deepEqual(
    reads.toSorted((a, b) => a - b),
    [0, 50, 50],
  );
});

test('what the resolver of Node asks is an operation of its request, with its error', () => {
  for (const name of names) {
    const queries = collector.of('driverOperation').filter(({ request }) => request === requestOf(name));
    assert.deepEqual(
      queries.map(({ protocol, statement, error }) => [protocol, statement, error]),
      [
        ['dns', 'query A', ''],
        ['dns', 'query A', 'ENOTFOUND'],
      ],
    );
  }
});
