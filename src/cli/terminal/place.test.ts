// What stays of a path in a narrow column.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fittingPlace } from './place.ts';
import { widthOf } from './text.ts';

for (const [callSite, width, shown] of [
  ['src/routes/carts.js:41:7', 30, 'src/routes/carts.js:41'],
  ['src/routes/carts.js:41:7', 18, 'routes/carts.js:41'],
  ['src/routes/carts.js:41', 12, 'carts.js:41'],
  ['lib/feature-toggle-strategies-store.js:149:3', 16, '…es-store.js:149'],
  ['shop', 10, 'shop'],
  ['', 10, ''],
] as const)
  test(`${callSite} in ${width} columns`, () => assert.equal(fittingPlace(callSite, width), shown));

test('any text fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, width) => {
      assert.ok(widthOf(fittingPlace(text, width)) <= width);
    }),
  );
});
