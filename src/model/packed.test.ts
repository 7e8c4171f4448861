import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pack, unpack } from './packed.ts';

const column = fc.oneof(
  fc.array(fc.nat(255)),
  fc.array(fc.integer({ min: -70_000, max: 70_000 })),
  fc.array(fc.maxSafeNat()),
  fc.array(fc.constant(7)),
);

test('any columns come out as they went in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.dictionary(fc.string(), column), (text, columns) => {
      const found = unpack(pack(text, columns).buffer);
      assert.equal(found?.text, text);
      assert.deepEqual(
        [...found.columns].map(([name, values]) => [name, [...values]]),
        Object.entries(columns),
      );
    }),
  );
});

test('a column takes as many bytes as its range needs, and none when all values are the same', () => {
  const rows = 10_000;
  const size = (last: number) =>
    pack('', { a: Float64Array.from({ length: rows }, (_, row) => (row ? 5 : last)) }).length;
  const none = size(5);
  assert.ok(none < 100, `${none} bytes for one value`);
  for (const [last, width] of [
    [5 + 255, 1],
    [5 + 256, 2],
    [5 + 65_536, 4],
    [5 + 2 ** 32, 8],
  ] as const)
    assert.ok(Math.abs(size(last) - none - rows * width) < 32, `${size(last)} bytes up to ${last}`);
});

test('bytes that are cut, changed or of something else are refused, never read past their end', () => {
  const whole = pack('text', { a: [1, 2, 300], b: [0, 0, 0] });
  for (let end = 0; end < whole.length; end++)
    assert.equal(unpack(whole.slice(0, end).buffer), undefined, `${end}`);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const changed = whole.slice();
      changed[at] = byte;
      assert.doesNotThrow(() => unpack(changed.buffer));
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.doesNotThrow(() => unpack(bytes.slice().buffer))));
});
