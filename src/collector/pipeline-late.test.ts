// A collector that comes later than the agent: connections and requests whose beginning nobody has told of.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentScene } from '../../test/agent-scene.ts';
import { GET, run, VALUE } from '../../test/pipeline-run.ts';
import { PhaseIndex } from '../model/row.ts';
import { OpenFlag } from '../record/layout.ts';

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
