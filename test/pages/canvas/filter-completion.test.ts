import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { suggestions } from '../../../src/ui/state/filter-completion.ts';

const ENDPOINTS = [
  { service: 'gateway', method: 'GET', route: '/api/cart/:id' },
  { service: 'cart', method: 'POST', route: '/carts' },
];
const place = (text: string, category: 'db' | 'ext') => ({
  text,
  service: 'cart',
  category,
  calls: 1,
  endpoint: undefined,
});
const KNOWN = {
  endpoints: ENDPOINTS,
  dependencies: [place('Postgres', 'db'), place('payments.example', 'ext')],
  callSites: [place('cart/src/routes/carts.js:41:18', 'db')],
};
const texts = (text: string, caret = text.length) => suggestions(text, caret, KNOWN).map((each) => each.text);

test('keys first, then the values that there are', () => {
  deepEqual(texts('du'), ['duration:']);
  deepEqual(texts('service:'), ['service:gateway ', 'service:cart ']);
  deepEqual(texts('error:yes st'), ['status:']);
  deepEqual(texts('endpoint:"GET /a'), ['endpoint:"GET /api/cart/:id" ']);
  deepEqual(texts('category:po'), ['category:pool ']);
  deepEqual(texts('db:'), ['db:Postgres ']);
  deepEqual(texts('host:'), ['host:Postgres ', 'host:payments.example ']);
  deepEqual(texts('file:carts'), ['file:cart/src/routes/carts.js:41 ']);
  deepEqual(texts('nothing:'), []);
});

test('a suggestion replaces the word at the caret and keeps the rest', () => {
  const [first] = suggestions('ser status:5xx', 3, KNOWN);
  deepEqual([first?.result, first?.caret], ['service: status:5xx', 8]);
  const [second] = suggestions('status:5xx endpoint:post', 24, KNOWN);
  equal(second?.result, 'status:5xx endpoint:"POST /carts" ');
});

test('a value that is complete is not suggested again', () => deepEqual(texts('service:cart'), []));
