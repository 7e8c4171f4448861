// What agents send becomes rows: requests with their operations, phases and categories.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentScene } from '../../test/agent-scene.ts';
import { GET, newPipeline, run, VALUE } from '../../test/pipeline-run.ts';
import { CategoryIndex } from '../model/category.ts';
import { REPEAT_NEVER } from '../model/repeat.ts';
import { PhaseIndex } from '../model/row.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

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

test('an agent that switched itself off says why', () => {
  const pipeline = newPipeline();
  const stream = pipeline.open();
  stream.feed(new AgentScene().goodbye({ reason: 'disabled', error: 'TypeError: x' }).bytes());
  assert.equal(pipeline.processes()[0]?.flow.problem, 'disabled: TypeError: x');
});

test('a route that is an expression of Python is written as the framework writes its others', () => {
  const agent = new AgentScene();
  agent.requestStart(1, '/fair/').requestEnd(1, { route: '/(?P<shop>[^/]+)/' });
  assert.equal(run(agent).requests[0]?.route, '/<shop>/');
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
  const pipeline = newPipeline();
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
