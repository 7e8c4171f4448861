// The agent keeps to a share of the CPU that is far too small for it. In: a busy program, and the real pipeline behind a socket. Out: it
// leaves requests out and says so; those that are kept are whole, and none gets the answer of another, also on a connection that all share.

import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Pipeline } from '../../src/collector/pipeline.ts';
import type { OperationRow, RequestRow } from '../../src/model/row.ts';
import { testServers } from '../servers.ts';
import { appPath, startApp, until } from './harness.ts';

const CLIENTS = 8;
/** What each request does, and how many bytes come back: the length of a value and what Redis puts around it. */
const ANSWERS: Readonly<Record<string, number>> = {
  'GET budgetalpha': 8,
  'GET budgetbeta': 19,
  'GET budgetgamma': 30,
  'GET budgetdelta': 41,
};
const STATEMENTS = [...Object.keys(ANSWERS), 'GET /r/:id'].toSorted();
const PATIENCE_MS = 90_000;
/** So many must have been left out, and so many kept after that. */
const ENOUGH = 200;

const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
const requests: RequestRow[] = [];
const operations: OperationRow[] = [];
const socketPath = join(tmpdir(), `wiretime-budget-${process.pid}.sock`);
const server = createServer((socket) => {
  const stream = pipeline.open();
  socket.on('data', (bytes) => stream.feed(bytes));
  socket.on('error', () => undefined);
  socket.on('close', () => stream.end());
});
const timer = setInterval(collect, 100);
after(() => {
  clearInterval(timer);
  server.close();
});

function collect(): void {
  pipeline.tick();
  const batch = pipeline.take();
  requests.push(...batch.requests);
  operations.push(...batch.operations);
}

test('requests are left out in stretches, and what is kept is right', async () => {
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const { redis } = await testServers(['redis']);
  const redisPort = String(redis.port);
  const upstream = await startApp(appPath('upstream.cjs'), { isBare: true });
  await until('the other server listens', () => upstream.stdout().includes('\n'));
  const env = { WIRETIME_SOCKET: socketPath, WIRETIME_BUDGET: '0.2' };
  const app = await startApp(appPath('upstream.cjs'), { args: [upstream.stdout().trim(), redisPort], env });
  await until('the server listens', () => app.stdout().includes('\n'));
  const load = new Load(Number(app.stdout().trim()));
  await eventually('requests are left out', () => skipped() > ENOUGH);
  const before = requests.length;
  await eventually('and others are kept', () => requests.length > before + ENOUGH);
  const asked = await load.end();
  app.child.kill();
  await app.ended;
  upstream.child.kill();
  collect();
  pipeline.finish();
  collect();

  assert.ok(requests.length < asked, `${requests.length} of ${asked}`);
  const byRequest = grouped();
  for (const { id, operationCount } of requests) {
    const own = byRequest.get(id) ?? [];
    assert.equal(operationCount, STATEMENTS.length);
    assert.deepEqual(own.map(({ statement }) => statement).toSorted(), STATEMENTS);
    for (const { statement, bytesIn } of own)
      if (statement in ANSWERS) assert.equal(bytesIn, ANSWERS[statement], statement);
  }
  const process = pipeline.processes()[0]?.flow;
  assert.ok(process?.notVisible.includes('requests beyond the budget'));
  assert.ok((pipeline.counters()['records.droppedByAgent'] ?? 0) > 0);
});

/** The ladder takes its time: 3 s a step, more when other tests keep the processor. */
async function eventually(what: string, condition: () => boolean): Promise<void> {
  const limit = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function skipped(): number {
  return pipeline.counters()['requests.skippedByAgent'] ?? 0;
}

function grouped(): Map<number, OperationRow[]> {
  const groups = new Map<number, OperationRow[]>();
  for (const operation of operations) {
    const group = groups.get(operation.request) ?? [];
    groups.set(operation.request, [...group, operation]);
  }
  return groups;
}

/** Clients that ask one request after the other. */
class Load {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  readonly #clients: Promise<void>[];
  #isEnding = false;
  #asked = 0;

  constructor(port: number) {
    this.#clients = Array.from({ length: CLIENTS }, () => this.#client(port));
  }

  async end(): Promise<number> {
    this.#isEnding = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
    return this.#asked;
  }

  async #client(port: number): Promise<void> {
    while (!this.#isEnding) {
      const path = `/r/${++this.#asked}`;
      await new Promise<void>((resolve, reject) => {
        const request = get({ host: '127.0.0.1', port, path, agent: this.#agent }, (response) => {
          response.resume();
          response.on('end', resolve);
        });
        request.on('error', reject);
      });
    }
  }
}
