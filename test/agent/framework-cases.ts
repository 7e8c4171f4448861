// Which frameworks are tested, how their programs are started, and what their requests must be called. In: nothing. Out: cases as data.

import { createRequire } from 'node:module';
import type { Asked } from './framework-client.ts';

export interface FrameworkCase {
  readonly name: string;
  /** Folders of node_modules in which it is tested (scripts/frameworks.ts); the project's own is ''. */
  readonly sets: readonly string[];
  /** In apps/frameworks. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly asked: readonly Asked[];
}

type Style = (path: string) => string;
const COLON: Style = (path) => path;
const BRACES: Style = (path) => path.replaceAll(/:(\w+)/g, '{$1}');

const { routes } = createRequire(import.meta.url)('./apps/frameworks/routes.cjs') as {
  readonly routes: readonly (readonly [method: string, path: string, kind: string])[];
};

/** The routes that all programs have, each with values of its own, and a path that nobody has. */
function plain(style: Style): readonly Asked[] {
  const asked = routes.map(([method, path, kind], index): Asked => {
    const body = kind === 'echo' ? { body: { a: index } } : {};
    const target = path.replaceAll(/:\w+/g, (name) => `${name.slice(1)}-${index}`);
    return { method, path: `${target}?q=${index}`, route: style(path), ...body, isAborted: kind === 'abort' };
  });
  return [...asked, { method: 'GET', path: '/nothing', route: '' }];
}

const EXPRESS: readonly Asked[] = [
  { method: 'GET', path: '/shelves', route: '/shelves' },
  { method: 'GET', path: '/shelves/s1/parts/p%201', route: '/shelves/:shelf/parts/:part' },
  {
    method: 'GET',
    path: '/admin/me/shops/a%20b/shelves/s1/parts/p1',
    route: '/admin/:user/shops/:shop/shelves/:shelf/parts/:part',
  },
  { method: 'GET', path: '/files/a/b', route: String.raw`/^\/files\/(.*)$/` },
  { method: 'GET', path: '/books', route: '/books' },
  { method: 'GET', path: '/books/17', route: '/books/:isbn' },
  { method: 'GET', path: '/volumes/17', route: '/volumes/:isbn' },
  { method: 'GET', path: '/blog/posts', route: '' },
];

/** Of a router that tells values only, a path without any is learnt by the collector. */
const onlyValues = plain(COLON).map((asked) => (asked.route.includes(':') ? asked : { ...asked, route: '' }));
const mounted: Asked = { method: 'GET', path: '/inner/orders/7', route: '/inner/orders/:id' };

const TRPC_NAMES = [
  'user.byId',
  'user.list',
  'post.list',
  ...Array.from({ length: 30 }, (_, index) => `thing.get${index}`),
];

function trpc(prefix: string, unknown: string): readonly Asked[] {
  return [
    ...TRPC_NAMES.map((name) => ({ method: 'GET', path: `${prefix}/${name}`, route: `${prefix}/${name}` })),
    { method: 'POST', path: `${prefix}/user.add`, route: `${prefix}/user.add`, body: {} },
    { method: 'GET', path: `${prefix}/post.fail`, route: `${prefix}/post.fail` },
    { method: 'GET', path: `${prefix}/made.up`, route: unknown },
  ];
}

const GRAPHQL: readonly Asked[] = [
  graphql('query GetUser($id: ID) { user(id: $id) }', '/graphql query GetUser', {
    variables: { id: 'secret' },
  }),
  graphql('mutation Pay { pay(amount: 3) }', '/graphql mutation Pay'),
  graphql('{ posts user(name: "secret") }', '/graphql query {posts user}'),
  graphql('query A { user } query B { posts }', '/graphql query B', { operationName: 'B' }),
  graphql('query Fails { fail }', '/graphql query Fails'),
  ...Array.from({ length: 28 }, (_, index) =>
    graphql(`query Many${index} { posts }`, `/graphql query Many${index}`),
  ),
];

const BATCH: Asked = {
  method: 'POST',
  path: '/graphql',
  route: '/graphql batch query One, query Two',
  body: [{ query: 'query One { user }' }, { query: 'query Two { posts }' }],
};

const GET: Asked = {
  method: 'GET',
  path: `/graphql?query=${encodeURIComponent('query ByGet { user }')}`,
  route: '/graphql query ByGet',
};

function graphql(query: string, route: string, more: object = {}): Asked {
  return { method: 'POST', path: '/graphql', route, body: { query, ...more } };
}

/** Servers that have no router: the collector learns the path, and puts this behind it. */
function withoutPath(asked: readonly Asked[]): readonly Asked[] {
  return asked.map((each) => ({ ...each, route: each.route.replace('/graphql', '') }));
}

const ALL = ['current', 'oldest'];
const NEST = ['nest-current', 'nest-oldest'];

export const CASES: readonly FrameworkCase[] = [
  { name: 'express', sets: ['', ...ALL], program: 'express.cjs', asked: [...plain(COLON), ...EXPRESS] },
  { name: 'fastify', sets: ['', ...ALL], program: 'fastify.cjs', asked: plain(COLON) },
  ...['@koa/router', 'koa-router'].map((router) => ({
    name: router,
    sets: ALL,
    program: 'koa.cjs',
    args: [router],
    asked: [...plain(COLON), mounted],
  })),
  {
    name: 'koa-tree-router',
    sets: ALL,
    program: 'koa.cjs',
    args: ['koa-tree-router'],
    asked: [...onlyValues, mounted],
  },
  { name: 'hapi', sets: ALL, program: 'hapi.cjs', asked: plain(BRACES) },
  { name: 'hono', sets: ['', ...ALL], program: 'hono.cjs', asked: plain(COLON) },
  { name: 'hono as ESM', sets: ['', ...ALL], program: 'hono.mjs', asked: plain(COLON) },
  ...['@nestjs/platform-express', '@nestjs/platform-fastify'].map((platform) => ({
    name: platform,
    sets: NEST,
    program: 'nest.cjs',
    args: [platform],
    asked: plain(COLON),
  })),
  { name: 'tRPC', sets: ALL, program: 'trpc.cjs', args: ['standalone'], asked: trpc('/trpc', '') },
  {
    name: 'tRPC in express',
    sets: ALL,
    program: 'trpc.cjs',
    args: ['express'],
    asked: trpc('/api/trpc', ''),
  },
  {
    name: 'tRPC in fastify',
    sets: ALL,
    program: 'trpc.cjs',
    args: ['fastify'],
    asked: trpc('/trpc', '/trpc/:path'),
  },
  {
    name: 'graphql-yoga',
    sets: ALL,
    program: 'graphql.cjs',
    args: ['yoga'],
    asked: withoutPath([...GRAPHQL, GET, BATCH]),
  },
  {
    name: 'Apollo, standalone',
    sets: ALL,
    program: 'graphql.cjs',
    args: ['apollo'],
    asked: withoutPath([...GRAPHQL, GET, BATCH]),
  },
  {
    name: 'Apollo in express',
    sets: ALL,
    program: 'graphql.cjs',
    args: ['apollo-express'],
    asked: withoutPath([...GRAPHQL, GET, BATCH]),
  },
  {
    name: 'graphql-http',
    sets: ALL,
    program: 'graphql.cjs',
    args: ['graphql-http'],
    asked: withoutPath([...GRAPHQL, GET]),
  },
  {
    name: 'mercurius',
    sets: ALL,
    program: 'graphql.cjs',
    args: ['mercurius'],
    asked: [...GRAPHQL, GET, BATCH],
  },
];
