// HTTP/2 streams become operations: names, phases, outcomes, and whose they are.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentScene } from '../../test/agent-scene.ts';
import { CategoryIndex } from '../model/category.ts';
import { PhaseIndex, type OperationRow } from '../model/row.ts';
import { HIDDEN_REQUEST } from '../record/layout.ts';
import type { Batch } from '../store/store.ts';
import { Pipeline } from './pipeline.ts';
import { grpcDeadlineNs } from './stream-words.ts';

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

/** The only operation of a stream that ends as `end` says. */
function ended(
  options: Parameters<AgentScene['streamStart']>[2],
  end: (agent: AgentScene) => AgentScene,
): OperationRow {
  const agent = new AgentScene().requestStart(1).streamStart(1, '/a/7?q=1', { ...options, request: 1 });
  const { operations } = run(end(agent).busy(1).requestEnd(1));
  assert.equal(operations.length, 1);
  assert.ok(operations[0]);
  return operations[0];
}

test('a stream on a connection that was opened for it: one operation with all phases', () => {
  const agent = new AgentScene()
    .requestStart(1, '/')
    .busy(10)
    .open(1, { host: 'cart', port: 80, request: 1 });
  agent.call(5, 1).idle(200).connected(1, ['127.0.0.1', 5000], ['127.0.0.1', 80]);
  agent.streamStart(1, '/carts/7?user=9', { connection: 1, request: 1, call: 5 });
  agent.idle(300).streamAnswer(1).idle(50).streamEnd(1, { bytes: 1234 }).busy(20).requestEnd(1);
  const { operations, requests } = run(agent);
  const [operation] = operations;
  assert.equal(operation?.protocol, 'http');
  assert.equal(operation?.statement, 'GET /carts/:id');
  assert.equal(operation?.dependency, 'cart');
  assert.equal(operation?.attribution, 'request');
  assert.equal(operation?.outcome, 'ok');
  assert.equal(operation?.bytesIn, 1234);
  assert.equal(operation?.nthOnConnection, 1);
  assert.equal(operation?.phases[PhaseIndex.tcp], 200);
  assert.equal(operation?.phases[PhaseIndex.wait], 300);
  assert.equal(operation?.phases[PhaseIndex.receive], 50);
  assert.equal(operation?.durationUs, 550);
  const [request] = requests;
  assert.equal(request?.durationUs, 580);
  assert.equal(request?.categories[CategoryIndex.conn], 200);
  assert.equal(request?.categories[CategoryIndex.http], 350);
  assert.equal(request?.categories[CategoryIndex.own], 30);
});

test('the set-up is paid once, by whom it was made for, in whatever order streams end', () => {
  const agent = new AgentScene().requestStart(1).requestStart(2).open(1, { request: 1 }).idle(100);
  agent.connected(1, ['127.0.0.1', 5000], ['127.0.0.1', 80]);
  agent
    .streamStart(1, '/one', { connection: 1, request: 1 })
    .streamStart(2, '/two', { connection: 1, request: 2, id: 3 });
  agent
    .idle(50)
    .streamAnswer(2)
    .streamEnd(2)
    .idle(50)
    .streamAnswer(1)
    .streamEnd(1)
    .requestEnd(1)
    .requestEnd(2);
  const { operations } = run(agent);
  const tcp = operations.map(({ statement, phases }) => [statement, phases[PhaseIndex.tcp]]);
  assert.deepEqual(
    new Map(tcp as [string, number][]),
    new Map([
      ['GET /one', 100],
      ['GET /two', 0],
    ]),
  );
});

test('how a stream of HTTP ends', () => {
  const outcome = (end: (agent: AgentScene) => AgentScene): string => {
    const { outcome, errorType } = ended({}, end);
    return `${outcome} ${errorType}`.trim();
  };
  assert.equal(
    outcome((agent) => agent.streamAnswer(1, 200).streamEnd(1)),
    'ok',
  );
  assert.equal(
    outcome((agent) => agent.streamAnswer(1, 304).streamEnd(1)),
    'ok',
  );
  assert.equal(
    outcome((agent) => agent.streamAnswer(1, 404).streamEnd(1)),
    'error 404',
  );
  assert.equal(
    outcome((agent) => agent.streamAnswer(1, 200).streamEnd(1, { reset: 2 })),
    'error INTERNAL_ERROR',
  );
  assert.equal(
    outcome((agent) => agent.streamEnd(1, { reset: 8 })),
    'error CANCEL',
  );
  assert.equal(
    outcome((agent) => agent.streamEnd(1, { reset: 99 })),
    'error reset 99',
  );
  assert.equal(
    outcome((agent) => agent.streamEnd(1, { error: 'ECONNRESET' })),
    'error ECONNRESET',
  );
  assert.equal(
    outcome((agent) => agent.streamEnd(1, { isCut: true })),
    'unfinished',
  );
  assert.equal(
    outcome((agent) => agent.streamAnswer(1, 200)),
    'unfinished',
  );
});

test('how a call of gRPC ends', () => {
  const outcome = (end: (agent: AgentScene) => AgentScene, timeout = ''): string => {
    const { outcome, errorType, statement, protocol } = ended({ isGrpc: true, method: 'POST', timeout }, end);
    assert.equal(protocol, 'grpc');
    assert.equal(statement, '/a/7?q=1');
    return `${outcome} ${errorType}`.trim();
  };
  assert.equal(
    outcome((agent) => agent.streamAnswer(1).streamEnd(1, { grpcStatus: 0 })),
    'ok',
  );
  assert.equal(
    outcome((agent) => agent.streamAnswer(1).streamEnd(1, { grpcStatus: 5 })),
    'error NOT_FOUND',
  );
  assert.equal(
    outcome((agent) => agent.streamAnswer(1).streamEnd(1, { grpcStatus: 99 })),
    'error status 99',
  );
  assert.equal(
    outcome((agent) => agent.streamEnd(1, { reset: 8 })),
    'error CANCELLED',
  );
  assert.equal(
    outcome((agent) => agent.idle(90_000).streamEnd(1, { reset: 8 }), '100m'),
    'error CANCELLED',
  );
  assert.equal(
    outcome((agent) => agent.idle(99_000).streamEnd(1, { reset: 8 }), '100m'),
    'error DEADLINE_EXCEEDED',
  );
  assert.equal(
    outcome((agent) => agent.streamEnd(1, { reset: 7 })),
    'error REFUSED_STREAM',
  );
  assert.equal(
    outcome((agent) => agent.streamAnswer(1, 503).streamEnd(1)),
    'error 503',
  );
  assert.equal(
    outcome((agent) => agent.streamAnswer(1).streamEnd(1)),
    'unfinished',
  );
});

test('a timeout is a number and a unit, anything else is none', () => {
  assert.deepEqual(
    ['1H', '2M', '3S', '4m', '5u', '6n', '', '1', 'm', '123456789m', '1x', '-1m'].map(grpcDeadlineNs),
    [3.6e12, 1.2e11, 3e9, 4e6, 5000, 6, ...Array<undefined>(6).fill(undefined)],
  );
});

test('of no request, and of one that nobody can know', () => {
  const agent = new AgentScene()
    .streamStart(1, '/a', { host: 'api.example.com' })
    .streamAnswer(1)
    .streamEnd(1)
    .streamStart(2, '/b', { request: HIDDEN_REQUEST })
    .streamAnswer(2)
    .streamEnd(2);
  const { operations, counts } = run(agent);
  assert.deepEqual(
    operations.map(({ attribution, category }) => [attribution, category]),
    [
      ['none', 'ext'],
      ['hidden', 'http'],
    ],
  );
  assert.equal(counts['operations.hidden'], 1);
});

test('when records are lost, streams end as unfinished, once', () => {
  const agent = new AgentScene().requestStart(1).streamStart(1, '/a', { request: 1 });
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const stream = pipeline.open();
  stream.feed(agent.bytes());
  agent.call(1, 1).lose();
  stream.feed(agent.streamAnswer(1).streamEnd(1).requestEnd(1).bytes());
  pipeline.finish();
  const { operations } = pipeline.take();
  assert.deepEqual(
    operations.map(({ outcome }) => outcome),
    ['unfinished'],
  );
});

test('ends and answers of streams that nobody knows are nothing', () => {
  const { operations } = run(new AgentScene().streamAnswer(7).streamEnd(7).requestStart(1).requestEnd(1));
  assert.deepEqual(operations, []);
});

const SPAN = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** A gateway calls a cart by a stream, and what either knows of the connection. */
function pair(
  gatewayTuple: boolean,
  cartTuple: boolean,
  traceparent: string,
): readonly [AgentScene, AgentScene] {
  const gateway = new AgentScene('gateway').open(1, { host: 'cart', port: 80 });
  if (gatewayTuple) gateway.connected(1, ['10.0.0.1', 5000], ['10.0.0.2', 80]);
  const cart = new AgentScene('cart');
  if (cartTuple) cart.accepted(4, ['10.0.0.2', 80], ['10.0.0.1', 5000]);
  gateway.requestStart(1, '/shop').busy(100);
  // An earlier stream, of which the cart never heard.
  gateway.streamStart(1, '/x', { connection: 1, request: 1, id: 1 }).streamEnd(1, { reset: 8 });
  gateway.streamStart(2, '/shop.Cart/Get', {
    connection: 1,
    request: 1,
    id: 3,
    isGrpc: true,
    method: 'POST',
    traceparent,
  });
  cart.idle(150).requestStart(1, '/shop.Cart/Get', { method: 'GRPC', connection: 4, stream: 3, traceparent });
  cart.busy(200).requestEnd(1, { route: '/shop.Cart/Get' });
  gateway.idle(300).streamAnswer(2).streamEnd(2, { grpcStatus: 0 }).requestEnd(1);
  return [gateway, cart];
}

for (const [how, agents] of [
  ['the four addresses and the number of the stream', () => pair(true, true, '')],
  ['the span id, where an address was translated', () => pair(true, false, SPAN)],
  ['either', () => pair(true, true, SPAN)],
] as const)
  for (const isReversed of [false, true])
    test(`both ends join by ${how}${isReversed ? ', whoever is heard first' : ''}`, () => {
      const scenes = agents();
      const { requests, operations } = run(...(isReversed ? scenes.toReversed() : scenes));
      const cart = requests.find(({ service }) => service === 'cart');
      const gateway = requests.find(({ service }) => service === 'gateway');
      const call = operations.find(({ protocol }) => protocol === 'grpc');
      assert.ok(cart && gateway && call);
      assert.equal(cart.parentOperation, call.id);
      assert.equal(cart.traceId, gateway.traceId);
      assert.equal(call.statement, '/shop.Cart/Get');
      assert.equal(call.dependency, 'cart');
      assert.equal(gateway.categories[CategoryIndex.own], 300);
    });

test('the trace that was told is the trace, also where nobody joined', () => {
  const agent = new AgentScene()
    .requestStart(1)
    .streamStart(1, '/a', { request: 1, traceparent: SPAN })
    .streamAnswer(1)
    .streamEnd(1);
  assert.equal(run(agent.requestEnd(1)).requests[0]?.traceId, '0af7651916cd43dd8448eb211c80319c');
});
