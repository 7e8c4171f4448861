import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CATEGORY_COUNT } from './category.ts';
import { decodeColumns, encodeColumns, type RequestColumns } from './request-columns.ts';

const words = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: length, maxLength: length })
    .map((all) => Uint32Array.from(all));

const columns: fc.Arbitrary<RequestColumns> = fc.nat(20).chain((count) =>
  fc.record({
    originMs: fc.integer({ min: 0, max: 2 ** 42 }),
    total: fc.integer({ min: 0, max: 1e9 }),
    completeFromUs: fc.nat(1e9),
    weightBelow: fc.double({ min: 1, max: 1e6, noNaN: true }),
    at: words(count),
    durationUs: words(count),
    operations: words(count),
    categories: fc.tuple(
      ...Array.from({ length: CATEGORY_COUNT }, () =>
        fc.oneof(words(count), fc.constant(new Uint32Array(count))),
      ),
    ),
  }),
);

test('columns survive the way', () => {
  fc.assert(
    fc.property(columns, (made) => deepEqual(decodeColumns(encodeColumns(made).buffer), { ...made })),
  );
});

test('anything else is refused', () => {
  const bytes = encodeColumns({
    originMs: 0,
    total: 1,
    completeFromUs: 0,
    weightBelow: 1,
    at: Uint32Array.of(1),
    durationUs: Uint32Array.of(2),
    operations: Uint32Array.of(3),
    categories: Array.from({ length: CATEGORY_COUNT }, () => Uint32Array.of(0)),
  });
  equal(bytes.length, 64 + 12, 'categories that nobody has take no room');
  equal(decodeColumns(bytes.slice(0, -1).buffer), undefined);
  equal(decodeColumns(bytes.slice(0, 40).buffer), undefined);
  equal(decodeColumns(new ArrayBuffer(64)), undefined);
});
