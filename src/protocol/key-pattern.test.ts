// Key patterns: by example, what is data by its number, and no value in them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { KeyPatterns, PATTERN_LIMIT_BYTES, writeKeyPattern } from './key-pattern.ts';

const out = new Uint8Array(256);

function patternOf(key: string): string {
  const bytes = new Uint8Array(Buffer.from(key));
  return Buffer.from(out.subarray(0, writeKeyPattern(bytes, 0, bytes.length, out, 0))).toString('latin1');
}

const EXAMPLES: readonly (readonly [key: string, pattern: string])[] = [
  ['config', 'config'],
  ['user:42', 'user:?'],
  ['user:42:cart', 'user:?:cart'],
  ['user/42/cart', 'user/?/cart'],
  ['sess:9f86d081884c7d659a2feaa0c55ad015', 'sess:?'],
  ['cart:3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'cart:?'],
  ['visits:2026-11-25', 'visits:?'],
  ['rate_limit:10.0.0.1', 'rate_limit:?'],
  ['rate.limit|127', 'rate.limit|?'],
  ['{user:42}:cart', '{user:?}:cart'],
  ['v2:page12', 'v?:page?'],
  ['user_42_cart', 'user_?_cart'],
  ['mail:bob@example.com', 'mail:?'],
  ['name:Zoë', 'name:?'],
  ['q:hello world', 'q:?'],
  ['token:V1StGXR8_Z5jdHi6B-myT', 'token:?'],
  ['t:eyJhbGciOiJIUzI1NiJ9', 't:?'],
  ['hash:deadbeefcafe', 'hash:?'],
  ['userSession:42', 'userSession:?'],
  ['keys:*', 'keys:*'],
  ['averyveryverylongwordthatisnoword', '?'],
  ['', ''],
  ['::', '::'],
];

describe('key pattern', () => {
  for (const [key, pattern] of EXAMPLES) it(key, () => assert.equal(patternOf(key), pattern));

  it('has no digit of the key, nothing but ASCII, and a limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (key) => {
        const pattern = patternOf(key);
        assert.match(pattern, /^[A-Za-z:/|{}._?*-]*$/);
        assert.ok(pattern.length <= PATTERN_LIMIT_BYTES);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('KeyPatterns', () => {
  it('takes words for data when there are more than 20 in one place: the 20th is a word, the 21st is not', () => {
    const patterns = new KeyPatterns();
    const names = Array.from(
      { length: 22 },
      (_, index) => `user:name${String.fromCharCode(97 + index)}:cart`,
    );
    assert.deepEqual(
      names.slice(0, 20).map((name) => patterns.generalize(name)),
      names.slice(0, 20),
    );
    assert.equal(patterns.generalize(names[20] ?? ''), 'user:?:cart');
    assert.equal(patterns.generalize(names[0] ?? ''), 'user:?:cart');
    assert.equal(patterns.generalize('order:x:items'), 'order:x:items');
  });

  it('keeps a bounded number of places', () => {
    const patterns = new KeyPatterns();
    const seen = new Set<string>();
    for (let a = 0; a < 16; a++)
      for (let b = 0; b < 16; b++)
        for (let c = 0; c < 16; c++)
          for (let d = 0; d < 16; d++)
            seen.add(
              patterns.generalize([a, b, c, d].map((value) => String.fromCharCode(97 + value)).join(':')),
            );
    assert.ok(seen.size < 30_000, `${seen.size} patterns of 65,536 keys`);
  });
});
