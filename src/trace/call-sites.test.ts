import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Operation } from '../model/operation.ts';
import { CallSites, KnownCallSites } from './call-sites.ts';

test('a statement that comes from one place comes from there when nobody looked', () => {
  const sites = new KnownCallSites();
  assert.equal(sites.siteOf('SELECT 1', ''), '');
  assert.equal(sites.siteOf('SELECT 1', 'a.js:1:2'), 'a.js:1:2');
  assert.equal(sites.siteOf('SELECT 1', ''), 'a.js:1:2');
  assert.equal(sites.siteOf('SELECT 2', ''), '');
});

test('a statement that comes from two places comes from neither when nobody looked', () => {
  const sites = new KnownCallSites();
  sites.siteOf('SELECT 1', 'a.js:1:2');
  assert.equal(sites.siteOf('SELECT 1', 'b.js:3:4'), 'b.js:3:4');
  assert.equal(sites.siteOf('SELECT 1', ''), '');
  assert.equal(sites.siteOf('SELECT 1', 'a.js:1:2'), 'a.js:1:2');
  assert.equal(sites.siteOf('SELECT 1', ''), '');
});

test('the same statement twice in a request: which one it is tells the place', () => {
  const sites = new CallSites();
  const request = (...callSites: string[]): string[] => {
    const operations = callSites.map((callSite) =>
      Object.assign(new Operation(), { statement: 'GET sess:?', callSite }),
    );
    sites.complete(operations, 'shop GET /cart');
    return operations.map(({ callSite }) => callSite);
  };
  request('session.js:1:1', 'product.js:2:2');
  assert.deepEqual(request('', ''), ['session.js:1:1', 'product.js:2:2']);
  assert.deepEqual(request('', '', ''), ['session.js:1:1', 'product.js:2:2', '']);
});
