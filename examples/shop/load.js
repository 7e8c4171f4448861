// The shop's customers. In: the gateway's URL, --rate per second, --seconds (0: until told to end), --seed.
// Out: at the end --counts FILE, JSON: how many answers of which status per endpoint, latencies, how often each cart was loaded.
// Open loop: requests leave when they are due, whether or not earlier ones were answered. The same seed asks the same questions.

import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    counts: { type: 'string' },
  },
});

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(Number(values.seed));
const between = (low, high) => low + Math.floor(random() * (high - low + 1));
/** Mostly for things that the shop does not have: then a search without an index reads everything. */
const WORDS = ['oak', 'linen', 'teapot', 'velvet', 'bicycle', 'lantern', 'hammock', 'umbrella'];

/** Most people look at the same few products. */
function popularProduct() {
  return random() < 0.85 ? between(1, 40) : between(1, 5000);
}

/**
 * What customers do, with requests per minute as in the documentation's picture. Carts that are read, filled and paid are
 * different ones, so that a cart has the same lines at the end as at the start.
 */
const MIX = [
  [979, 'GET /api/cart/:id', () => asUser(between(1, 400), (user) => ({ path: `/api/cart/${user}` }))],
  [
    932,
    'GET /api/products/:id',
    () => asUser(between(1, 1000), () => ({ path: `/api/products/${popularProduct()}` })),
  ],
  [
    515,
    'GET /api/products',
    () => asUser(between(1, 1000), () => ({ path: `/api/products?page=${between(0, 20)}` })),
  ],
  [
    304,
    'POST /api/cart/:id/items',
    () =>
      asUser(between(401, 700), (user) => ({
        path: `/api/cart/${user}/items`,
        body: { productId: between(1, 60), qty: 1 },
      })),
  ],
  [136, 'GET /api/orders', () => asUser(between(1, 1000), () => ({ path: '/api/orders' }))],
  [103, 'GET /api/search', () => ({ path: `/api/search?q=${WORDS[between(0, WORDS.length - 1)]}` })],
  [
    93,
    'POST /api/checkout',
    () => asUser(between(701, 1000), (user) => ({ path: '/api/checkout', body: { cartId: user } })),
  ],
  [62, 'GET /healthz', () => ({ path: '/healthz' })],
  [60, 'POST /api/login', () => ({ path: '/api/login', body: login() })],
];
const TOTAL = MIX.reduce((sum, [weight]) => sum + weight, 0);

/** One in twenty mistypes the password. */
function login() {
  return {
    email: `user${between(1, 1000)}@shop.example`,
    password: random() < 0.05 ? 'wrong' : 'correct horse',
  };
}

function asUser(user, question) {
  return { ...question(user), token: String(user) };
}

function nextQuestion() {
  let pick = random() * TOTAL;
  for (const [weight, endpoint, make] of MIX) {
    pick -= weight;
    if (pick < 0) return { endpoint, ...make() };
  }
  throw new Error('unreachable');
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const counts = {};
const times = {};
/** Cart → how often it had to be loaded, for reading or for paying. */
const cartLoads = {};
const state = { sent: 0, open: 0, isEnding: false };

function count(endpoint, outcome, ms) {
  counts[endpoint] ??= {};
  counts[endpoint][outcome] = (counts[endpoint][outcome] ?? 0) + 1;
  (times[endpoint] ??= []).push(ms);
}

/** As the customers saw them, in ms: all together, median and 95th percentile. */
function latencies() {
  return Object.fromEntries(
    Object.entries(times).map(([endpoint, list]) => {
      const sorted = list.toSorted((left, right) => left - right);
      const at = (share) => Number(sorted[Math.floor(share * (sorted.length - 1))].toFixed(2));
      const total = Number(list.reduce((sum, ms) => sum + ms, 0).toFixed(3));
      return [endpoint, { total, p50: at(0.5), p95: at(0.95) }];
    }),
  );
}

function ask({ endpoint, path, body, token }) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (text !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = Buffer.byteLength(text);
  }
  state.open++;
  state.sent++;
  const startedAt = performance.now();
  const done = (outcome) => {
    state.open--;
    count(endpoint, outcome, performance.now() - startedAt);
  };
  const request = http.request(
    new URL(path, values.url),
    { method: endpoint.split(' ')[0], agent, headers },
    (response) => {
      response.resume();
      response.once('end', () => done(response.statusCode));
      response.once('error', () => done('broken'));
    },
  );
  request.once('error', () => done('failed'));
  request.end(text);
  if (endpoint === 'GET /api/cart/:id' || endpoint === 'POST /api/checkout') {
    cartLoads[token] = (cartLoads[token] ?? 0) + 1;
  }
}

/** Arrivals of independent customers: exponential gaps. */
function gapMs() {
  return (-Math.log(1 - random()) / Number(values.rate)) * 1000;
}

process.once('SIGTERM', () => (state.isEnding = true));

const started = performance.now();
const endAt = Number(values.seconds) > 0 ? started + Number(values.seconds) * 1000 : Infinity;
let due = started + gapMs();
while (!state.isEnding && due < endAt) {
  const waitMs = due - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, 200)));
  while (due <= performance.now() && due < endAt) {
    ask(nextQuestion());
    due += gapMs();
  }
}
const deadline = performance.now() + 30_000;
while (state.open > 0 && performance.now() < deadline)
  await new Promise((resolve) => setTimeout(resolve, 10));
agent.destroy();

const result = JSON.stringify({
  sent: state.sent,
  unanswered: state.open,
  seconds: (performance.now() - started) / 1000,
  counts,
  latencyMs: latencies(),
  cartLoads,
});
if (values.counts !== undefined) writeFileSync(values.counts, result);
console.error(
  `customers: ${state.sent} requests${state.open > 0 ? `, ${state.open} without an answer` : ''}`,
);
