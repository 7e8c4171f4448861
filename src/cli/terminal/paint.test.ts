import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Paint } from './paint.ts';

const traits = { width: 100, colour: 'full', background: 'dark', isUnicode: true } as const;

test('24-bit colours are those of the pages, by background', () => {
  assert.equal(new Paint(traits).tone('db', 'x'), '\u001b[38;2;90;132;255mx\u001b[39m');
  assert.equal(
    new Paint({ ...traits, background: 'light' }).tone('db', 'x'),
    '\u001b[38;2;43;87;217mx\u001b[39m',
  );
});

test('256 colours: the nearest of the cube or of the greys', () => {
  const paint = new Paint({ ...traits, colour: '256' });
  assert.equal(paint.tone('db', 'x'), '\u001b[38;5;69mx\u001b[39m');
  assert.equal(paint.tone('own', 'x'), '\u001b[38;5;245mx\u001b[39m');
});

test('without colours the text is only itself', () => {
  const paint = new Paint({ ...traits, colour: 'none' });
  assert.equal(paint.tone('db', 'x') + paint.strong('y') + paint.weak('z'), 'xyz');
});
