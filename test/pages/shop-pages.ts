// The answers of the pages behind Home over the hand-written shop: small, and each number made from those of Home.

import type {
  EndpointAnswer,
  EndpointName,
  EndpointRow,
  TailGap,
  TraceListRow,
} from '../../src/answer/api.ts';
import type { PageAnswers } from '../../src/answer/page-answers.ts';
import { CATEGORY_COUNT } from '../../src/model/category.ts';
import type { HomeAnswer } from '../../src/answer/api.ts';

const KEPT = 400;

/** Requests of 0.5 to 3 times the mean, evenly spread over the window. */
export function shopPages(
  home: HomeAnswer,
  slowest: (name: EndpointName) => readonly TraceListRow[],
): PageAnswers {
  const rowOf = ({ service, method, route }: EndpointName): EndpointRow | undefined =>
    home.endpoints.find((row) => row.service === service && row.method === method && row.route === route);
  return {
    endpoint: async (name) => endpointAnswer(home, name, rowOf(name), slowest(name)),
    search: async () => ({
      endpoints: home.endpoints.map(({ service, method, route, requests, duration }) => ({
        service,
        method,
        route,
        requests,
        p95Us: duration.p95Us,
      })),
      statements: STATEMENTS.map(([text, category, calls]) => ({
        text,
        service: 'cart',
        category,
        calls,
        endpoint: { service: 'cart', method: 'GET', route: '/carts/:id' },
      })),
      callSites: [],
      dependencies: home.dependencies.map(({ name, category, calls }) => ({
        text: name,
        service: 'cart',
        category,
        calls,
        endpoint: undefined,
      })),
    }),
    map: async () => ({
      window: home.window,
      sentence: [{ text: 'One link.' }],
      totalUs: home.totalUs,
      requests: home.requests,
      nodes: [],
      links: [],
    }),
    connections: async () => ({ window: home.window, pools: [] }),
    pool: async () => undefined,
    poolWindow: async () => ({
      operations: NO_OPERATIONS,
      idle: [],
      closed: [],
      users: [],
      traces: [],
      isCut: false,
      logins: 0,
    }),
    poolWhatIf: async () => undefined,
    operation: async () => ({
      window: home.window,
      calls: 232_000,
      p50Us: 3240,
      p95Us: 11_500,
      source: undefined,
    }),
    endpointRequests: async (name) => {
      const row = rowOf(name);
      const each = (row?.categories ?? []).map((us) => Math.round(us / (row?.requests || 1)));
      const numbers = Array.from({ length: row === undefined ? 0 : KEPT }, (_, index) => index);
      const scaled = (us: number) => Uint32Array.from(numbers, (index) => Math.round(us * scaleOf(index)));
      const categories = Array.from({ length: CATEGORY_COUNT }, (_, index) => scaled(each[index] ?? 0));
      return {
        originMs: home.window.from,
        total: numbers.length,
        completeFromUs: 0,
        weightBelow: 1,
        at: Uint32Array.from(numbers, (index) => (index * (home.window.to - home.window.from)) / KEPT),
        durationUs: Uint32Array.from(numbers, (index) =>
          categories.reduce((sum, column) => sum + (column[index] ?? 0), 0),
        ),
        operations: Uint32Array.from(numbers, (index) => 20 + (index % 7)),
        categories,
      };
    },
  };
}

const NO_OPERATIONS = {
  originUs: 0,
  joined: [],
  granted: [],
  ready: [],
  done: [],
  connection: [],
  isNew: [],
  user: [],
  trace: [],
  operation: [],
};

const STATEMENTS = [
  ['SELECT id, name, price_cents, stock FROM products WHERE id = $1', 'db', 232_000],
  ['SELECT product_id, quantity FROM cart_items WHERE cart_id = $1', 'db', 14_686],
  ['GET sess:?', 'cache', 47_756],
] as const;

function scaleOf(index: number): number {
  return 0.5 + 2.5 * ((index * 0.618) % 1) ** 3;
}

function endpointAnswer(
  home: HomeAnswer,
  name: EndpointName,
  row: EndpointRow | undefined,
  slowest: readonly TraceListRow[],
): EndpointAnswer {
  const { service, method, route } = name;
  const self = (row?.categories ?? []).map((us) => us / (row?.requests || 1));
  const means = { calls: 1, self };
  return {
    service,
    method,
    route,
    window: home.window,
    requests: row?.requests ?? 0,
    errors: row?.errors ?? 0,
    duration: row?.duration ?? { meanUs: 0, p50Us: undefined, p95Us: undefined, p99Us: undefined, maxUs: 0 },
    totalUs: row?.totalUs ?? 0,
    share: (row?.totalUs ?? 0) / home.totalUs,
    operationsPerRequest: 24.8,
    tree: [
      {
        kind: 'request',
        depth: 0,
        name: `${method} ${route}`,
        service,
        category: 'http',
        dependency: '',
        callSite: '',
        meanUs: row?.duration.meanUs ?? 0,
        p95Us: undefined,
        isParallel: false,
        means: { all: means, typical: means, slow: means },
      },
    ],
    treeRequests: { all: 120, typical: 120, slow: 60 },
    tail: TAIL,
    slowest,
  };
}

const [[ITEM]] = STATEMENTS;

const TAIL: TailGap = {
  requests: { typical: 120, slow: 60 },
  typicalUs: 60_000,
  slowUs: 180_000,
  parts: [
    {
      name: ITEM,
      category: 'db',
      service: 'cart',
      dependency: 'Postgres',
      callSite: '/app/cart/routes/carts.js:41:9',
      title: 'SELECT … FROM products WHERE id = $1',
      why: '34.0 calls instead of 9.00',
      us: 100_000,
      callsUs: 95_000,
      lengthUs: 5000,
      typical: { calls: 9, us: 30_000, presence: 1 },
      slow: { calls: 34, us: 130_000, presence: 1 },
    },
  ],
  restUs: 20_000,
  inCommon: [
    {
      title: 'while 8 or more others were under way in their process',
      slowShare: 0.8,
      typicalShare: 0.12,
    },
  ],
};
