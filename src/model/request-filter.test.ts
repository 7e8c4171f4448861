import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLike, matchesText, parseFilter, quotedValue, type FilterTerm } from './request-filter.ts';

const CASES: readonly (readonly [string, readonly FilterTerm[]])[] = [
  ['', []],
  ['service:cart', [{ kind: 'text', key: 'service', patterns: ['cart'] }]],
  ['service:cart,gateway', [{ kind: 'text', key: 'service', patterns: ['cart', 'gateway'] }]],
  ['endpoint:"GET /a b"', [{ kind: 'text', key: 'endpoint', patterns: ['GET /a b'] }]],
  ['checkout', [{ kind: 'text', key: 'any', patterns: ['checkout'] }]],
  ['"two words"', [{ kind: 'text', key: 'any', patterns: ['two words'] }]],
  ['status:5xx', [{ kind: 'number', key: 'status', from: 500, to: 599 }]],
  ['status:404', [{ kind: 'number', key: 'status', from: 404, to: 404 }]],
  ['status:>=400', [{ kind: 'number', key: 'status', from: 400 }]],
  ['duration:>200ms', [{ kind: 'number', key: 'duration', from: 200_001 }]],
  ['duration:<1.5s', [{ kind: 'number', key: 'duration', to: 1_499_999 }]],
  ['duration:100ms..2s', [{ kind: 'number', key: 'duration', from: 100_000, to: 2_000_000 }]],
  ['duration:250', [{ kind: 'number', key: 'duration', from: 250_000 }]],
  ['calls:>20', [{ kind: 'number', key: 'calls', from: 21 }]],
  ['error:yes', [{ kind: 'error', isError: true }]],
  ['category:pool', [{ kind: 'category', category: 'pool' }]],
  ['db:Postgres,Redis', [{ kind: 'operation', key: 'db', patterns: ['Postgres', 'Redis'] }]],
  ['file:carts.js:41', [{ kind: 'operation', key: 'file', patterns: ['carts.js:41'] }]],
  ['trace:4BF9', [{ kind: 'trace', id: '4bf9' }]],
  [
    'service:cart  duration:>1s',
    [
      { kind: 'text', key: 'service', patterns: ['cart'] },
      { kind: 'number', key: 'duration', from: 1_000_001 },
    ],
  ],
];

for (const [text, terms] of CASES)
  test(`filter: ${text}`, () => deepEqual(parseFilter(text), { terms, problems: [] }));

test('what is not understood is said, and the rest still holds', () => {
  for (const [text, said] of [
    ['colour:red', /no colour: to filter by/],
    ['duration:soon', /duration: is like/],
    ['calls:5ms', /calls: is like/],
    ['error:maybe', /yes or no/],
    ['category:red', /one of own, loop/],
    ['service:', /needs a value/],
  ] as const) {
    const { terms, problems } = parseFilter(`method:GET ${text}`);
    equal(terms.length, 1, text);
    ok(said.test(problems[0] ?? ''), problems[0]);
  }
});

test('anything that can be typed is read', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void parseFilter(text)));
});

test('a star is anything, and a hostile pattern takes no time', () => {
  ok(isLike('/cart/*', '/cart/:id'));
  ok(isLike('*', ''));
  ok(!isLike('/cart', '/cart/:id'));
  ok(isLike('GET *items', 'get /cart/:id/items'));
  ok(!isLike(`${'*a'.repeat(1000)}b`, 'a'.repeat(2000)));
});

test('a value that was quoted is found again', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (route) => {
      const [term] = parseFilter(`endpoint:${quotedValue(route)}`).terms;
      if (route.trim() === '' || /[,]/.test(route) || route.length > 900) return;
      ok(term?.kind === 'text' && matchesText(term, { service: 's', method: 'GET', route }), route);
    }),
  );
});
