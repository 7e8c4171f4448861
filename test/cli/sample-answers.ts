// Answers about an invented shop, with the numbers of the design, for tests of what the terminal shows.

import type {
  DependencyRow,
  EndpointRow,
  HomeAnswer,
  Report,
  ReportOperation,
} from '../../src/answer/api.ts';
import { CATEGORIES, CategoryIndex, type CategoryKey } from '../../src/model/category.ts';
import { PHASES, type PhaseKey } from '../../src/model/row.ts';
import { sampleFindings } from './sample-findings.ts';

const SECONDS = 900;
const TOTAL_US = 3_486_000_000;

const CATEGORY_US: Readonly<Record<CategoryKey, number>> = {
  own: 407_400_000,
  loop: 312_600_000,
  pool: 211_200_000,
  conn: 138_600_000,
  db: 1_854_000_000,
  cache: 46_400_000,
  http: 255_000_000,
  ext: 259_800_000,
  msg: 0,
  other: 1_000_000,
};

export const sampleHome: HomeAnswer = {
  project: 'shop',
  window: { from: 1_700_000_000_000, to: 1_700_000_000_000 + SECONDS * 1000, seconds: SECONDS },
  services: [
    { name: 'gateway', runtime: 'node', version: 'v20.20.0', instances: 1, requests: 40_000 },
    { name: 'cart', runtime: 'node', version: 'v20.20.0', instances: 2, requests: 20_000 },
    { name: 'pricing', runtime: 'python', version: '3.12.4', instances: 1, requests: 9_000 },
  ],
  sentence: [
    { text: 'Your backend spends ' },
    { text: '53% of its time waiting for Postgres', isStrong: true, swatch: 'db' },
    { text: ', spread over 88 operations.' },
  ],
  second: [
    { text: 'Fixing the first three findings would cut all request time by ' },
    { text: '48%', isStrong: true },
    { text: '. ' },
    { text: 'Based on 47\u202f756 requests in 15\u202fmin, every one measured.' },
  ],
  findings: sampleFindings,
  requests: 47_756,
  totalUs: TOTAL_US,
  categories: CATEGORIES.map(({ key }) => ({
    key,
    us: CATEGORY_US[key],
    share: CATEGORY_US[key] / TOTAL_US,
  })),
  endpoints: [
    endpoint('GET', '/api/cart/:id', 14_685, [101, 237, 349], 0.489, { db: 0.55, http: 0.13, own: 0.12 }),
    endpoint('POST', '/api/checkout', 1395, [391, 574, 856], 0.164, { ext: 0.46, conn: 0.21, db: 0.1 }, 20),
    endpoint('GET', '/api/products', 7725, [49.9, 104, 131], 0.122, { db: 0.71, own: 0.16, cache: 0.05 }),
    endpoint('GET', '/api/search', 1545, [241, 477, 635], 0.116, { db: 0.97, loop: 0.02 }),
    endpoint('POST', '/api/cart/:id/items', 4560, [21.7, 66.3, 92.6], 0.034, { db: 0.5, own: 0.21 }),
    endpoint('GET', '/api/products/:id', 13_980, [3.59, 32.8, 75.8], 0.031, {
      loop: 0.53,
      own: 0.23,
      pool: 0.2,
    }),
    endpoint('GET', '/api/orders', 2040, [33.1, 87.2, 119], 0.023, { db: 0.58, loop: 0.15 }),
    endpoint('GET', '/api/日本語/商品/:id/とても長いパス名です', 26, [12, undefined, undefined], 0.001, {
      own: 0.9,
    }),
  ],
  dependencies: [
    dependency('Postgres shop', 'postgres', 'db', 800_000),
    dependency('Redis 10.0.0.7:6379', 'redis', 'cache', 90_000),
    dependency('payments.example', 'http', 'ext', 1400),
    dependency('mail.example', 'http', 'ext', 2),
  ],
  coverage: {
    requests: 47_756,
    operations: 891_402,
    attributed: 889_000,
    noRequest: 2402,
    notVisible: 0,
    dropped: 0,
    resyncs: 12,
    notVisibleNames: [],
    unseenShare: 0,
    coreWaits: [],
    toldCpu: [],
    ownCode: [],
  },
};

export const sampleReport: Report = {
  schema: 'wiretime.report/1',
  window: { from: '2023-11-14T22:13:20.000Z', to: '2023-11-14T22:28:20.000Z', seconds: SECONDS },
  services: sampleHome.services.map(({ name, runtime, instances }) => ({ name, runtime, instances })),
  coverage: sampleHome.coverage,
  coreWaits: [],
  cpu: [],
  ownCode: [],
  categories: CATEGORIES.map(({ key, name }) => ({
    key,
    name,
    ms: CATEGORY_US[key] / 1000,
    share: CATEGORY_US[key] / TOTAL_US,
  })),
  endpoints: sampleHome.endpoints.map(
    ({ service, method, route, requests, errors, duration, categories }) => ({
      service,
      method,
      route,
      requests,
      errors,
      ms: {
        mean: duration.meanUs / 1000,
        p50: milliseconds(duration.p50Us),
        p95: milliseconds(duration.p95Us),
        p99: milliseconds(duration.p99Us),
        max: duration.maxUs / 1000,
      },
      categories: CATEGORIES.map(({ key }, index) => ({
        key,
        msPerRequest: (categories[index] ?? 0) / 1000 / requests,
      })),
      operations: operationsOf(route),
    }),
  ),
  dependencies: [],
  findings: [],
};

function operationsOf(route: string): readonly ReportOperation[] {
  if (route === '/api/checkout')
    return [
      operation(
        'http',
        'POST /v1/charges',
        'payments.example',
        'gateway/src/routes/checkout.js:52:21',
        1,
        262,
      ),
      operation(
        'postgres',
        'INSERT INTO orders (user_id, total) VALUES ($1, $2)',
        'Postgres shop',
        'gateway/src/routes/checkout.js:60:9',
        1,
        4.2,
      ),
    ];
  if (route === '/api/cart/:id')
    return [
      operation(
        'postgres',
        'SELECT id, name, price FROM products WHERE id = $1',
        'Postgres shop',
        'cart/src/routes/carts.js:41:25',
        16,
        3.57,
      ),
      operation('redis', 'GET sess:?', 'Redis', 'gateway/src/session.js:18:30', 1, 0.469),
    ];
  return [];
}

function operation(
  protocol: ReportOperation['protocol'],
  statement: string,
  dependency: string,
  callSite: string,
  perRequest: number,
  mean: number,
): ReportOperation {
  const phases = Object.fromEntries(PHASES.map(({ key }) => [key, key === 'wait' ? mean : 0]));
  return {
    protocol,
    statement,
    dependency,
    callSite,
    attribution: 'request',
    perRequest,
    ms: { mean, p50: mean * 0.9, p95: mean * 2 },
    phases: phases as Record<PhaseKey, number>,
    errors: 0,
  };
}

function milliseconds(us: number | undefined): number | null {
  return us === undefined ? null : us / 1000;
}

function endpoint(
  method: string,
  route: string,
  requests: number,
  [p50, p95, p99]: readonly (number | undefined)[],
  share: number,
  shares: Partial<Record<CategoryKey, number>>,
  errors = 0,
): EndpointRow {
  const totalUs = TOTAL_US * share;
  const us = (ms: number | undefined) => (ms === undefined ? undefined : ms * 1000);
  const known = Object.values(shares).reduce((sum, part) => sum + part, 0);
  return {
    service: 'gateway',
    method,
    route,
    isEntry: true,
    requests,
    errors,
    duration: {
      meanUs: totalUs / requests,
      p50Us: us(p50),
      p95Us: us(p95),
      p99Us: us(p99),
      maxUs: 900_000,
    },
    totalUs,
    categories: CATEGORIES.map(
      ({ key }) => totalUs * ((shares[key] ?? 0) + (key === 'other' ? 1 - known : 0)),
    ),
    spark: [],
  };
}

function dependency(
  name: string,
  protocol: DependencyRow['protocol'],
  category: CategoryKey,
  calls: number,
): DependencyRow {
  return {
    name,
    protocol,
    category,
    calls,
    errors: 0,
    p50Us: 2000,
    p95Us: 9000,
    poolUs: 0,
    setupUs: 0,
    wireUs: calls * 2000,
    totalUs: calls * 2000,
    newConnections: CategoryIndex[category],
  };
}
