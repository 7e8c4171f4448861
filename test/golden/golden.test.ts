// Both agents and the reader agree on the bytes of batch.bin. In: batch.bin, batch.json. Out: pass or fail.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { FACTS, goldenBatch, HEADER } from './facts.ts';

const here = new URL('.', import.meta.url);

test('the writer makes exactly the golden bytes', () => {
  const golden = readFileSync(new URL('batch.bin', here));
  assert.deepEqual(Buffer.from(goldenBatch()), golden);
});

test('batch.json holds the facts the bytes were made from', () => {
  const golden: unknown = JSON.parse(readFileSync(new URL('batch.json', here), 'utf8'));
  assert.deepEqual(golden, JSON.parse(JSON.stringify({ header: HEADER, facts: FACTS })));
});

test('the layout is the one of FORMAT.md, read without the reader', () => {
  const golden = readFileSync(new URL('batch.bin', here));
  assert.equal(golden.toString('latin1', 0, 4), 'WTR1');
  assert.equal(golden.readUInt32LE(8), golden.length);
  const kinds: number[] = [];
  for (let at = 48; at < golden.length; at += golden.readUInt32LE(at)) {
    assert.equal(at % 8, 0);
    kinds.push(golden.readUInt16LE(at + 4));
  }
  assert.deepEqual(kinds, [1, 2, 5, 7, 11, 9, 10, 3, 3, 3, 4, 4, 4, 4, 4, 8, 8, 12, 6, 14, 16, 18]);
});
