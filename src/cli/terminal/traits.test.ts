import assert from 'node:assert/strict';
import { test } from 'node:test';

import { traitsOf } from './traits.ts';

const terminal = { isTTY: true, columns: 100 };

test('colours: only on a terminal, never with NO_COLOR, 24 bits when the terminal says so', () => {
  assert.equal(traitsOf(terminal, {}).colour, '256');
  assert.equal(traitsOf(terminal, { COLORTERM: 'truecolor' }).colour, 'full');
  assert.equal(traitsOf(terminal, { COLORTERM: 'truecolor', NO_COLOR: '1' }).colour, 'none');
  assert.equal(traitsOf(terminal, { NO_COLOR: '' }).colour, '256');
  assert.equal(traitsOf(terminal, { TERM: 'dumb' }).colour, 'none');
  assert.equal(traitsOf({ columns: 100 }, { COLORTERM: 'truecolor' }).colour, 'none');
});

test('width: the terminal, but 80 to 120, and 100 when nobody knows', () => {
  const widths = [40, 80, 97, 120, 300].map((columns) => traitsOf({ columns }, {}).width);
  assert.deepEqual(widths, [80, 80, 97, 120, 120]);
  assert.equal(traitsOf({}, {}).width, 100);
});

test('background: by COLORFGBG, else dark', () => {
  assert.equal(traitsOf(terminal, { COLORFGBG: '0;15' }).background, 'light');
  assert.equal(traitsOf(terminal, { COLORFGBG: '15;default;0' }).background, 'dark');
  assert.equal(traitsOf(terminal, {}).background, 'dark');
});

test('glyphs: the first locale variable that is set decides', () => {
  assert.equal(traitsOf(terminal, { LANG: 'de_DE.UTF-8' }).isUnicode, true);
  assert.equal(traitsOf(terminal, { LANG: 'de_DE.UTF-8', LC_ALL: 'C' }).isUnicode, false);
  assert.equal(traitsOf(terminal, { LC_ALL: '', LC_CTYPE: 'C.utf8', LANG: 'C' }).isUnicode, true);
  assert.equal(traitsOf(terminal, {}).isUnicode, false);
  assert.equal(traitsOf(terminal, { WT_SESSION: 'x' }).isUnicode, true);
});
