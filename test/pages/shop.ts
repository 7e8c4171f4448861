// A hand-written recording of a small shop: 15 minutes, three services. In: nothing. Out: the answers over it.
// Every number is made from the table below; whole µs, so that parts add up exactly.

import type {
  CategoryTotal,
  Coverage,
  DependencyRow,
  EndpointRow,
  HomeAnswer,
  StatusAnswer,
  TraceAnswer,
  TraceListRow,
  Window,
} from '../../src/answer/api.ts';
import { CATEGORIES } from '../../src/model/category.ts';
import { parseFilter } from '../../src/model/request-filter.ts';
import type { Answers } from '../../src/answer/answers.ts';
import type { TracesFilter } from '../../src/answer/traces/traces.ts';
import { sampleFindings } from '../cli/sample-findings.ts';
import { findingDesk } from './shop-findings.ts';
import { shopPages } from './shop-pages.ts';
import { buildTrace, type Call, type RequestBuilder } from './trace-builder.ts';

const TO = Date.UTC(2026, 2, 4, 14, 47);
const WINDOW: Window = { from: TO - 900_000, to: TO, seconds: 900 };

/** service, method, route, requests, errors, µs per request of each category, p50, p95, p99 in µs. */
type Line = readonly [string, string, string, number, number, readonly number[], number, number, number];
const LINES: readonly Line[] = [
  [
    'gateway',
    'GET',
    '/api/cart/:id',
    14686,
    0,
    [13540, 8590, 13140, 940, 63580, 980, 15220, 0, 0, 0],
    101130,
    237210,
    349380,
  ],
  [
    'gateway',
    'POST',
    '/api/checkout',
    1390,
    19,
    [14040, 14030, 10900, 88410, 79640, 1470, 14930, 186890, 0, 0],
    390590,
    574200,
    855690,
  ],
  [
    'gateway',
    'GET',
    '/api/products',
    7719,
    0,
    [8600, 6790, 0, 20, 39210, 490, 0, 0, 0, 0],
    49890,
    104060,
    130850,
  ],
  [
    'gateway',
    'GET',
    '/api/search',
    1544,
    0,
    [4100, 6200, 0, 10, 252000, 480, 0, 0, 0, 0],
    241000,
    477000,
    635000,
  ],
  [
    'gateway',
    'POST',
    '/api/cart/:id/items',
    4560,
    0,
    [5400, 4800, 700, 40, 13200, 520, 1600, 0, 0, 0],
    21700,
    66300,
    92600,
  ],
  [
    'gateway',
    'GET',
    '/api/products/:id',
    13980,
    0,
    [1760, 4060, 0, 10, 320, 1490, 0, 0, 0, 0],
    3590,
    32800,
    75800,
  ],
  [
    'gateway',
    'GET',
    '/api/orders',
    2040,
    0,
    [5400, 6900, 300, 900, 22600, 1100, 2100, 0, 0, 0],
    33100,
    87200,
    119000,
  ],
  [
    'gateway',
    'POST',
    '/api/login',
    900,
    0,
    [62000, 10200, 0, 10, 2300, 1300, 0, 0, 0, 0],
    76000,
    109000,
    151000,
  ],
  ['gateway', 'GET', '/healthz', 937, 0, [220, 1500, 0, 0, 0, 0, 0, 0, 0, 0], 250, 6460, 47300],
  [
    'cart',
    'GET',
    '/carts/:id',
    14686,
    0,
    [6200, 2400, 13140, 100, 60100, 0, 0, 0, 0, 0],
    70130,
    180210,
    260380,
  ],
];

function endpointRow([
  service,
  method,
  route,
  requests,
  errors,
  each,
  p50Us,
  p95Us,
  p99Us,
]: Line): EndpointRow {
  const perRequest = each.reduce((sum, us) => sum + us, 0);
  return {
    service,
    method,
    route,
    isEntry: service === 'gateway',
    requests,
    errors,
    duration: {
      meanUs: perRequest,
      p50Us,
      p95Us,
      p99Us: requests < 950 ? undefined : p99Us,
      maxUs: p99Us * 2,
    },
    totalUs: perRequest * requests,
    categories: each.map((us) => us * requests),
    spark: Array.from({ length: 30 }, (_, slot) =>
      slot === 7 ? -1 : p95Us * (1 + 0.2 * Math.sin(slot * 1.7)),
    ),
  };
}

function dependency(
  name: string,
  protocol: DependencyRow['protocol'],
  category: DependencyRow['category'],
  numbers: readonly number[],
): DependencyRow {
  const [calls = 0, p50Us = 0, p95Us = 0, poolUs = 0, setupUs = 0, wireUs = 0, newConnections = 0] = numbers;
  return {
    name,
    protocol,
    category,
    calls,
    errors: 0,
    p50Us,
    p95Us,
    poolUs,
    setupUs,
    wireUs,
    totalUs: poolUs + setupUs + wireUs,
    newConnections,
  };
}

const COVERAGE: Coverage = {
  requests: 47_756,
  operations: 480_531,
  attributed: 478_129,
  noRequest: 1_921,
  notVisible: 481,
  dropped: 0,
  resyncs: 0,
  notVisibleNames: ['pg-native'],
  unseenShare: 0.012,
  coreWaits: [],
  toldCpu: [],
  ownCode: [],
};

export function shopHome(): HomeAnswer {
  const endpoints = LINES.map(endpointRow);
  const entries = endpoints.filter(({ isEntry }) => isEntry);
  const sums = CATEGORIES.map((_, index) =>
    entries.reduce((sum, { categories }) => sum + (categories[index] ?? 0), 0),
  );
  const totalUs = sums.reduce((sum, us) => sum + us, 0);
  const categories: readonly CategoryTotal[] = CATEGORIES.map(({ key }, index) => ({
    key,
    us: sums[index] ?? 0,
    share: (sums[index] ?? 0) / totalUs,
  }));
  const dbShare = Math.round((categories[4]?.share ?? 0) * 100);
  return {
    project: 'shop',
    window: WINDOW,
    services: ['gateway', 'cart', 'pricing'].map((name) => ({
      name,
      runtime: 'node',
      version: '20.20.0',
      instances: 1,
      requests: 1,
    })),
    sentence: [
      { text: 'Your backend spends ' },
      { text: `${dbShare}% of its time in the database`, isStrong: true, swatch: 'db' },
      { text: ', spread over 23 operations.' },
    ],
    second: [{ text: 'Based on 47\u202f756 requests in 15 minutes, every one measured.' }],
    requests: entries.reduce((sum, { requests }) => sum + requests, 0),
    totalUs,
    duration: { meanUs: 73_000, p50Us: 46_200, p95Us: 272_000, p99Us: 452_000, maxUs: 2_100_000 },
    categories,
    endpoints,
    dependencies: [
      dependency(
        'Postgres',
        'postgres',
        'db',
        [369_675, 3240, 11_500, 211_454_000, 900_000, 1_906_000_000, 79],
      ),
      dependency(
        'payments.example',
        'http',
        'ext',
        [1390, 175_000, 264_000, 0, 122_000_000, 259_771_000, 1390],
      ),
      dependency('Redis', 'redis', 'cache', [109_440, 488, 805, 0, 26_600_000, 46_394_000, 18_126]),
    ],
    coverage: COVERAGE,
    findings: {
      ...sampleFindings,
      rows: sampleFindings.rows.map((row) => ({ ...row, exampleTrace: CART_ID })),
    },
  };
}

const PRODUCT: Omit<Call, 'waitUs'> = {
  category: 'db',
  statement: 'SELECT id, name, price_cents, stock FROM products WHERE id = $1',
  callSite: 'cart/src/routes/carts.js:41:18',
  dependency: 'Postgres',
};
const query = (statement: string, callSite: string, waitUs: number): Call => ({
  category: 'db',
  statement,
  callSite,
  waitUs,
  dependency: 'Postgres',
});
const redis = (statement: string, callSite: string, waitUs: number): Call => ({
  category: 'cache',
  statement,
  callSite,
  waitUs,
  dependency: 'Redis',
});

function cart(request: RequestBuilder): void {
  request
    .own(700)
    .call(query('SELECT id, user_id FROM carts WHERE id = $1', 'cart/src/routes/carts.js:29:20', 1330))
    .own(120);
  request
    .call(
      query(
        'SELECT product_id, quantity FROM cart_items WHERE cart_id = $1',
        'cart/src/routes/carts.js:33:21',
        2370,
      ),
    )
    .own(80);
  for (let item = 0; item < 24; item++) {
    request.call({
      ...PRODUCT,
      waitUs: 2500 + ((item * 733) % 2900),
      poolUs: item > 12 ? (item - 11) * 520 : 0,
      connection: 1 + (item % 3),
    });
    request.own(item % 9 === 4 ? 900 : 140, item % 9 === 4 ? 'loop' : 'own');
  }
  request.own(2400);
}

export const CART_ID = 'e694d33ea7fa0b1c2d3e4f5061728394';
export const REINDEX_ID = 'a91c04f7be3d52108e67a91c04f7be3d';

export function cartTrace(): TraceAnswer {
  const sentence = [
    { text: '24 product queries, one after the other', isStrong: true, swatch: 'db' },
    { text: ', take ' },
    { text: 'most of it', isStrong: true },
    { text: '.' },
  ] as const;
  const head = {
    id: CART_ID,
    at: TO - 412_000,
    service: 'gateway',
    method: 'GET',
    route: '/api/cart/:id',
    sentence,
  };
  const trace = buildTrace(head, (request) => {
    request
      .own(900)
      .call(redis('GET sess:?', 'gateway/src/middleware/session.js:18:9', 285))
      .own(600, 'loop')
      .own(400);
    request.callee({
      service: 'cart',
      method: 'GET',
      route: '/carts/:id',
      callSite: 'gateway/src/routes/cart.js:22:14',
      networkUs: 420,
      body: cart,
    });
    request.own(1300);
    request.parallel(
      query('SELECT street, zip FROM addresses WHERE user_id = $1', 'cart/src/routes/carts.js:35:9', 3260),
    );
    request.parallel({ ...redis('MGET stock:?', 'gateway/src/routes/cart.js:30:9', 621), errorType: 'ERR' });
    request.callee({
      service: 'pricing',
      method: 'POST',
      route: '/quote',
      callSite: 'gateway/src/routes/cart.js:34:18',
      networkUs: 20_300,
      body: (quote) => {
        quote
          .own(1800)
          .call(
            query(
              'SELECT sku, kind, value FROM price_rules WHERE region = $1 AND active',
              'pricing/app.py:52',
              2860,
            ),
          )
          .own(300);
        quote.call({ ...redis('GET tax:?', 'pricing/app.py:61', 400), connectUs: 840 }).own(2700);
      },
    });
    request.own(2300);
  });
  return { ...trace, slower: REINDEX_ID };
}

/** More than 10 000 operations in 40 batches. */
export function reindexTrace(): TraceAnswer {
  const sentence = [
    { text: '10\u202f000 operations', isStrong: true, swatch: 'db' },
    { text: ': the same lookups repeat in each of 40 batches.' },
  ] as const;
  const head = {
    id: REINDEX_ID,
    at: TO - 380_000,
    service: 'gateway',
    method: 'POST',
    route: '/internal/reindex',
    sentence,
  };
  return buildTrace(head, (request) => {
    request.own(3000);
    for (let batch = 0; batch < 40; batch++) {
      request
        .call(
          query(
            'SELECT id, updated_at FROM products WHERE id > $1 ORDER BY id LIMIT $2',
            'gateway/src/jobs/reindex.js:18:20',
            14_000 + batch * 97,
          ),
        )
        .own(1400);
      request.callee({
        service: 'cart',
        method: 'POST',
        route: '/export',
        callSite: 'gateway/src/jobs/reindex.js:24:11',
        networkUs: 350,
        body: (inner) => exportBatch(inner, batch),
      });
      request.own(800);
    }
    request.own(6000);
  });
}

function exportBatch(request: RequestBuilder, batch: number): void {
  request.own(900);
  for (let item = 0; item < 140; item++) {
    const poolUs = batch > 14 && batch < 22 && item % 2 === 0 ? 2000 : 0;
    request
      .call({
        ...PRODUCT,
        callSite: 'cart/src/routes/export.js:31:18',
        waitUs: 1300 + ((item * 331) % 1200),
        poolUs,
      })
      .own(60);
  }
  request.own(1600);
  for (let item = 0; item < 116; item++)
    request
      .call(redis('SET product:? EX 600', 'cart/src/routes/export.js:44:9', 320 + ((item * 37) % 300)))
      .own(30);
  request.own(1100);
}

function listRow(trace: TraceAnswer): TraceListRow {
  const [root] = trace.requests;
  if (root === undefined) throw new Error('a trace has a root');
  const { service, method, route, status, isError } = root;
  return {
    traceId: trace.id,
    at: trace.at,
    service,
    method,
    route,
    status,
    isError,
    durationUs: trace.durationUs,
    categories: trace.categories,
    operations: trace.operations.length,
  };
}

export function shopStatus(isLive = true): StatusAnswer {
  const process = (service: string, pid: number) => ({
    service,
    runtime: 'node',
    version: '20.20',
    pid,
    isConnected: isLive,
    requests: 1000,
    operations: 4000,
    notVisible: [],
    problem: '',
  });
  return {
    project: 'shop',
    version: '0.1.0',
    dataFolder: '/tmp/shop/.wiretime',
    isLive,
    processes: [process('gateway', 48_213), process('cart', 48_220), process('pricing', 48_231)],
    coverage: COVERAGE,
    counters: {},
    lastRequestAt: TO,
  };
}

/** The recording; a test may replace any answer. */
export function shopAnswers(replaced: Partial<Answers> = {}): Answers {
  const traces = [cartTrace(), reindexTrace()];
  const all = [...traces.map(listRow), ...Array.from({ length: 118 }, (_, index) => quickRow(index))];
  return {
    ...findingDesk(WINDOW, traces.map(listRow)),
    ...shopPages(shopHome(), (name) => matching(all, name).slice(0, 8)),
    home: async () => shopHome(),
    findings: async () => ({ findings: [], firstThreeShare: 0, togetherShare: 0 }),
    endpointUses: async () => [],
    exportRows: async () => {
      throw new Error('the hand-written shop has no rows');
    },
    comparisonSide: async () => ({ window: WINDOW, requests: 0, endpoints: [] }),
    traces: async (filter) => ({
      window: WINDOW,
      total: matching(all, filter).length,
      traces: matching(all, filter)
        .slice(0, filter.limit ?? 100)
        .map((row) => ({
          ...row,
          services: row.operations > 10 ? 3 : 1,
          findings: row.traceId === CART_ID ? FINDING_NAMES.map(({ id }) => id) : [],
        })),
      findings: FINDING_NAMES,
      histogram: { lowUs: 1000, highUs: 1_000_000, counts: [1, 5, 30, 50, 20, 4] },
      problems: parseFilter(filter.q ?? '').problems,
    }),
    trace: async (id) => traces.find((trace) => trace.id === id),
    status: async () => shopStatus(),
    underWay: async () => ({ now: 0, total: 0, requests: [] }),
    report: async () => ({
      schema: 'wiretime.report/1',
      window: { from: '', to: '', seconds: 0 },
      services: [],
      coverage: COVERAGE,
      coreWaits: [],
      cpu: [],
      ownCode: [],
      categories: [],
      endpoints: [],
      dependencies: [],
      findings: [],
    }),
    ...replaced,
  };
}

const FINDING_NAMES = sampleFindings.rows
  .slice(0, 2)
  .map(({ id, kind, title, share }) => ({ id, kind, title, share }));

function quickRow(index: number): TraceListRow {
  const row = listRow(cartTrace());
  const categories = row.categories.map((us) => Math.floor(us / (index + 2)));
  const durationUs = categories.reduce((sum, us) => sum + us, 0);
  const isError = index % 20 === 3;
  return {
    ...row,
    traceId: index.toString(16).padStart(32, '0'),
    at: TO - index * 1000,
    status: isError ? 500 : 200,
    isError,
    route: index % 2 ? '/api/orders' : row.route,
    durationUs,
    categories,
  };
}

function matching(rows: readonly TraceListRow[], filter: TracesFilter): readonly TraceListRow[] {
  return rows
    .filter((row) =>
      (['service', 'method', 'route'] as const).every(
        (key) => filter[key] === undefined || row[key] === filter[key],
      ),
    )
    .toSorted((a, b) => (filter.sort === '-at' ? b.at - a.at : b.durationUs - a.durationUs));
}
