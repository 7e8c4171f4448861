import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CATEGORIES, type CategoryKey } from '../../model/category.ts';
import { tailOf, type SpentPlace } from './tail-of.ts';

const vector = (us: Partial<Record<CategoryKey, number>>): number[] =>
  CATEGORIES.map(({ key }) => us[key] ?? 0);

const call = (name: string, calls: number, us: Partial<Record<CategoryKey, number>>): SpentPlace => ({
  kind: 'call',
  name,
  service: 'cart',
  category: 'db',
  dependency: 'Postgres',
  callSite: '/app/cart.js:9:1',
  calls,
  self: vector(us),
});

const own = (us: number): SpentPlace => ({
  kind: 'request',
  name: 'GET /cart/:id',
  service: 'cart',
  category: 'http',
  dependency: '',
  callSite: '',
  calls: 1,
  self: vector({ own: us }),
});

const ITEM = 'SELECT name, price FROM items WHERE id = $1';
const requests = (count: number, at: (index: number) => SpentPlace[]) =>
  Array.from({ length: count }, (_, index) => at(index));
const typical = requests(100, (index) => [own(500 + (index % 3)), call(ITEM, 5, { db: 5000 })]);

/** Title, reason. */
const told = (slow: SpentPlace[][]) =>
  tailOf(typical, slow)?.parts.map(({ title, why }) => [title, why.replaceAll(/\s/g, ' ')]);

test('more calls, longer calls, and what others do not do', () => {
  assert.deepEqual(told(requests(40, () => [own(500), call(ITEM, 20, { db: 20_000 })])), [
    ['SELECT … FROM items WHERE id = $1', '20.0 calls instead of 5.00'],
  ]);
  assert.deepEqual(told(requests(40, () => [own(500), call(ITEM, 5, { db: 40_000 })])), [
    ['SELECT … FROM items WHERE id = $1', '8.00 ms each instead of 1.00 ms'],
  ]);
  const opening = requests(40, (index) => [
    own(500),
    call(ITEM, 5, { db: 5000, conn: index % 2 === 0 ? 30_000 : 0 }),
  ]);
  assert.deepEqual(told(opening), [
    ['opening connections to Postgres', 'in 50% of slow requests, in no typical one'],
  ]);
  assert.deepEqual(told(requests(40, () => [own(9000), call(ITEM, 5, { db: 5000 })])), [
    ['own code of cart', '9.00 ms instead of 501 µs'],
  ]);
  assert.deepEqual(told(requests(40, () => [own(500), call(ITEM, 10, { db: 40_000 })])), [
    ['SELECT … FROM items WHERE id = $1', '10.0 calls instead of 5.00, and 4.00 ms each instead of 1.00 ms'],
  ]);
});

test('parts and the rest add up, small ones and those that may be chance are the rest', () => {
  const slow = requests(40, (index) => [
    own(800),
    call(ITEM, 20, { db: 20_000 }),
    call('SELECT rare', index === 0 ? 1 : 0, { db: index === 0 ? 200_000 : 0 }),
  ]);
  const tail = tailOf(typical, slow);
  assert.deepEqual(
    tail?.parts.map(({ name }) => name),
    [ITEM],
  );
  const told = tail?.parts.reduce((us, part) => us + part.us, 0) ?? 0;
  assert.ok(Math.abs(told + (tail?.restUs ?? 0) - (tail?.slowUs ?? 0) + (tail?.typicalUs ?? 0)) < 1e-6);
  assert.ok((tail?.restUs ?? 0) > 5000);
});

test('nothing is said of few requests, or of slow ones that are as fast', () => {
  assert.equal(
    tailOf(
      typical,
      requests(9, () => [own(90_000)]),
    ),
    undefined,
  );
  assert.equal(tailOf(typical, typical.slice(0, 40)), undefined);
});
