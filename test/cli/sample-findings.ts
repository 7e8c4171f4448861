// Findings of the invented shop, with the numbers of the design, for tests of what the terminal shows.

import type { FindingRow, FindingRows } from '../../src/answer/api.ts';
import type { FindingKind } from '../../src/model/finding.ts';

type Told = readonly [
  kind: FindingKind,
  share: number,
  title: string,
  callSite: string,
  effect: readonly [method: string, route: string, requests: number, nowMs: number, afterMs: number],
];

const TOLD: readonly Told[] = [
  [
    'n-plus-one',
    0.3,
    'One query per row of cart_items: 16 per request',
    'examples/shop/cart/src/routes/carts.js:41',
    ['GET', '/api/cart/:id', 14_685, 237, 99.1],
  ],
  [
    'slow-operation',
    0.118,
    'SELECT … FROM products takes 233 ms each time',
    'gateway/src/routes/search.js:21',
    ['GET', '/api/search', 1545, 477, 43.8],
  ],
  [
    'blocked-loop',
    0.078,
    'POST /api/login blocks gateway for 65.0 ms',
    'gateway/src/routes/login.js:31',
    ['GET', '/api/products/:id', 13_980, 32.8, 9.05],
  ],
  [
    'stall-40-ms',
    0.065,
    'POST /quote pauses 40 ms on 34% of calls',
    'gateway/src/routes/cart.js:34',
    ['GET', '/api/cart/:id', 14_685, 237, 222],
  ],
  [
    'pool-starvation',
    0.054,
    'cart has 3 Postgres connections: 16% of its queries wait in line',
    'cart/src/db.js:6',
    ['GET', '/api/cart/:id', 14_685, 237, 202],
  ],
  ['sequential-calls', 0.043, 'Two\u001b[31m calls', '', ['GET', '/api/products', 60, 104, 78.3]],
];

export const sampleFindings: FindingRows = {
  rows: TOLD.map(rowOf),
  firstThreeShare: 0.48,
  togetherShare: 0.642,
};

function rowOf([kind, share, title, callSite, effect]: Told, index: number): FindingRow {
  const [method, route, requests, nowMs, afterMs] = effect;
  const endpoint = { service: 'gateway', method, route };
  const meanUs = (nowMs - afterMs) * 500;
  const gain = { nowUs: nowMs * 1000, afterUs: afterMs * 1000 };
  return {
    id: `${kind}-${index}`,
    kind,
    title,
    service: 'gateway',
    endpoint,
    statement: 'SELECT name FROM products WHERE id = $1',
    dependency: 'Postgres',
    protocol: 'postgres',
    callSite,
    saving: { p50Us: meanUs, p95Us: meanUs * 2, meanUs, lowUs: meanUs * 0.9, highUs: meanUs * 1.1 },
    share,
    marginalShare: share,
    confidence: kind === 'sequential-calls' ? 'low' : 'high',
    isCeiling: kind === 'slow-operation',
    fix: 'Fetch all rows of products in one query before the loop (WHERE id = ANY($1), or a join), and look them up by id in a Map.',
    requests: 120,
    effect: { ...endpoint, requests, meanUs, totalUs: meanUs * requests, p50: gain, p95: gain },
    exampleTrace: '',
  };
}
