// Records that were lost: what was open ends as unfinished, and nothing is taken for something else.

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
import { GET, newPipeline, played, VALUE } from '../../test/pipeline-run.ts';

test('lost batches: what was open ends as unfinished, and what comes after is decoded again', () => {
  const agent = new AgentScene().open(1, { port: 6379 }).requestStart(1).write(1, GET, 1);
  const before = agent.bytes();
  agent.idle(10).read(1, VALUE).lose().read(1, VALUE).idle(5000);
  agent.write(1, GET, 1).idle(50).read(1, VALUE).requestEnd(1);
  const { operations, counts } = played([before, agent.bytes()]);
  assert.deepEqual(operations.map((row) => row.outcome).toSorted(), ['ok', 'unfinished']);
  assert.equal(counts['batches.lost'], 1);
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
  const { requests, operations, counts } = played([before, agent.bytes()]);
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
  const count = (name: string): number => counts[`decode.redis.${name}`] ?? 0;
  assert.equal(count('skippedBytes'), 2 * GET.length + 2 * VALUE.length + '-WRONGTYPE\r\n'.length);
  assert.equal(count('bytes'), count('decodedBytes') + count('skippedBytes'));
});

test('a request that ran while records were lost is not kept, and its operations are those of none', () => {
  const agent = new AgentScene().open(1, { port: 6379 }).requestStart(1, '/lossy');
  agent.write(1, GET, 1).idle(10).read(1, VALUE);
  const before = agent.bytes();
  agent.write(1, GET, 1).idle(10).read(1, VALUE).lose().read(1, VALUE).idle(5000);
  agent.requestEnd(1).requestStart(2, '/whole').write(1, GET, 2).idle(10).read(1, VALUE).requestEnd(2);
  const { requests, operations, counts } = played([before, agent.bytes()]);
  assert.deepEqual(
    requests.map(({ route, operationCount }) => [route, operationCount]),
    [['/whole', 1]],
  );
  assert.deepEqual(operations.map(({ request }) => request > 0).toSorted(), [false, true]);
  assert.equal(counts['requests.unfinished'], 1);
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
  const pipeline = newPipeline();
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
  const { requests } = played([client.bytes()], [before, server.bytes()]);
  assert.deepEqual(
    requests.filter(({ service }) => service === 'back').map(({ parentOperation }) => parentOperation),
    [0],
  );
});
