import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { SearchAnswer } from '../../../src/answer/api.ts';
import { sampleFindings } from '../../cli/sample-findings.ts';
import { searchResults } from '../../../src/ui/state/search-results.ts';

const CART = { service: 'cart', method: 'GET', route: '/carts/:id' };
const place = (text: string) => ({
  text,
  service: 'cart',
  category: 'db' as const,
  calls: 20_400,
  endpoint: CART,
});
const ALL: SearchAnswer = {
  endpoints: [
    ...Array.from({ length: 9 }, (_, index) => ({
      service: 'gateway',
      method: 'GET',
      route: `/r${index}`,
      requests: 1,
      p95Us: 1000,
    })),
    { ...CART, requests: 4, p95Us: undefined },
  ],
  statements: [place('SELECT a FROM carts WHERE id = $1'), place('GET sess:?')],
  callSites: [place('cart/src/carts.js:41:18')],
  dependencies: [place('Postgres')],
};
const found = (typed: string) =>
  searchResults(ALL, [], typed, ({ route }) => `/endpoint${route}`).map(
    ({ group, text }) => `${group}: ${text}`,
  );

test('all words must be there, in any of the groups', () => {
  deepEqual(found('carts'), [
    'Endpoints: /carts/:id',
    'Statements: SELECT … FROM carts WHERE id = $1',
    'Call sites: cart/src/carts.js:41:18',
  ]);
  deepEqual(found('cart postgres'), ['Dependencies: Postgres']);
  deepEqual(found('nothing at all'), []);
});

test('a group shows five, at first three', () => {
  equal(found('/r').filter((line) => line.startsWith('Endpoints')).length, 5);
  equal(found('').filter((line) => line.startsWith('Endpoints')).length, 3);
});

test('a trace id opens its trace, key:value filters', () => {
  const id = 'AB'.repeat(16);
  equal(found(id)[0], `Trace: ${id.toLowerCase()}`);
  equal(searchResults(ALL, [], 'status:5xx', () => '')[0]?.parameters['q'], 'status:5xx');
});

test('findings by what they say, their kind and their place', () => {
  const titles = (typed: string) =>
    searchResults(ALL, sampleFindings.rows, typed, () => '')
      .filter(({ group }) => group === 'Findings')
      .map(({ path }) => path);
  deepEqual(titles('n+1'), ['/finding/n-plus-one-0']);
  deepEqual(titles('login.js:31'), ['/finding/blocked-loop-2']);
  equal(titles('').length, 3);
});
