// The shop without its faults: what wiretime shows changes as the shop did.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { columns, count, mapRows, max, numbersOf } from '../../src/store/query.ts';
import { recordShop, type RecordedShop } from './recorded-shop.ts';

let shop: RecordedShop;

before(async () => {
  const fixed = ['cart-loop', 'payment-connections', 'search', 'duplicate-session'];
  shop = await recordShop({ seconds: 4, rate: 40, fixed });
});

after(() => shop.close());

async function countOf(statement: string): Promise<number> {
  const where = [{ column: 'statement', is: statement }];
  const stored = await shop.store.ask({ from: 'operations', select: { n: count() }, where });
  return numbersOf(stored, 'n')[0] ?? 0;
}

function asked(endpoint: string): number {
  return Object.values(shop.counts.counts[endpoint] ?? {}).reduce((total, number) => total + number, 0);
}

test('one query for all lines of a cart', async () => {
  const loads = asked('GET /api/cart/:id') + asked('POST /api/checkout');
  assert.ok(loads > 0);
  assert.equal(await countOf('SELECT id, name, price_cents, stock FROM products WHERE id = ANY($1)'), loads);
  assert.equal(await countOf('SELECT id, name, price_cents, stock FROM products WHERE id = $1'), 0);
});

test('payments share connections', async () => {
  const stored = await shop.store.ask({
    from: 'operations',
    select: { ...columns('connection'), last: max('nthOnConnection'), n: count() },
    where: [{ column: 'statement', is: 'POST /v1/charges' }],
  });
  const connections = mapRows(stored, ({ number }) => [number('last'), number('n')] as const);
  assert.ok(connections.length > 0 && connections.length < asked('POST /api/checkout'));
  for (const [last, calls] of connections) assert.equal(last, calls);
});

test('search asks the index', async () => {
  const indexed = 'SELECT id, name, price_cents FROM products WHERE words @@ plainto_tsquery(?, $1) LIMIT $2';
  assert.equal(await countOf(indexed), asked('GET /api/search'));
});

test('a session is read once', async () => {
  const withoutSession = asked('GET /api/search') + asked('GET /healthz') + asked('POST /api/login');
  assert.equal(await countOf('GET sess:?'), shop.counts.sent - withoutSession);
});

test('what was mended is not found', () => {
  const mended = new Set(['n-plus-one', 'duplicate-call', 'tls-per-call']);
  assert.deepEqual(
    shop.report.findings.filter(({ kind }) => mended.has(kind)).map(({ title }) => title),
    [],
  );
});
