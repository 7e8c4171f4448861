import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { Paint } from './paint.ts';
import { wrap } from './sentence.ts';
import { widthOf } from './text.ts';

const plain = new Paint({ width: 100, colour: 'none', background: 'dark', isUnicode: true });

test('pieces that meet inside a word stay one word', () => {
  const lines = wrap(
    [{ text: 'spends ' }, { text: '53% of its time', isStrong: true }, { text: ', and more' }],
    23,
    plain,
  );
  assert.deepEqual(lines, ['spends 53% of its time,', 'and more']);
});

test('a number and its unit are never parted', () => {
  assert.deepEqual(wrap([{ text: 'takes 12.4\u202fms' }], 10, plain), ['takes', '12.4\u202fms']);
});

test('no line is too wide, no word is lost', () => {
  const text = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 30 });
  fc.assert(
    fc.property(text, fc.integer({ min: 12, max: 60 }), (words, width) => {
      const lines = wrap([{ text: words.join(' ') }], width, plain);
      for (const line of lines) assert.ok(widthOf(line) <= width);
      assert.equal(lines.join(' '), words.join(' '));
    }),
  );
});
