// How many operations a second the collector takes, from an agent's bytes to rows (and, with --store, to the store on disk).
// One process, one core for the pipeline; the store's worker has its own thread. Checks its own work: every operation must come out.
// Run: npx tsx bench/pipeline.ts [--requests 20000] [--store]

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Pipeline } from '../src/collector/pipeline.ts';
import { openStore } from '../src/store/open.ts';
import type { Batch, Store } from '../src/store/store.ts';
import { AgentScene } from '../test/agent-scene.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '20000' }, store: { type: 'boolean', default: false } },
});
const REQUESTS = Number(values.requests);
/** One Redis command, three Postgres queries, one HTTP call: the checkout route of docs/overhead.md. */
const OPERATIONS_PER_REQUEST = 5;
/** Requests whose bytes are fed between two ticks. */
const REQUESTS_PER_TICK = 1000;

const int32 = (value: number): string =>
  String.fromCharCode((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
const message = (tag: string, body: string): string => tag + int32(body.length + 4) + body;
const query = (sql: string): string =>
  message('P', `\0${sql}\0\0\0`) +
  message('B', '\0\0\0\0\0\0\0\0') +
  message('D', 'P\0') +
  message('E', '\0\0\0\0\0') +
  message('S', '');
const row = message('D', `\0\u0001${int32(40)}${'x'.repeat(40)}`);
const ANSWER =
  message('1', '') +
  message('2', '') +
  message('T', '\0\0') +
  row.repeat(3) +
  message('C', 'SELECT 3\0') +
  message('Z', 'I');
const STARTUP = `${int32(23)}\0\u0003\0\0user\0u\0database\0`.slice(0, 18) + 'shop\0\0'.slice(0, 5);
const SQL = [
  'SELECT id, name FROM products WHERE id = $1',
  'SELECT * FROM carts WHERE user_id = $1 AND state = $2',
  'UPDATE carts SET touched = now() WHERE id = $1',
];

/** All the bytes an agent would send, made before the clock starts. */
function recorded(): Buffer[] {
  const agent = new AgentScene('bench');
  agent
    .open(1, { port: 5432 })
    .write(1, STARTUP)
    .read(1, message('R', int32(0)) + message('Z', 'I'));
  agent.open(2, { port: 6379 }).open(3, { host: 'tax', port: 80 });
  const chunks: Buffer[] = [];
  for (let request = 1; request <= REQUESTS; request++) {
    agent.idle(50).requestStart(request, `/checkout/${request}`, { method: 'POST' });
    agent
      .busy(30)
      .write(2, `*2\r\n$3\r\nGET\r\n$10\r\nsess:${String(request).padStart(5, '0')}\r\n`, request)
      .idle(300)
      .read(2, '$5\r\nhello\r\n');
    for (const sql of SQL) agent.busy(30).write(1, query(sql), request).idle(900).read(1, ANSWER);
    agent.busy(30).write(3, `GET /tax/${request} HTTP/1.1\r\nHost: tax\r\n\r\n`, request).idle(2000);
    agent
      .read(3, 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n19.0')
      .busy(40)
      .requestEnd(request, { route: '/checkout/:id' });
    if (request % REQUESTS_PER_TICK === 0) chunks.push(agent.bytes());
  }
  chunks.push(agent.bytes());
  return chunks;
}

async function measure(
  chunks: readonly Buffer[],
  store: Store | undefined,
): Promise<{ seconds: number; operations: number; exact: number; requests: number }> {
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const stream = pipeline.open();
  const found = { operations: 0, exact: 0, requests: 0 };
  let underWay: Promise<void> | undefined;
  const keep = async (): Promise<void> => {
    const batch = pipeline.take();
    count(batch, found);
    await underWay;
    underWay = store?.append(batch);
  };
  const started = performance.now();
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += 65536) stream.feed(chunk.subarray(at, at + 65536));
    pipeline.tick();
    await keep();
  }
  stream.end();
  pipeline.finish();
  await keep();
  await underWay;
  return { seconds: (performance.now() - started) / 1000, ...found };
}

function count(batch: Batch, found: { operations: number; exact: number; requests: number }): void {
  // Only what was understood counts: an opaque exchange is cheaper to decode.
  found.operations += batch.operations.filter(
    (each) => each.request > 0 && each.protocol !== 'unknown' && each.role === 'work',
  ).length;
  found.requests += batch.requests.length;
  found.exact += batch.requests.filter(
    (each) => each.categories.reduce((a, b) => a + b, 0) === each.durationUs,
  ).length;
}

const chunks = recorded();
const folder = mkdtempSync(join(tmpdir(), 'wiretime-bench-'));
const store = values.store ? await openStore(folder) : undefined;
await measure(chunks.slice(0, 2), undefined);
const rounds = [];
for (let round = 0; round < (store === undefined ? 5 : 1); round++) rounds.push(await measure(chunks, store));
await store?.close();
rmSync(folder, { recursive: true });

const expected = REQUESTS * OPERATIONS_PER_REQUEST;
for (const { operations, exact, requests } of rounds) {
  if (operations !== expected || exact !== REQUESTS || requests !== REQUESTS)
    throw new Error(
      `not all work was done: ${operations} of ${expected} operations, ${exact} exact sums of ${REQUESTS} requests`,
    );
}
const best = Math.min(...rounds.map(({ seconds }) => seconds));
const rate = Math.round(expected / best);
console.log(`node ${process.version}, ${cpus()[0]?.model ?? 'unknown cpu'}, ${cpus().length} cores`);
console.log(
  `${values.store ? 'bytes to store on disk' : 'bytes to rows'}: ${rate.toLocaleString('en')} operations/s (${expected} operations, ${REQUESTS} requests, best of ${rounds.length})`,
);
