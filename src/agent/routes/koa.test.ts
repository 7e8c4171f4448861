// What routers of Koa leave on a context, as @koa/router 12 does, and the route that is told.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { koaRoute, recognizeKoa } from './koa.ts';

class Application {
  createContext(_request: object, context: object): object {
    return context;
  }
  handleRequest(): void {}
  callback(): void {}
  onerror(): void {}
}
recognizeKoa(Application.prototype, Application);

function routeOf(context: object): string {
  const request = {};
  new Application().createContext(request, { originalUrl: '/api/articles/7', method: 'GET', ...context });
  return koaRoute(request);
}

const MIDDLEWARE = { path: '([^/]*)', methods: [] };
const ROUTE = { path: '/api/articles/:id', methods: ['HEAD', 'GET'] };
const OTHER = { path: '/api/(.*)', methods: ['POST'] };

it('is the route that was chosen', () => {
  assert.equal(routeOf({ _matchedRoute: ROUTE.path, matched: [MIDDLEWARE, ROUTE] }), '/api/articles/:id');
});

it('is the route that middleware of the router is for, when that has answered or runs last', () => {
  for (const _matchedRoute of ['([^/]*)', '(.*)', '/api([^/]*)'])
    assert.equal(routeOf({ _matchedRoute, matched: [MIDDLEWARE, ROUTE, OTHER] }), '/api/articles/:id');
});

it('is none when nothing but middleware matches', () => {
  assert.equal(routeOf({ _matchedRoute: '([^/]*)', matched: [MIDDLEWARE, OTHER] }), '');
  assert.equal(routeOf({ _matchedRoute: '([^/]*)' }), '');
});

it('is a route of any path where the application has one', () => {
  const any = { path: '(.*)', methods: ['GET'] };
  assert.equal(routeOf({ _matchedRoute: '(.*)', matched: [MIDDLEWARE, any] }), '(.*)');
});
