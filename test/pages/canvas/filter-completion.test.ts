import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { suggestions } from '../../../src/ui/state/filter-completion.ts';

const ENDPOINTS = [
  { service: 'gateway', method: 'GET', route: '/api/cart/:id' },
  { service: 'cart', method: 'POST', route: '/carts' },
];
const texts = (text: string, caret = text.length) =>
  suggestions(text, caret, ENDPOINTS).map((each) => each.text);

test('keys first, then the values that there are', () => {
  deepEqual(texts('du'), ['duration:']);
  deepEqual(texts('service:'), ['service:gateway ', 'service:cart ']);
  deepEqual(texts('error:yes st'), ['status:']);
  deepEqual(texts('endpoint:"GET /a'), ['endpoint:"GET /api/cart/:id" ']);
  deepEqual(texts('category:po'), ['category:pool ']);
  deepEqual(texts('nothing:'), []);
});

test('a suggestion replaces the word at the caret and keeps the rest', () => {
  const [first] = suggestions('ser status:5xx', 3, ENDPOINTS);
  deepEqual([first?.result, first?.caret], ['service: status:5xx', 8]);
  const [second] = suggestions('status:5xx endpoint:post', 24, ENDPOINTS);
  equal(second?.result, 'status:5xx endpoint:"POST /carts" ');
});

test('a value that is complete is not suggested again', () => deepEqual(texts('service:cart'), []));
