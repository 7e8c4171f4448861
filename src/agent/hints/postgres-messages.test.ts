import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAbout, OperationFinder } from './postgres-messages.ts';

function message(tag: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + Buffer.byteLength(body));
  bytes.write(tag, 0, 'latin1');
  bytes.writeUInt32BE(bytes.length - 1, 1);
  bytes.write(body, 5);
  return bytes;
}

const query = (sql: string): Buffer => message('Q', `${sql}\0`);
const parse = (name: string, sql: string): Buffer => message('P', `${name}\0${sql}\0\0\0`);
const bind = (name: string): Buffer => message('B', `\0${name}\0\0\0\0\0\0\0`);
const execute = message('E', '\0\0\0\0\0');
const sync = message('S', '');
const flush = message('H', '');

test('a query, a parsed statement, a statement parsed before: one operation each', () => {
  const first = query('select 1');
  const second = Buffer.concat([parse('s1', 'select 2'), bind('s1'), execute, sync]);
  const third = Buffer.concat([bind('s1'), execute, sync]);
  const starts = new OperationFinder().starts(Buffer.concat([first, second, third]));
  assert.deepEqual(starts, [0, first.length, first.length + second.length]);
});

test('a Bind in a later write goes on with the operation that its Parse began', () => {
  const finder = new OperationFinder();
  assert.deepEqual(finder.starts(Buffer.concat([parse('s1', 'select $1'), flush])), [0]);
  assert.deepEqual(finder.starts(Buffer.concat([bind('s1'), execute, sync])), []);
  assert.deepEqual(finder.starts(Buffer.concat([bind('s1'), execute, sync])), [0]);
});

test('after an error only a Sync follows: the next Bind is a new operation', () => {
  const finder = new OperationFinder();
  finder.starts(Buffer.concat([parse('s1', 'selec'), flush]));
  assert.deepEqual(finder.starts(sync), []);
  assert.deepEqual(finder.starts(bind('s2')), [0]);
});

test('a message is about its statement, or about its text when it has no name', () => {
  assert.ok(isAbout(query('select 1'), 0, '', 'select 1'));
  assert.ok(!isAbout(query('select 10'), 0, '', 'select 1'));
  assert.ok(isAbout(parse('s1', 'select 1'), 0, 's1', 'select 1'));
  assert.ok(!isAbout(parse('s10', 'select 1'), 0, 's1', 'select 1'));
  assert.ok(isAbout(parse('', 'sélect 1'), 0, '', 'sélect 1'));
  assert.ok(!isAbout(parse('', 'select 2'), 0, '', 'select 1'));
  assert.ok(isAbout(bind('s1'), 0, 's1', 'select 1'));
  assert.ok(!isAbout(bind('s2'), 0, 's1', 'select 1'));
});

test('bytes of something else give no operation and no exception', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(), (bytes, at) => {
      const buffer = Buffer.from(bytes);
      for (const start of new OperationFinder().starts(buffer)) assert.ok(start < buffer.length);
      isAbout(buffer, at, 'name', 'select 1');
    }),
  );
});
