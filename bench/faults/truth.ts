// What is wrong with the shop, as its source says. In: the shop's files. Out: for each fault the kinds of finding that name it, the lines
// that would have to change, and the other faults that stay while it is switched (a pool is small only while loops use it).

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FindingKind } from '../../src/model/finding.ts';

export interface Fault {
  readonly name: string;
  readonly kinds: readonly FindingKind[];
  /** A finding at any of them is at the right place. */
  readonly places: readonly Place[];
  /** What it makes slower: the typical request, or some that have bad luck and with them only the mean. */
  readonly slows: 'median' | 'mean';
  /** Faults that are there with it and without it. */
  readonly beside: readonly string[];
  /** Times the usual number of customers: some faults are none while few come. */
  readonly load: number;
}

export interface Place {
  /** Below examples/shop/. */
  readonly file: string;
  readonly line: number;
}

function place(file: string, code: string): Place {
  const lines = readFileSync(join('examples/shop', file), 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes(code));
  if (index < 0) throw new Error(`examples/shop/${file} has no line with ${code}`);
  return { file, line: index + 1 };
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'cart-loop',
    slows: 'median',
    kinds: ['n-plus-one'],
    places: [place('cart/src/routes/carts.js', 'pool.query(PRODUCT, [')],
    beside: [],
    load: 1,
  },
  {
    name: 'small-pool',
    slows: 'mean',
    kinds: ['pool-starvation'],
    places: [place('cart/src/db.js', 'const max =')],
    beside: ['cart-loop'],
    load: 2,
  },
  {
    name: 'payment-connections',
    slows: 'median',
    kinds: ['tls-per-call', 'new-connections'],
    places: [
      place('gateway/src/lib/payments.js', 'keepAlive:'),
      place('gateway/src/lib/payments.js', 'https.request('),
    ],
    beside: [],
    load: 1,
  },
  {
    name: 'password-check',
    slows: 'mean',
    kinds: ['blocked-loop'],
    places: [place('gateway/src/routes/login.js', 'scryptSync(')],
    beside: [],
    load: 1,
  },
  {
    name: 'sequential',
    slows: 'median',
    kinds: ['sequential-calls'],
    places: [
      place('gateway/src/routes/products.js', 'pool.query(COUNT)'),
      place('gateway/src/routes/orders.js', '/summary`)'),
      place('gateway/src/routes/orders.js', '/tax/'),
    ],
    beside: [],
    load: 1,
  },
  {
    name: 'search',
    slows: 'mean',
    kinds: ['slow-operation'],
    places: [place('gateway/src/routes/search.js', 'pool.query(SCAN')],
    beside: [],
    load: 1,
  },
  {
    name: 'duplicate-session',
    slows: 'median',
    kinds: ['duplicate-call'],
    places: [place('gateway/src/middleware/flags.js', 'redis.get(')],
    beside: [],
    load: 1,
  },
  {
    name: 'redis-connections',
    slows: 'median',
    kinds: ['new-connections'],
    places: [place('pricing/app.py', 'client.get('), place('pricing/app.py', 'client = redis.Redis')],
    beside: [],
    load: 1,
  },
];
