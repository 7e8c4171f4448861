import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceAnswer } from '../../../src/answer/api.ts';
import { decodeTrace, encodeTrace, inColumns } from '../../../src/model/trace-columns.ts';
import { cartTrace, reindexTrace } from '../shop.ts';

for (const [name, make] of [
  ['small', cartTrace],
  ['10 000 operations', reindexTrace],
] as const)
  test(`the ${name} trace says the same in columns, and after it travelled as bytes`, () => {
    const trace = make();
    const bytes = encodeTrace(trace);
    const arrived = decodeTrace<TraceAnswer>(bytes.buffer);
    assert.ok(arrived);
    for (const columns of [inColumns(trace), arrived]) {
      const { operations, own, requests, ...rest } = columns;
      const { operations: rows, requests: asked, ...others } = trace;
      assert.deepEqual({ ...rest }, others);
      assert.equal(operations.length, rows.length);
      rows.forEach((row, index) => assert.deepEqual(operations.at(index), row));
      asked.forEach(({ own: stretches, ...facts }, index) => {
        assert.deepEqual({ ...requests[index] }, facts);
        const [from = 0, to = 0] = [own.from[index], own.from[index + 1]];
        const found = Array.from({ length: to - from }, (_, nth) => [
          own.startUs[from + nth],
          own.lengthUs[from + nth],
          own.category[from + nth],
        ]);
        assert.deepEqual(found, stretches);
      });
    }
    const perOperation = bytes.length / trace.operations.length;
    if (trace.operations.length > 1000) assert.ok(perOperation < 40, `${perOperation} bytes an operation`);
  });

test('of an index that there is none of nothing is known', () => {
  const { operations } = inColumns(cartTrace());
  for (const index of [-1, operations.length]) {
    assert.equal(operations.at(index), undefined);
    assert.equal(operations.text('statement', index), '');
    assert.equal(operations.placeOf(index), -1);
    assert.equal(operations.isBlocking(index), false);
  }
});

test('what does the same from the same place has the same number, and nothing else has', () => {
  const trace = cartTrace();
  const { operations } = inColumns(trace);
  const keyOf = (index: number) => {
    const row = trace.operations[index];
    return [row?.statement, row?.callSite, row?.dependency].join('\n');
  };
  for (let a = 0; a < operations.length; a++)
    for (let b = 0; b < operations.length; b++)
      assert.equal(operations.placeOf(a) === operations.placeOf(b), keyOf(a) === keyOf(b), `${a} and ${b}`);
});
