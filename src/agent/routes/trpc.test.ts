import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trpcRoute } from './trpc.ts';

test('a procedure, whatever the prefix', () => {
  assert.equal(trpcRoute('/trpc/user.byId', 200), '/trpc/user.byId');
  assert.equal(trpcRoute('/api/v-one/trpc/greet', 500), '/api/v-one/trpc/greet');
});

test('a batch is named by its procedures, in one order', () => {
  assert.equal(trpcRoute('/trpc/post.list,user.byId', 200), '/trpc/post.list,user.byId');
  assert.equal(trpcRoute('/trpc/user.byId,post.list,user.byId', 200), '/trpc/post.list,user.byId');
  assert.equal(trpcRoute('/trpc/a,b,c,d,e', 200), '/trpc/a,b,c +2');
});

test('names that clients make up are not told', () => {
  assert.equal(trpcRoute('/trpc/made.up', 404), '');
  trpcRoute('/trpc/real.one', 200);
  const routes = new Set<string>();
  for (let round = 0; round < 3000; round++) routes.add(trpcRoute(`/trpc/real.one,made.up${round}`, 207));
  assert.deepEqual([...routes], ['/trpc/real.one +1']);
});

test('what clients combine is bounded', () => {
  const routes = new Set<string>();
  for (let a = 0; a < 60; a++) for (let b = 0; b < 60; b++) routes.add(trpcRoute(`/trpc/p${a},q${b}`, 200));
  assert.ok(routes.size <= 1001);
});

test('other paths are none', () => {
  for (const path of [
    '/',
    '/trpc',
    '/trpc/',
    '/users/7',
    '/tenants/7/trpc/a',
    '/trpc/..',
    '/trpc/a/b',
    '/trpc/<x>',
  ])
    assert.equal(trpcRoute(path, 200), '');
});
