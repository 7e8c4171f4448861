import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownCallSites } from './known-call-sites.ts';

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
