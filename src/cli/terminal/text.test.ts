import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { cut, left, printable, right, safe, widthOf } from './text.ts';

test('nothing that a terminal obeys survives', () => {
  assert.equal(safe('/a\u001b[31m\u0007/b'), String.raw`/a\x1b[31m\x07/b`);
  assert.equal(safe('one\r\ntwo\tthree'), 'one  two three');
  assert.equal(safe('\u009b2J'), String.raw`\x9b2J`);
  assert.equal(safe('user\u202egnp.exe'), String.raw`user\u202egnp.exe`);
  assert.equal(safe('/api/cart/:id'), '/api/cart/:id');
});

test('any text becomes printable and keeps its column', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.integer({ min: 1, max: 40 }),
      (text, width) => {
        const clean = safe(text);
        // oxlint-disable-next-line no-control-regex -- what must not be there
        assert.doesNotMatch(clean, /[\u0000-\u001f\u007f-\u009f]/);
        assert.equal(widthOf(left(clean, width)), width);
        assert.equal(widthOf(right(clean, width)), width);
        assert.ok(widthOf(cut(clean, width)) <= width);
      },
    ),
    { numRuns: 500 },
  );
});

test('cut counts columns, not characters, and says that something is missing', () => {
  assert.equal(cut('日本語の商品', 7), '日本語…');
  assert.equal(cut('👩‍👩‍👧‍👦 family', 4), '👩‍👩‍👧‍👦…');
  assert.equal(cut('exact', 5), 'exact');
  assert.equal(cut('exactly', 5), 'exac…');
});

test('without UTF-8 every line keeps its width and is ASCII', () => {
  const line = '  12.4\u202fµs  ▒▒ −30.0% Straße → 日本 …';
  const ascii = printable(line, false);
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  assert.match(ascii, /^[\u0000-\u007f]*$/);
  assert.equal(widthOf(ascii), widthOf(line));
  assert.equal(ascii, '  12.4 us  :: -30.0% Stra?e > ???? ~');
});
