import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Operation } from '../model/operation.ts';
import { LiveRequest } from './live-request.ts';
import { ValueFlow } from './value-flow.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A request asks for an order, and then for what `next` makes of the answer; says whether the second needed it. */
function flow(
  requests: number,
  next: (answer: string, nth: number) => string,
  target = '/orders',
): boolean[] {
  const values = new ValueFlow();
  return Array.from({ length: requests }, (_, nth) => {
    const live = new LiveRequest(1, 'shop', '');
    live.request.number = 3 * nth;
    live.request.target = `${target}/${1000 + nth}`;
    values.began(live);
    const ask = (connection: number, statement: string, text: string): boolean => {
      values.asked(live, connection, bytes(text));
      const operation = Object.assign(new Operation(), { request: live.request.number, statement });
      return values.needsAnswer(operation, connection);
    };
    ask(1, 'SELECT customer FROM orders', `SELECT customer FROM orders WHERE id = ${1000 + nth}`);
    values.answered(live, bytes(`id ${1000 + nth} customer ${7000 + nth}`));
    return ask(2, 'GET /customers/:id', next(String(7000 + nth), nth));
  });
}

test('a value of an answer that is asked with', () => {
  // Of the first nobody knows which words are always the same.
  assert.deepEqual(
    flow(3, (answer) => `GET /customers/${answer} HTTP/1.1`),
    [false, true, true],
  );
});

test('what the request came with, is always the same, or another value needs no answer', () => {
  assert.deepEqual(
    flow(3, (_, nth) => `GET /customers/${1000 + nth} HTTP/1.1`),
    [false, false, false],
  );
  assert.deepEqual(
    flow(3, () => 'GET /customers/7001 HTTP/1.1'),
    [false, false, false],
  );
  assert.deepEqual(
    flow(3, (_, nth) => `GET /customers/${500 + nth}`),
    [false, false, false],
  );
});

test('of two requests out of three nothing is kept, and of no operation without its question', () => {
  const values = new ValueFlow();
  const live = new LiveRequest(1, 'shop', '');
  live.request.number = 4;
  values.began(live);
  values.asked(live, 1, bytes('GET /a'));
  values.answered(undefined, bytes('x'));
  assert.equal(values.needsAnswer(Object.assign(new Operation(), { request: 4 }), 1), false);
  assert.equal(values.needsAnswer(new Operation(), 9), false);
});
