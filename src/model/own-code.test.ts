// What is said of the lines that the CPU goes to.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineWords, ownCodeSentence } from './own-code.ts';

const RENDER = { callSite: 'views/cart.js:33:5', name: 'renderCart', called: '', us: 310 };

test('the lines that take most, three of each service at most', () => {
  const small = (callSite: string, us: number) => ({ callSite, name: '', called: '', us });
  const lines = [RENDER, small('a.js:1:1', 200), small('b.js:2:1', 60), small('c.js:3:1', 55)];
  assert.equal(
    ownCodeSentence([{ service: 'shop', us: 1000, lines }]),
    'Of the CPU of shop, 31% renderCart at views/cart.js:33, 20% a.js:1, 6% b.js:2.',
  );
});

test('below 5 % a line is none to look at', () => {
  const lines = [{ ...RENDER, us: 49 }];
  assert.match(
    ownCodeSentence([{ service: 'shop', us: 1000, lines }]),
    /^No line takes more than 5% of the CPU/,
  );
  assert.match(ownCodeSentence([{ service: 'shop', us: 980, lines }]), /renderCart/);
  assert.equal(ownCodeSentence([]), '');
});

test('what a line had called, and what no line of the application called', () => {
  assert.equal(
    lineWords({ ...RENDER, called: 'hashSync of bcryptjs' }),
    'renderCart at views/cart.js:33 (hashSync of bcryptjs)',
  );
  assert.equal(lineWords({ callSite: '', name: '', called: '(garbage collector)' }), 'garbage collector');
  assert.equal(lineWords({ callSite: '', name: '', called: '(program)' }), 'native code');
  assert.equal(lineWords({ callSite: '', name: '', called: 'parseRow of pg' }), 'parseRow of pg');
});
