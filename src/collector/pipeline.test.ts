import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentScene } from '../../test/agent-scene.ts';
import {
  commandComplete,
  dataRow,
  query,
  ready,
  rowDescription,
} from '../../test/contracts/postgres-bytes.ts';
import { CategoryIndex } from '../model/category.ts';
import { REPEAT_NEVER } from '../model/repeat.ts';
import { PhaseIndex } from '../model/row.ts';
import { OpenFlag } from '../record/layout.ts';
import type { Batch } from '../store/store.ts';
import { Pipeline } from './pipeline.ts';

function run(...agents: AgentScene[]): Batch & { readonly counts: Record<string, number> } {
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  for (const agent of agents) {
    const stream = pipeline.open();
    stream.feed(agent.bytes());
    stream.end();
  }
  pipeline.finish();
  return { ...pipeline.take(), counts: pipeline.counters() };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const GET = '*2\r\n$3\r\nGET\r\n$6\r\nsess:1\r\n';
const VALUE = '$2\r\nok\r\n';

test('a request with one Redis command: rows, phases, categories', () => {
  const agent = new AgentScene()
    .open(1, { port: 6379 })
    .idle(10)
    .connected(1, ['127.0.0.1', 5000], ['127.0.0.1', 6379]);
  agent
    .requestStart(1, '/cart/7')
    .busy(100)
    .write(1, GET, 1)
    .idle(400)
    .read(1, VALUE)
    .busy(50)
    .requestEnd(1, { route: '/cart/:id' });
  const { requests, operations, rollups } = run(agent);
  const [request] = requests;
  const [operation] = operations;
  assert.equal(request?.route, '/cart/:id');
  assert.equal(request?.durationUs, 550);
  assert.equal(request?.categories[CategoryIndex.own], 150);
  assert.equal(request?.categories[CategoryIndex.cache], 400);
  assert.equal(operation?.statement, 'GET sess:?');
  assert.equal(operation?.request, request?.id);
  assert.equal(operation?.exclusiveUs, 400);
  assert.equal(operation?.phases[PhaseIndex.wait], 400);
  assert.equal(rollups[0]?.count, 1);
  assert.equal(request?.atUs, 1_000_000_000 + 10);
});

test('waiting for a pool shows from the call to the grant', () => {
  const agent = new AgentScene().open(1, { port: 6379 });
  agent
    .callSite(5, '/app/cart.js:41:9 loadCart\n/app/server.js:3:1 main')
    .requestStart(1)
    .call(9, 1, 5)
    .idle(3000)
    .grant(9);
  agent.write(1, GET, 1, 9).idle(1000).read(1, VALUE).requestEnd(1);
  const { requests, operations } = run(agent);
  assert.equal(operations[0]?.phases[PhaseIndex.pool], 3000);
  assert.equal(operations[0]?.durationUs, 4000);
  assert.equal(operations[0]?.callSite, 'cart.js:41:9');
  assert.equal(requests[0]?.categories[CategoryIndex.pool], 3000);
  assert.equal(sum(requests[0]?.categories ?? []), 4000);
});

test('of a call with two operations the pool made only the first wait', () => {
  const agent = new AgentScene().open(1, { port: 6379 });
  agent.requestStart(1).call(9, 1).idle(3000).grant(9);
  agent.write(1, GET, 1, 9).idle(1000).read(1, VALUE);
  agent.idle(500).write(1, GET, 1, 9).idle(1000).read(1, VALUE).requestEnd(1);
  const { requests, operations } = run(agent);
  assert.deepEqual(
    operations.map((operation) => operation.phases[PhaseIndex.wait]),
    [1000, 1000],
  );
  assert.deepEqual(
    operations.map((operation) => operation.durationUs),
    [4000, 1000],
  );
  assert.equal(operations[0]?.phases[PhaseIndex.pool], 3000);
  assert.equal(sum(requests[0]?.categories ?? []), 5500);
});

test('a driver at work between the call and the write is own code, not a queue', () => {
  const agent = new AgentScene()
    .open(1, { port: 6379 })
    .requestStart(1)
    .call(9, 1)
    .busy(3000)
    .write(1, GET, 1, 9);
  const { requests, operations } = run(agent.idle(1000).read(1, VALUE).requestEnd(1));
  assert.equal(operations[0]?.phases[PhaseIndex.pool], 0);
  assert.equal(requests[0]?.categories[CategoryIndex.own], 3000);
});

test('two processes join by their four addresses, and the callee is looked into', () => {
  const client: [string, number] = ['127.0.0.1', 40000];
  const server: [string, number] = ['127.0.0.1', 3001];
  const gateway = new AgentScene('gateway')
    .requestStart(1, '/api/cart/7')
    .open(1, { port: 3001, request: 1 })
    .idle(200);
  gateway
    .connected(1, client, server)
    .write(1, 'GET /carts/7 HTTP/1.1\r\nHost: localhost:3001\r\n\r\n', 1)
    .idle(5000);
  gateway.read(1, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok').requestEnd(1);
  const cart = new AgentScene('cart').idle(300).accepted(1, ['::ffff:127.0.0.1', 3001], client).idle(900);
  cart.requestStart(1, '/carts/7', { connection: 1 }).busy(3000).requestEnd(1, { route: '/carts/:id' });
  for (const order of [
    [gateway, cart],
    [cart, gateway],
  ]) {
    const { requests, operations } = run(
      ...order.map((agent) => ({ bytes: once(agent) }) as unknown as AgentScene),
    );
    const root = requests.find((row) => row.service === 'gateway');
    const callee = requests.find((row) => row.service === 'cart');
    assert.equal(callee?.traceId, root?.traceId);
    assert.equal(callee?.parentOperation, operations.find((row) => row.protocol === 'http')?.id);
    assert.equal(operations[0]?.dependency, 'cart');
    assert.equal(operations[0]?.statement, 'GET /carts/:id');
    assert.equal(root?.categories[CategoryIndex.own], 3000);
    assert.equal(root?.categories[CategoryIndex.http], 2000);
    assert.equal(root?.ownCategories[CategoryIndex.http], 5000);
    assert.equal(root?.categories[CategoryIndex.conn], 200);
    assert.equal(sum(root?.categories ?? []), root?.durationUs);
  }
});

/** The same bytes each time. */
const said = new WeakMap<AgentScene, Buffer>();
function once(agent: AgentScene): () => Buffer {
  const bytes = said.get(agent) ?? agent.bytes();
  said.set(agent, bytes);
  return () => bytes;
}

test('an operation that no request caused is kept and counted as such', () => {
  const { operations, counts } = run(
    new AgentScene().open(1, { port: 6379 }).write(1, GET).idle(10).read(1, VALUE),
  );
  assert.equal(operations[0]?.attribution, 'none');
  assert.equal(counts['operations.none'], 1);
  assert.equal(counts['operations.seen'], 1);
});

test('a call that outlives its response belongs to the request and costs it nothing', () => {
  const agent = new AgentScene()
    .open(1, { port: 6379 })
    .requestStart(1)
    .write(1, GET, 1)
    .busy(100)
    .requestEnd(1)
    .idle(900)
    .read(1, VALUE);
  const { requests, operations } = run(agent);
  assert.equal(requests[0]?.durationUs, 100);
  assert.equal(requests[0]?.categories[CategoryIndex.own], 100);
  assert.equal(operations[0]?.request, requests[0]?.id);
  assert.equal(operations[0]?.exclusiveUs, 0);
});

test('a connection that fails is an operation with an error', () => {
  const agent = new AgentScene()
    .requestStart(1)
    .open(1, { port: 1, request: 1 })
    .idle(700)
    .failed(1, 'ECONNREFUSED')
    .requestEnd(1, { status: 500 });
  const { requests, operations } = run(agent);
  assert.equal(operations[0]?.errorType, 'ECONNREFUSED');
  assert.equal(operations[0]?.outcome, 'error');
  assert.equal(requests[0]?.categories[CategoryIndex.conn], 700);
  assert.equal(requests[0]?.isError, true);
});

test('lost batches: what was open ends as unfinished, and what comes after is decoded again', () => {
  const agent = new AgentScene().open(1, { port: 6379 }).requestStart(1).write(1, GET, 1);
  const before = agent.bytes();
  agent.idle(10).read(1, VALUE).lose().read(1, VALUE).idle(5000);
  agent.write(1, GET, 1).idle(50).read(1, VALUE).requestEnd(1);
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const stream = pipeline.open();
  stream.feed(before);
  stream.feed(agent.bytes());
  stream.end();
  pipeline.finish();
  const { operations } = pipeline.take();
  assert.deepEqual(operations.map((row) => row.outcome).toSorted(), ['ok', 'unfinished']);
  assert.equal(pipeline.counters()['batches.lost'], 1);
});

test('after a loss no operation of Redis has the answer of another one', () => {
  const agent = new AgentScene().open(1, { port: 6379 }).write(1, GET).idle(10).read(1, VALUE).write(1, GET);
  const before = agent.bytes();
  agent.requestStart(1).lose();
  // What comes first is the answer to what was asked before the loss.
  agent
    .requestStart(2)
    .write(1, GET, 2)
    .idle(10)
    .read(1, VALUE)
    .write(1, GET, 2)
    .idle(10)
    .read(1, '-WRONGTYPE\r\n');
  agent.idle(10).read(1, VALUE).requestEnd(2);
  agent.idle(5000).requestStart(3, '/whole').write(1, GET, 3).idle(20).read(1, VALUE).requestEnd(3);
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const stream = pipeline.open();
  stream.feed(before);
  stream.feed(agent.bytes());
  stream.end();
  pipeline.finish();
  const { requests, operations } = pipeline.take();
  assert.deepEqual(
    operations.map(({ outcome, errorType }) => [outcome, errorType]),
    [
      ['ok', ''],
      ['unfinished', ''],
      ['ok', ''],
    ],
  );
  assert.deepEqual(
    requests.map(({ route }) => route),
    ['/whole'],
  );
  const count = (name: string): number => pipeline.counters()[`decode.redis.${name}`] ?? 0;
  assert.equal(count('skippedBytes'), 2 * GET.length + 2 * VALUE.length + '-WRONGTYPE\r\n'.length);
  assert.equal(count('bytes'), count('decodedBytes') + count('skippedBytes'));
});

test('an agent that switched itself off says why', () => {
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const stream = pipeline.open();
  stream.feed(new AgentScene().goodbye({ reason: 'disabled', error: 'TypeError: x' }).bytes());
  assert.equal(pipeline.processes()[0]?.flow.problem, 'disabled: TypeError: x');
});

test('a consumed message is a request whose route is the name of its queue; its trace is that of the sender', () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const agent = new AgentScene().requestStart(1, 'orders.4711.created', {
    method: 'CONSUME',
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
  });
  const { requests } = run(agent.busy(100).requestEnd(1, { status: 500 }));
  const [request] = requests;
  assert.equal(request?.method, 'CONSUME');
  assert.equal(request?.route, 'orders.?.created');
  assert.equal(request?.traceId, traceId);
  assert.equal(request?.parentOperation, 0);
  assert.equal(request?.isError, true);
});

test('a request with an open end lasts until the end of what it has started', () => {
  const agent = new AgentScene()
    .open(1, { port: 6379 })
    .requestStart(1, 'jobs', { method: 'CONSUME' })
    .busy(10)
    .write(1, GET, 1)
    .requestEnd(1, { openEnd: true })
    .idle(500)
    .read(1, VALUE);
  const { requests, operations } = run(agent);
  assert.equal(requests[0]?.durationUs, 510);
  assert.equal(operations[0]?.exclusiveUs, 500);
  assert.equal(requests[0]?.categories[CategoryIndex.cache], 500);
});

test('a route that is only an operation stands behind the path that is learnt; a path that was not found teaches nothing', () => {
  const agent = new AgentScene()
    .requestStart(1, '/graphql?x=1', { method: 'POST' })
    .requestEnd(1, { route: ' query GetUser' })
    .requestStart(2, '/wp-admin/setup.php')
    .requestEnd(2, { status: 404 });
  const { requests } = run(agent);
  assert.deepEqual(
    requests.map(({ method, route }) => `${method} ${route}`),
    ['POST /graphql query GetUser', 'GET /*'],
  );
});

test('a question that was asked before says how long ago, and its values stay in the decoder', () => {
  const agent = new AgentScene().open(1, { port: 6379 }).open(2, { host: 'tax', port: 80 });
  agent.requestStart(1);
  const ask = (connection: number, text: string, answer: string) =>
    agent.write(connection, text, 1).idle(1000).read(connection, answer);
  const page = (path: string, cookie: string) =>
    ask(
      2,
      `GET ${path} HTTP/1.1\r\nHost: tax\r\nCookie: ${cookie}\r\n\r\n`,
      'HTTP/1.1 204 No Content\r\n\r\n',
    );
  for (const key of [GET, GET.replace('sess:1', 'sess:2'), GET]) ask(1, key, VALUE);
  page('/tax/1', 'a');
  page('/tax/1', 'b');
  page('/tax/1', 'a');
  agent.requestEnd(1);
  const { operations } = run(agent);
  assert.deepEqual(
    operations.map(({ repeatAgeUs }) => repeatAgeUs),
    [REPEAT_NEVER, REPEAT_NEVER, 2000, REPEAT_NEVER, REPEAT_NEVER, 2000],
  );
  assert.ok(operations.every((row) => !('argumentHash' in row)));
});

test('a request that ran while records were lost is not kept, and its operations are those of none', () => {
  const agent = new AgentScene().open(1, { port: 6379 }).requestStart(1, '/lossy');
  agent.write(1, GET, 1).idle(10).read(1, VALUE);
  const before = agent.bytes();
  agent.write(1, GET, 1).idle(10).read(1, VALUE).lose().read(1, VALUE).idle(5000);
  agent.requestEnd(1).requestStart(2, '/whole').write(1, GET, 2).idle(10).read(1, VALUE).requestEnd(2);
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const stream = pipeline.open();
  stream.feed(before);
  stream.feed(agent.bytes());
  stream.end();
  pipeline.finish();
  const { requests, operations } = pipeline.take();
  assert.deepEqual(
    requests.map(({ route, operationCount }) => [route, operationCount]),
    [['/whole', 1]],
  );
  assert.deepEqual(operations.map(({ request }) => request > 0).toSorted(), [false, true]);
  assert.equal(pipeline.counters()['requests.unfinished'], 1);
});

test('after a loss in the middle of an answer the connection still speaks its protocol', () => {
  const text = (...parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('latin1');
  const rows = text(rowDescription('name'), ...Array.from({ length: 9 }, () => dataRow('x'.repeat(20))));
  const end = text(commandComplete('SELECT 9'), ready());
  const agent = new AgentScene().open(1).requestStart(1, '/lossy');
  agent.write(1, text(query('SELECT name FROM people')), 1).idle(10);
  agent.read(1, rows.slice(0, 100));
  const before = agent.bytes();
  agent.requestEnd(1).lose();
  agent.read(1, rows.slice(110)).read(1, end).requestStart(2, '/whole');
  agent
    .write(1, text(query('SELECT name FROM cities')), 2)
    .idle(10)
    .read(1, rows)
    .read(1, end)
    .requestEnd(2);
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const stream = pipeline.open();
  stream.feed(before);
  stream.feed(agent.bytes());
  // A second, in which the process goes on: requests are put together half a second after their end.
  for (let quarter = 0; quarter < 4; quarter++) pipeline.tick();
  const { requests, operations } = pipeline.take();
  assert.deepEqual(
    requests.map(({ route, operationCount }) => [route, operationCount]),
    [['/whole', 1]],
  );
  assert.deepEqual(
    operations.map(({ statement, request }) => [statement, request > 0]),
    [
      ['SELECT name FROM people', false],
      ['SELECT name FROM cities', true],
    ],
  );
  stream.end();
});

test('after a loss requests are not joined by their number on a connection', () => {
  const client = new AgentScene('front')
    .open(1, { port: 8080 })
    .connected(1, ['10.0.0.1', 5000], ['10.0.0.2', 8080]);
  const server = new AgentScene('back').accepted(7, ['10.0.0.2', 8080], ['10.0.0.1', 5000]);
  const before = server.bytes();
  server.requestStart(1, '/lost', { connection: 7 }).requestEnd(1).lose();
  for (const number of [1, 2]) {
    client.requestStart(number).write(1, 'GET /a HTTP/1.1\r\n\r\n', number).idle(1000);
    client.read(1, 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n').requestEnd(number);
  }
  server.requestStart(2, '/seen', { connection: 7 }).idle(500).requestEnd(2);
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const streams = [[client.bytes()], [before, server.bytes()]].map((all) => {
    const stream = pipeline.open();
    for (const bytes of all) stream.feed(bytes);
    return stream;
  });
  for (const stream of streams) stream.end();
  pipeline.finish();
  const { requests } = pipeline.take();
  assert.deepEqual(
    requests.filter(({ service }) => service === 'back').map(({ parentOperation }) => parentOperation),
    [0],
  );
});

test('who sends a message and who consumes it share a trace, and no time', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const sender = new AgentScene('shop')
    .requestStart(1, '/order')
    .busy(100)
    .requestTrace(1, traceparent)
    .requestEnd(1);
  const consumer = new AgentScene('mail')
    .requestStart(1, 'orders', { method: 'CONSUME', traceparent })
    .busy(700)
    .requestEnd(1);
  const { requests } = run(sender, consumer);
  assert.deepEqual(
    requests.map(({ method, traceId, parentOperation, durationUs, categories }) => [
      method,
      traceId,
      parentOperation,
      durationUs,
      sum(categories),
    ]),
    [
      ['GET', '0af7651916cd43dd8448eb211c80319c', 0, 100, 100],
      ['CONSUME', '0af7651916cd43dd8448eb211c80319c', 0, 700, 700],
    ],
  );
});

const OPEN_BEFORE = { port: 6379, flags: OpenFlag.alreadyOpen };

test('a connection that was open before is not new, and nobody pays for its set-up', () => {
  const agent = new AgentScene()
    .requestStart(1)
    .open(1, OPEN_BEFORE)
    .connected(1, ['127.0.0.1', 5000], ['127.0.0.1', 6379]);
  agent.write(1, GET, 1).idle(1000).read(1, VALUE).requestEnd(1);
  const { operations, rollups, counts } = run(agent);
  assert.equal(operations[0]?.statement, 'GET sess:?');
  assert.equal(operations[0]?.phases[PhaseIndex.wait], 1000);
  assert.equal(operations[0]?.durationUs, 1000);
  assert.equal(rollups[0]?.newConnections, 0);
  assert.equal(counts['connections.joined'], 1);
  assert.equal(counts['connections.opened'], undefined);
});

test('told again of a connection that is known: it goes on', () => {
  const agent = new AgentScene().open(1, { port: 6379 }).requestStart(1).write(1, GET, 1).idle(1000);
  agent.open(1, OPEN_BEFORE).read(1, VALUE).requestEnd(1);
  const { operations, counts } = run(agent);
  assert.deepEqual(
    operations.map(({ statement, outcome }) => [statement, outcome]),
    [['GET sess:?', 'ok']],
  );
  assert.equal(counts['connections.joined'], undefined);
});

test('a request that asks on a connection nobody has told of is not kept', () => {
  const agent = new AgentScene().requestStart(1).requestStart(2);
  agent.write(1, GET, 1).idle(1000).read(1, VALUE).requestEnd(1).requestEnd(2);
  const { requests, counts } = run(agent);
  assert.equal(requests.length, 1);
  assert.equal(counts['requests.unfinished'], 1);
});

test('a request whose start was not seen is counted', () => {
  const { requests, counts } = run(new AgentScene().requestEnd(1));
  assert.deepEqual([requests.length, counts['requests.startUnseen']], [0, 1]);
});

/** The client's side has had requests that the server's side has not told of: its first is the server's third, say. */
for (const [clientWasOpen, serverWasOpen] of [
  [true, true],
  [true, false],
  [false, true],
] as const)
  test(`not joined by numbers that began elsewhere: client ${clientWasOpen}, server ${serverWasOpen}`, () => {
    const client = new AgentScene('front').open(1, {
      port: 80,
      flags: clientWasOpen ? OpenFlag.alreadyOpen : 0,
    });
    client.connected(1, ['127.0.0.1', 5000], ['127.0.0.1', 80]).requestStart(1, '/front');
    client.write(1, 'GET /b HTTP/1.1\r\nhost: b\r\n\r\n', 1).idle(1000);
    client.read(1, 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n').requestEnd(1);
    const server = new AgentScene('back');
    server.accepted(1, ['127.0.0.1', 80], ['127.0.0.1', 5000], serverWasOpen);
    server.idle(100).requestStart(1, '/other', { connection: 1 }).idle(100).requestEnd(1);
    const { requests } = run(client, server);
    const back = requests.filter(({ service }) => service === 'back');
    assert.deepEqual(
      back.map(({ parentOperation }) => parentOperation),
      [0],
    );
  });

test('a connection that the process had opened and that is closed is told; what it accepted, and what is open at the end, is not', () => {
  const agent = new AgentScene()
    .open(1, { port: 3001 })
    .open(2, { port: 3001 })
    .accepted(3, ['127.0.0.1', 80], ['127.0.0.1', 5000]);
  const { closings = [] } = run(agent.idle(500).close(1).idle(10).close(3));
  assert.equal(closings.length, 1);
  const again = run(new AgentScene().open(1, { port: 3001 }).idle(700).close(1)).closings ?? [];
  assert.equal((again[0]?.atUs ?? 0) - (closings[0]?.atUs ?? 0), 200, 'when it was closed');
});

test('a call that is given up ends with the request that went on without it; one that is closed later was not waited for', () => {
  const givenUp = (closedAfterUs: number): AgentScene => {
    const agent = new AgentScene().open(1, { port: 3001 });
    agent.requestStart(1).write(1, 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n', 1).idle(300_000).requestEnd(1);
    return agent.idle(closedAfterUs).close(1);
  };
  const waited = run(givenUp(200));
  assert.equal(waited.operations[0]?.outcome, 'unfinished');
  assert.equal(waited.operations[0]?.exclusiveUs, 300_000);
  assert.equal(waited.requests[0]?.categories[CategoryIndex.other], 0);
  const later = run(givenUp(20_000));
  assert.equal(later.operations[0]?.exclusiveUs, 0);
  assert.equal(later.requests[0]?.categories[CategoryIndex.other], 300_000);
});

test('a call that is given up ends with the call that the request makes next, before its connection is closed', () => {
  const agent = new AgentScene().open(1, { port: 3001 }).open(2, { port: 3001 });
  const asked = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n';
  agent.requestStart(1).write(1, asked, 1).idle(300_000).write(2, asked, 1).idle(12_000).close(1);
  agent.idle(1000).read(2, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n').requestEnd(1);
  const { operations } = run(agent.close(2));
  assert.deepEqual(
    operations.map(({ outcome, exclusiveUs }) => [outcome, exclusiveUs]),
    [
      ['unfinished', 300_000],
      ['ok', 13_000],
    ],
  );
});

test('a request that has not ended is told with the calls that have, and is in no row and no sum', () => {
  const agent = new AgentScene().open(1, { port: 6379 });
  agent
    .requestStart(1)
    .idle(500)
    .write(1, GET, 1)
    .idle(1000)
    .read(1, VALUE)
    .idle(20)
    .write(1, GET, 1)
    .idle(30);
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const stream = pipeline.open();
  stream.feed(agent.bytes());
  pipeline.tick();
  const [request, ...others] = pipeline.processes().flatMap(({ flow }) => flow.underWay());
  assert.deepEqual(others, []);
  assert.equal(request?.operations, 1);
  assert.deepEqual(
    request.latest.map(({ statement, startUs, durationUs }) => [statement, startUs, durationUs]),
    [['GET sess:?', 500, 1000]],
  );
  // The second one is not answered.
  assert.deepEqual(
    request.open.map(({ statement, dependency, category, startUs, durationUs }) => [
      statement,
      dependency,
      category,
      startUs,
      durationUs,
    ]),
    [['GET sess:?', request.latest[0]?.dependency, 'cache', 1520, 0]],
  );
  const { requests, operations, rollups } = pipeline.take();
  assert.deepEqual([requests, operations, rollups], [[], [], []]);
});
