// Routes of Django's `re_path` and of REST framework's routers, as they were seen, and what they become.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { readableRoute } from './readable-route.ts';

const EXAMPLES: readonly (readonly [route: string, readable: string])[] = [
  ['/(?P<organizer>[^/]+)/(?P<event>[^/]+)/', '/<organizer>/<event>/'],
  ['/api/v1/organizers/(?P<organizer>[^/]+)/events/', '/api/v1/organizers/<organizer>/events/'],
  ['/shops/(?P<id>(?:[0-9]{1,3}|[)a-z]+))/(?P<format>\\d+)$', '/shops/<id>/<format>'],
  ['/users/(?P<pk>[^/.]+)/?$', '/users/<pk>/'],
  ['/users/(?P<pk>[^/.]+)\\.(?P<format>[a-z0-9]+)/?', '/users/<pk>.<format>/'],
  ['/a/(?P<both>(?P<one>x)-(?P<other>y))/b', '/a/<both>/b'],
  ['/a/(?P<pk>[])]+)\\Z', '/a/<pk>'],
  // Not known how to write: as it is.
  ['/users/<int:pk>/', '/users/<int:pk>/'],
  ['/files/(\\d+)/', '/files/(\\d+)/'],
  ['/orders/(?<id>\\d+)', '/orders/(?<id>\\d+)'],
  ['/cut/(?P<id>[^/', '/cut/(?P<id>[^/'],
  ['/cut/(?P<id', '/cut/(?P<id'],
  ['/cut/(?P<id)/x>', '/cut/(?P<id)/x>'],
];

for (const [route, readable] of EXAMPLES)
  it(`${route} is ${readable}`, () => assert.equal(readableRoute(route), readable));

it('is as long as the route at most, and the same when asked twice', () => {
  const part = fc.constantFrom('/', '(?P<', '>', ')', '(', '[', ']', '\\', '$', '?', 'name', '[^/]+');
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const route = parts.join('');
      const readable = readableRoute(route);
      assert.ok(readable.length <= route.length);
      if (!readable.includes('(?P<')) assert.equal(readableRoute(readable), readable);
    }),
  );
});
