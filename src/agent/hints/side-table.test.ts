import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { sideTable } from './side-table.ts';

test('values are kept by object and by table', () => {
  const first = sideTable<number>();
  const second = sideTable<string>();
  const owner = {};
  assert.equal(first.get(owner), undefined);
  first.set(owner, 1);
  second.set(owner, 'one');
  first.set(owner, 2);
  assert.equal(first.get(owner), 2);
  assert.equal(second.get(owner), 'one');
  assert.equal(first.get({}), undefined);
});

test('the owner looks as before', () => {
  const owner = { a: 1 };
  sideTable<number>().set(owner, 1);
  assert.deepEqual(Reflect.ownKeys(owner), ['a']);
  assert.equal(inspect(owner, { showHidden: true }), '{ a: 1 }');
  assert.equal(JSON.stringify({ ...owner }), '{"a":1}');
});

test('a value may be taken back', () => {
  const table = sideTable<number>();
  const owner = {};
  table.set(owner, 1);
  table.set(owner, undefined);
  assert.equal(table.get(owner), undefined);
});
