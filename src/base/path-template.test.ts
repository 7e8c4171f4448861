import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { pathTemplate } from './path-template.ts';

function gives(cases: Readonly<Record<string, string>>): void {
  for (const [target, template] of Object.entries(cases))
    assert.equal(pathTemplate(target), template, target);
}

function keeps(...paths: readonly string[]): void {
  for (const path of paths) assert.equal(pathTemplate(path), path);
}

it('drops what is not the path', () => {
  gives({
    '': '/',
    '/': '/',
    '*': '*',
    '/a?b=/1/2': '/a',
    '/a#b': '/a',
    'http://api.example/users/1?x': '/users/:id',
    'https://api.example': '/',
    '/a;jsessionid=0A1B2C/b': '/a/b',
    '//a//b/': '//a//b/',
  });
});

it('replaces numbers, uuids, hashes, dates and addresses', () => {
  gives({
    '/users/42/posts/7': '/users/:id/posts/:id',
    '/batch/1,2,3': '/batch/:id',
    '/near/52.52,-13.40': '/near/:id',
    '/hosts/10.0.0.1': '/hosts/:id',
    '/o/550e8400-e29b-41d4-a716-446655440000': '/o/:id',
    '/o/550E8400E29B41D4A716446655440000/x': '/o/:id/x',
    '/docs/64b7f9c2e13a4d0012345678': '/docs/:id',
    '/commit/5f4dcc3b': '/commit/:id',
    '/on/2026-11-25': '/on/:id',
    '/on/2026-11': '/on/:id',
    '/on/2026-W48': '/on/:id',
    '/at/2026-11-25T10:30:00.000Z/x': '/at/:id/x',
    '/by/jane.doe@example.org': '/by/:id',
    '/by/jane%40example.org': '/by/:id',
    '/named/J%C3%BCrgen': '/named/:id',
  });
});

it('replaces random tokens and numbered names', () => {
  gives({
    '/v1/customers/cus_9s6XKzkNRiz8i3/cards': '/v1/customers/:id/cards',
    '/u/01ARZ3NDEKTSV4RRFFQ69G5FAV': '/u/:id',
    '/n/V1StGXR8_Z5jdHi6B-myT': '/n/:id',
    '/k/dGhpcyBpcyBhIHRlc3Q=': '/k/:id',
    '/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP': '/t/:id',
    '/invoices/INV-2026-0001': '/invoices/:id',
    '/blog/12345-my-post': '/blog/:id',
    '/sku/SKU12345': '/sku/:id',
    '/pods/coredns-5d78c9869d-x7k2p/log': '/pods/:id/log',
    '/bucket/xkcdqwrtzpsdfghjklmnbv': '/bucket/:id',
    [`/long/${'very-'.repeat(13)}long`]: '/long/:id',
  });
});

it('keeps the extension of a file', () => {
  gives({
    '/users/42.json': '/users/:id.json',
    '/assets/app.3f2a9c1b.js': '/assets/:id.js',
    '/assets/index-BxY3kQ9z.css': '/assets/:id.css',
  });
});

it('keeps words, versions, locales and file names', () => {
  keeps(
    '/api/v1/users/me',
    '/api/v2beta1/items',
    '/1.1/statuses/show.json',
    '/en-US/docs/de_DE',
    '/oauth2/token',
    '/.well-known/openid-configuration',
    '/wiki/Special:RecentChanges',
    '/_next/static/chunks/pages/index.js',
    '/getUserProfileById/JavaScript/XMLHttpRequest',
    '/internationalization/accessibility',
    '/latest/meta-data/iam/security-credentials',
    '/sha256/base64/ipv4/s3/mp3/utf8',
    '/blog/how-to-bake-bread',
    '/@vite/client',
    '/feedback/facade',
    '/README.md',
  );
});

it('keeps templates as they are', () => {
  keeps('/users/:id/posts/:postId', '/users/{userId}', '/static/*', '/a/<int>', '/a/**');
});

it('cuts paths deeper than any route', () => {
  assert.equal(pathTemplate('/a'.repeat(100)), `${'/a'.repeat(24)}/*`);
});

const segment = fc.oneof(
  fc.stringMatching(/^[\w%~.@:;,=+{}<>*-]{0,80}$/),
  fc.uuid(),
  fc.integer().map(String),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(':id', '{x}', '*', 'users', 'v1', ':id.json'),
);
const target = fc.array(segment, { maxLength: 40 }).map((segments) => `/${segments.join('/')}`);

it('is bounded, and changes nothing the second time', () => {
  fc.assert(
    fc.property(target, (path) => {
      const template = pathTemplate(path);
      assert.equal(pathTemplate(template), template);
      assert.ok(template === '*' || template.startsWith('/'));
      assert.ok(template.length <= 25 * 67 && !template.includes('?') && !template.includes('#'));
    }),
    { numRuns: 3000 },
  );
});

it('never lets digits of an id through', () => {
  const id = fc.oneof(fc.integer({ min: 0 }).map(String), fc.uuid(), fc.ulid());
  fc.assert(
    fc.property(id, (value) => assert.equal(pathTemplate(`/things/${value}/parts`), '/things/:id/parts')),
  );
});
