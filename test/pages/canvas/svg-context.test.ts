import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escaped, fontOf, svgDocument } from '../../../src/ui/canvas/svg-context.ts';

test('a font of a canvas as attributes', () => {
  assert.equal(fontOf('11px Inter, "Segoe UI"'), ' font-size="11px" font-family="Inter, &#34;Segoe UI&#34;"');
  assert.equal(fontOf('500 11.5px Inter'), ' font-weight="500" font-size="11.5px" font-family="Inter"');
});

test('names of watched programs cannot leave their place in the document', () => {
  const hostile = '"/><script>alert(1)</script>&\u0000\u001b[31m';
  const text = escaped(hostile);
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  assert.doesNotMatch(text, /[<>"\u0000-\u001f]/);
  assert.ok(text.includes('alert(1)'));
});

test('sizes are written with two decimals at most', () =>
  assert.match(svgDocument(100.12345, 1 / 3, ''), /width="100.12" height="0.33" viewBox="0 0 100.12 0.33"/));
