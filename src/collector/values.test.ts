// From records to rows: which questions asked with a value of an earlier answer.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentScene } from '../../test/agent-scene.ts';
import { Pipeline } from './pipeline.ts';

const get = (key: string): string => `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`;
const value = (text: string): string => `$${text.length}\r\n${text}\r\n`;

/** Each request asks who somebody is, and then for a cart. */
function needed(cartOf: (person: number, cart: number) => number): unknown[] {
  const agent = new AgentScene().open(1, { port: 6379 });
  for (let nth = 1; nth <= 3; nth++) {
    const person = 100 + nth;
    const cart = 700 + nth;
    agent.requestStart(nth, `/people/${person}`);
    agent
      .write(1, get(`person:${person}`), nth)
      .idle(1000)
      .read(1, value(`cart=${cart}`));
    agent
      .write(1, get(`cart:${cartOf(person, cart)}`), nth)
      .idle(1000)
      .read(1, value('empty'));
    agent.requestEnd(nth);
  }
  const pipeline = new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });
  const stream = pipeline.open();
  stream.feed(agent.bytes());
  stream.end();
  pipeline.finish();
  return pipeline
    .take()
    .operations.filter(({ statement }) => statement === 'GET cart:?')
    .map(({ needsAnswer }) => needsAnswer);
}

test('with a value of an answer, with one that the request came with', () => {
  assert.deepEqual(
    needed((_, cart) => cart),
    [undefined, true, true],
  );
  assert.deepEqual(
    needed((person) => person),
    [undefined, false, false],
  );
});
