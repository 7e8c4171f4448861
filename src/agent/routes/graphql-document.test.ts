import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { looksLikeDocument, operationIn } from './graphql-document.ts';

const CASES: readonly (readonly [text: string, wanted: string, name: string])[] = [
  ['query GetUser($id: ID!) { user(id: $id) { name } }', '', 'query GetUser'],
  [
    'mutation Pay($input: PayInput = {amount: 3}) @live(if: {a: 1}) { pay(input: $input) { id } }',
    '',
    'mutation Pay',
  ],
  ['subscription OnOrder { order { id } }', '', 'subscription OnOrder'],
  ['{ user(name: "secret") { id } posts { id } }', '', 'query {posts user}'],
  ['query { a: user(id: 1) b: user(id: 2) }', '', 'query {user}'],
  ['{ e d c b a }', '', 'query {a b c +2}'],
  ['query ($id: ID!) { user(id: $id) @include(if: true) { id } }', '', 'query {user}'],
  ['{ ...Fields } fragment Fields on Query { user { id } }', '', 'query {...Fields}'],
  ['{ ... on Query { user { id } } posts }', '', 'query {...Query posts}'],
  ['fragment F on User { id } query One { user { ...F } }', '', 'query One'],
  ['query One { a } query Two { b }', 'Two', 'query Two'],
  ['query One { a } query Two { b }', 'Three', ''],
  [
    '# } query No {\n query Yes { f(text: "} query No {", block: """ "} \\""" query No {""") }',
    '',
    'query Yes',
  ],
  ['\uFEFF,, query\tTabs\n{ a }', '', 'query Tabs'],
  ['{ a: b, c(x: {y: "z"}) { d } }', '', 'query {b c}'],
  ['type Query { a: Int }', '', ''],
  ['query Cut { a ', '', ''],
  ['{ a ', '', ''],
  ['select 1', '', ''],
  ['', '', ''],
];

for (const [text, wanted, name] of CASES)
  test(`${JSON.stringify(text)}${wanted && ` asked for ${wanted}`}`, () => {
    assert.equal(operationIn(text, wanted), name);
  });

test('what a search box sends is no document', () => {
  for (const text of ['shoes', 'query shoes', '{', 'queryx { a }', ''])
    assert.equal(looksLikeDocument(text) && operationIn(text, '') !== '', false);
  assert.ok(looksLikeDocument('  # hello\n{ a }'));
});

test('whatever a client sends, there is an answer, it is short and holds no literal', () => {
  const word = fc.constantFrom(
    '{',
    '}',
    '(',
    ')',
    ':',
    '...',
    '@',
    '"secret"',
    '"""secret"""',
    '"',
    '#',
    '\n',
    'query',
    'on',
    'a',
    'b',
    '$v',
    '!',
    ',',
    '1',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), fc.string(), (words, other) => {
      for (const text of [words.join(' '), words.join(''), other]) {
        const name = operationIn(text, '');
        assert.ok(name.length < 400);
        assert.ok(!name.includes('secret') || !text.includes('"secret"') || !balanced(text));
      }
    }),
    { numRuns: 500 },
  );
});

/** With a quote that is never closed a literal is a name like any other. */
function balanced(text: string): boolean {
  return (text.match(/"/g)?.length ?? 0) % 2 === 0 && !/#|\n/.test(text);
}
