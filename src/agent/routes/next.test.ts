// What Next.js 15 leaves on a request: the shape is copied from one that `next start` had answered.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextRoute } from './next.ts';

const META = Symbol.for('NextInternalRequestMeta');

function answered(pathname: string): object {
  return {
    url: '/posts/9',
    [META]: { match: { definition: { kind: 'APP_PAGE', page: `/app${pathname}/page`, pathname } } },
  };
}

test('the route that Next matched', () => {
  assert.equal(nextRoute(answered('/posts/[id]')), '/posts/[id]');
});

test('pages that say there is no such page are no route, and requests of others have none', () => {
  assert.equal(nextRoute(answered('/_not-found')), '');
  assert.equal(nextRoute(answered('/not-found')), '');
  assert.equal(nextRoute({ ...answered('/not-found'), url: '/not-found' }), '/not-found');
  assert.equal(nextRoute({ url: '/posts/9', [META]: {} }), '');
  assert.equal(nextRoute({ url: '/posts/9' }), '');
});
