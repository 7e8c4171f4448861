// Calls between two traced services, over HTTP/1.1, HTTP/2 and gRPC: each request of the one is joined to the operation of the other that asked
// for it. Real processes, 50 requests at once; by addresses without any header, and by header with something between that changes them.

import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { grpcStatusName } from '../../src/collector/stream-words.ts';
import { Pipeline } from '../../src/collector/pipeline.ts';
import type { RequestRow } from '../../src/model/row.ts';
import type { Batch } from '../../src/store/store.ts';
import { startApp, until, type App, type TestCollector } from '../agent/harness.ts';

const STATUSES = Array.from({ length: 50 }, (_, index) => 210 + index);
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** The product's own pipeline behind a socket. */
class Recording {
  readonly path = join(
    tmpdir(),
    `wiretime-traces-${process.pid}-${Math.random().toString(36).slice(2)}.sock`,
  );
  readonly #pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  #open = 0;

  async listen(): Promise<this> {
    const server = createServer((socket) => {
      const stream = this.#pipeline.open();
      this.#open++;
      socket.on('data', (chunk) => stream.feed(chunk));
      socket.on('close', () => {
        stream.end();
        this.#open--;
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(this.path, resolve));
    return this;
  }

  get finishedRequests(): number {
    return this.#pipeline.counters()['requests.finished'] ?? 0;
  }

  async rows(): Promise<Batch> {
    await until('the agents are gone', () => this.#open === 0);
    this.#pipeline.finish();
    return this.#pipeline.take();
  }
}

/** Passes bytes on: both ends see other addresses. */
async function proxyTo(port: number): Promise<number> {
  const server = createServer((socket) => {
    const onward = connect(port, '127.0.0.1');
    for (const each of [socket, onward]) each.on('error', () => undefined);
    socket.pipe(onward).pipe(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function start(
  name: string,
  recording: Recording,
  args: readonly string[],
  propagate: string,
): Promise<App> {
  const app = await startApp(new URL(`traces-${name}.cjs`, import.meta.url).pathname, {
    collector: recording as unknown as TestCollector,
    args,
    env: { WIRETIME_SERVICE: name, WIRETIME_PROPAGATE: propagate },
  });
  await until(`${name} listens`, () => app.stdout().includes('\n'));
  return app;
}

async function record(
  propagate: string,
  through: (port: number) => Promise<number> | number,
): Promise<Batch> {
  const recording = await new Recording().listen();
  const back = await start('back', recording, [], propagate);
  const ports = await Promise.all(back.stdout().trim().split(' ').map(Number).map(through));
  const front = await start('front', recording, ports.map(String), propagate);
  const url = `http://127.0.0.1:${front.stdout().trim()}`;
  const answers = await Promise.all(STATUSES.map((status) => fetch(`${url}/order/${status}`)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    STATUSES,
  );
  await until('all requests', () => recording.finishedRequests === 5 * STATUSES.length);
  for (const app of [front, back]) {
    app.child.kill();
    await app.ended;
  }
  return recording.rows();
}

function assertJoined({ requests, operations }: Batch): void {
  const fronts = requests.filter(({ service }) => service === 'front');
  assert.equal(fronts.length, STATUSES.length);
  for (const front of fronts) {
    const own = operations.filter(({ request, role }) => request === front.id && role === 'work');
    assert.deepEqual(own.map(({ protocol }) => protocol).toSorted(), ['grpc', 'http', 'http', 'http']);
    assert.equal(own.find(({ protocol }) => protocol === 'grpc')?.errorType, nameOf(front.status % 17));
    for (const { id, dependency, attribution } of own) {
      const [callee, ...others] = requests.filter(({ parentOperation }) => parentOperation === id);
      assert.ok(callee, `${front.status}: nobody was asked by operation ${id}`);
      assert.equal(others.length, 0);
      assert.equal(callee.service, 'back');
      assert.equal(callee.traceId, front.traceId);
      assert.equal(dependency, 'back');
      assert.equal(attribution, 'request');
      if (callee.method !== 'GRPC') assert.equal(callee.status, front.status);
    }
  }
  assert.equal(new Set(fronts.map(({ traceId }) => traceId)).size, fronts.length);
  const strays = requests.filter(
    ({ service, parentOperation }: RequestRow) => service === 'back' && parentOperation === 0,
  );
  assert.equal(strays.length, 0);
}

function nameOf(code: number): string {
  return code === 0 ? '' : grpcStatusName(code);
}

test('by addresses and order, without any header', async () => {
  assertJoined(await record('off', (port) => port));
});

test('by header, where a proxy changes the addresses', async () => {
  assertJoined(await record('', proxyTo));
});

test('with neither, nothing is joined, and so nothing wrongly', async () => {
  const { requests } = await record('off', proxyTo);
  assert.deepEqual(new Set(requests.map(({ parentOperation }) => parentOperation)), new Set([0]));
});

test('by either, where both are there', async () => {
  assertJoined(await record('', (port) => port));
});
