// The whole product on a real backend: what was stored is what happened. The truth comes from the customers' own counts and
// from the database, never from wiretime.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CATEGORY_COLUMNS,
  column,
  columns,
  count,
  mapRows,
  numbersOf,
  OWN_CATEGORY_COLUMNS,
  PHASE_COLUMNS,
  sum,
  type Condition,
  type ResultTable,
} from '../../src/store/query.ts';
import { recordShop, type RecordedShop } from './recorded-shop.ts';

const PRODUCT = 'SELECT id, name, price_cents, stock FROM products WHERE id = $1';
/** What the payment provider takes at least; timers may be a millisecond early. */
const PAYMENT_MS = 119;

let shop: RecordedShop;

before(async () => {
  shop = await recordShop({ seconds: 5, rate: 50 });
});

after(() => shop.close());

/** "key key …" → number, of two or more columns of which the last is a number. */
function tally(table: ResultTable): Map<string, number> {
  const keys = table.names.slice(0, -1);
  const last = table.names.at(-1) ?? '';
  return new Map(
    mapRows(table, (row) => [keys.map((key) => row.text(key)).join(' '), row.number(last)] as const),
  );
}

function sorted(map: ReadonlyMap<string, number>): [string, number][] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : 1));
}

function asked(endpoint: string): number {
  return Object.values(shop.counts.counts[endpoint] ?? {}).reduce((total, number) => total + number, 0);
}

async function countOf(from: 'operations' | 'requests', where: readonly Condition[]): Promise<number> {
  const table = await shop.store.ask({ from, select: { n: count() }, where });
  return numbersOf(table, 'n')[0] ?? 0;
}

function is(name: string, value: string | number): Condition {
  return { column: name, is: value };
}

/** The carts that were loaded, each as often as it was, by its number of lines. */
function loadedLines(): number[] {
  return Object.entries(shop.counts.cartLoads)
    .flatMap(([cart, loads]) => Array.from({ length: loads }, () => shop.cartLines.get(cart) ?? 0))
    .sort((left, right) => left - right);
}

test('every request of every customer is stored, with its status', async () => {
  const expected = new Map(
    Object.entries(shop.counts.counts).flatMap(([endpoint, statuses]) =>
      Object.entries(statuses).map(([status, number]) => [`${endpoint} ${status}`, number] as const),
    ),
  );
  const stored = await shop.store.ask({
    from: 'requests',
    select: { ...columns('method', 'route', 'status'), n: count() },
    where: [is('service', 'gateway')],
  });
  assert.ok(shop.counts.sent > 100, 'the customers came');
  assert.equal(shop.counts.unanswered, 0);
  assert.deepEqual(sorted(tally(stored)), sorted(expected));
});

test('the report says the same', () => {
  const gateway = shop.report.endpoints.filter(({ service }) => service === 'gateway');
  const reported = new Map(
    gateway.map(({ method, route, requests }) => [`${method} ${route}`, requests] as const),
  );
  const expected = new Map(
    Object.keys(shop.counts.counts).map((endpoint) => [endpoint, asked(endpoint)] as const),
  );
  assert.deepEqual(sorted(reported), sorted(expected));
});

test('every request of gateway to cart is joined to the one that cart saw', async () => {
  const loads = asked('GET /api/cart/:id') + asked('POST /api/checkout');
  const expected = [
    ['GET /carts/:id', loads],
    ['GET /carts/:id/summary', asked('GET /api/orders')],
    ['POST /carts/:id/items', asked('POST /api/cart/:id/items')],
  ];
  const stored = await shop.store.ask({
    from: 'requests',
    select: { ...columns('method', 'route'), n: count() },
    where: [is('service', 'cart'), { column: 'parentOperation', from: 1 }],
  });
  assert.deepEqual(sorted(tally(stored)), expected);
});

/** The queries of each single request that asked for this statement, fewest first. */
async function queriesPerRequest(statement: string): Promise<number[]> {
  const stored = await shop.store.ask({
    from: 'operations',
    select: { request: column('request'), n: count() },
    where: [is('service', 'cart'), is('statement', statement)],
  });
  return [...numbersOf(stored, 'n')].sort((left, right) => left - right);
}

test('each single request for a cart has as many queries as that cart has lines', async () => {
  // With three connections for everybody, operations that were given to the wrong request would show here.
  assert.deepEqual(await queriesPerRequest(PRODUCT), loadedLines());
});

test('and one query for the cart and one for its lines', async () => {
  const once = loadedLines().map(() => 1);
  assert.deepEqual(
    await queriesPerRequest('SELECT product_id, qty FROM cart_items WHERE cart_id = $1'),
    once,
  );
});

test('each query of the loop is stored, with its place in the code', async () => {
  const stored = await shop.store.ask({
    from: 'operations',
    select: { ...columns('callSite'), n: count() },
    where: [is('statement', PRODUCT)],
  });
  const [[place, queries] = ['', 0], ...others] = tally(stored);
  assert.deepEqual(others, []);
  assert.match(place, /\/cart\/src\/routes\/carts\.js:41:\d+$/);
  assert.equal(
    queries,
    loadedLines().reduce((total, lines) => total + lines, 0),
  );
});

test('a session is read once per request that needs one, and once more for a product', async () => {
  const withoutSession = asked('GET /api/search') + asked('GET /healthz') + asked('POST /api/login');
  const reads = await countOf('operations', [is('protocol', 'redis'), is('statement', 'GET sess:?')]);
  assert.equal(reads, shop.counts.sent - withoutSession + asked('GET /api/products/:id'));
});

test('each payment opens a connection and is encrypted', async () => {
  const stored = await shop.store.ask({
    from: 'operations',
    select: columns('category', 'dependency', 'nthOnConnection', 'phases.tls'),
    where: [is('statement', 'POST /v1/charges')],
  });
  assert.equal(stored.rowCount, asked('POST /api/checkout'));
  for (const payment of mapRows(stored, (row) => ({
    category: row.text('category'),
    host: row.text('dependency').split(':')[0],
    nth: row.number('nthOnConnection'),
    isEncrypted: row.number('phases.tls') > 0,
  })))
    assert.deepEqual(payment, { category: 'ext', host: 'payments.example', nth: 1, isEncrypted: true });
});

test('every operation belongs to a request, but for what drivers do on their own at the start', async () => {
  const stored = await shop.store.ask({
    from: 'operations',
    select: { ...columns('service', 'protocol', 'role', 'attribution'), n: count() },
  });
  const foreign = [...tally(stored).keys()].filter((key) => !key.endsWith(' request'));
  assert.deepEqual(foreign, ['gateway redis setup none']);
});

test('operations of a request have their place in the shop’s own code', async () => {
  const stored = await shop.store.ask({
    from: 'operations',
    select: { ...columns('statement', 'callSite'), n: count() },
    where: [is('attribution', 'request')],
  });
  const places = [...tally(stored)];
  const unknown = places.filter(([place]) => place.endsWith(' '));
  for (const [place] of places.filter((each) => !unknown.includes(each)))
    assert.match(place, / examples\/shop\/(gateway|cart)\/src\/[a-z/]+\.js:\d+:\d+$/);
  // Stacks are looked at within a budget: a call before the first look at its like has none.
  const total = (list: typeof places): number => list.reduce((sum, [, n]) => sum + n, 0);
  assert.ok(total(unknown) < total(places) * 0.03, `unknown: ${JSON.stringify(unknown)}`);
});

test('no operation is lost or unfinished', async () => {
  const { coverage } = shop.report;
  assert.equal(coverage.operations, coverage.attributed + coverage.noRequest + coverage.notVisible);
  assert.equal(coverage.notVisible, 0);
  assert.equal(coverage.dropped, 0);
  assert.equal(await countOf('operations', [is('outcome', 'unfinished')]), 0);
});

test('no endpoint began to answer later than its customers had the answer', async () => {
  const stored = await shop.store.ask({
    from: 'requests',
    select: { ...columns('method', 'route'), us: sum('firstByteUs') },
    where: [is('service', 'gateway')],
  });
  for (const [endpoint, us] of tally(stored)) {
    const waitedMs = shop.counts.latencyMs[endpoint]?.total ?? 0;
    assert.ok(us > 0 && us / 1000 <= waitedMs, `${endpoint}: stored ${us / 1000} ms, waited ${waitedMs} ms`);
  }
});

test('a payment waited for the provider at least as long as the provider took', async () => {
  const stored = await shop.store.ask({
    from: 'operations',
    select: columns('phases.wait', 'exclusiveUs'),
    where: [is('statement', 'POST /v1/charges')],
  });
  for (const column of ['phases.wait', 'exclusiveUs'])
    for (const us of numbersOf(stored, column)) assert.ok(us >= PAYMENT_MS * 1000, `${column} ${us}`);
});

test('every microsecond of a request has one category', async () => {
  const stored = await shop.store.ask({
    from: 'requests',
    select: columns('durationUs', ...CATEGORY_COLUMNS, ...OWN_CATEGORY_COLUMNS),
  });
  assert.ok(stored.rowCount > 100);
  for (const row of mapRows(stored, ({ number }) => ({
    duration: number('durationUs'),
    whole: CATEGORY_COLUMNS.reduce((total, name) => total + number(name), 0),
    own: OWN_CATEGORY_COLUMNS.reduce((total, name) => total + number(name), 0),
  })))
    assert.deepEqual([row.whole, row.own], [row.duration, row.duration]);
});

test('the phases of an operation are its duration', async () => {
  const stored = await shop.store.ask({
    from: 'operations',
    select: columns('durationUs', ...PHASE_COLUMNS),
  });
  assert.ok(stored.rowCount > 1000);
  for (const [duration, phases] of mapRows(
    stored,
    ({ number }) =>
      [number('durationUs'), PHASE_COLUMNS.reduce((total, name) => total + number(name), 0)] as const,
  ))
    assert.equal(phases, duration);
});

test('the sums over all traffic are the sums of the single operations', async () => {
  const select = { ...columns('service', 'statement') };
  const where = [is('attribution', 'request')];
  const single = await shop.store.ask({
    from: 'operations',
    select: { ...select, us: sum('durationUs') },
    where,
  });
  const summed = await shop.store.ask({ from: 'rollups', select: { ...select, us: sum('totalUs') }, where });
  assert.deepEqual(sorted(tally(summed)), sorted(tally(single)));
});

test('values do not reach the store', async () => {
  const stored = await shop.store.ask({
    from: 'operations',
    select: { ...columns('statement'), n: count() },
  });
  for (const statement of tally(stored).keys())
    assert.doesNotMatch(statement, /shop\.example|correct horse|sess:\d|SKU-|teapot/);
});

test('the summary names the services and where the time goes', () => {
  assert.match(shop.printed, /gateway/);
  assert.match(shop.printed, /Where the time goes/);
});

test('what to change is found where it is', () => {
  const found = shop.report.findings.map(({ kind, callSite }) => `${kind} ${callSite}`);
  const expected = [
    /^n-plus-one .*cart\/src\/routes\/carts\.js:41$/,
    /^duplicate-call .*gateway\/src\/middleware\/flags\.js:9$/,
  ];
  for (const each of expected)
    assert.ok(
      found.some((one) => each.test(one)),
      `${each} in ${found.join(', ')}`,
    );
  const loop = shop.report.findings.find(({ kind }) => kind === 'n-plus-one');
  assert.match(loop?.title ?? '', /^One query per row of cart_items: 1\d per request$/);
  assert.equal(loop?.effects[0]?.route, '/api/cart/:id');
});
