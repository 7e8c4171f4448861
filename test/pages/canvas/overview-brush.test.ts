import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { brushed, centredAt, handleAt, movedByKey } from '../../../src/ui/canvas/overview-brush.ts';

const RANGE = { fromUs: 1000, toUs: 19_000 };
const BEFORE = { fromUs: 5000, toUs: 7000 };

test('a wide frame has edges, a narrow one can only be moved', () => {
  assert.deepEqual(
    [94, 100, 105, 106, 150, 194, 200, 206].map((x) => handleAt(x, 100, 200)),
    ['outside', 'from', 'from', 'inside', 'inside', 'inside', 'to', 'outside'],
  );
  assert.deepEqual(
    [94, 95, 100, 105, 110, 111].map((x) => handleAt(x, 100, 105)),
    ['outside', 'inside', 'inside', 'inside', 'inside', 'outside'],
  );
});

test('outside a drag draws a new window either way, edges are pulled, past each other too, the inside moves', () => {
  assert.deepEqual(brushed('outside', BEFORE, 9000, 12_000, RANGE), { fromUs: 9000, toUs: 12_000 });
  assert.deepEqual(brushed('outside', BEFORE, 9000, 3000, RANGE), { fromUs: 3000, toUs: 9000 });
  assert.deepEqual(brushed('from', BEFORE, 5000, 4000, RANGE), { fromUs: 4000, toUs: 7000 });
  assert.deepEqual(brushed('from', BEFORE, 5000, 8000, RANGE), { fromUs: 7000, toUs: 8000 });
  assert.deepEqual(brushed('to', BEFORE, 7000, 9000, RANGE), { fromUs: 5000, toUs: 9000 });
  assert.deepEqual(brushed('inside', BEFORE, 6000, 6500, RANGE), { fromUs: 5500, toUs: 7500 });
  assert.deepEqual(centredAt(BEFORE, 18_900, RANGE), { fromUs: 17_000, toUs: 19_000 });
});

test('keys move the end, with shift the start, and neither leaves the range or passes the other', () => {
  const press = (key: string, shiftKey = false, before = BEFORE) =>
    movedByKey({ key, shiftKey }, before, RANGE);
  assert.deepEqual(press('ArrowRight'), { fromUs: 5000, toUs: 7100 });
  assert.deepEqual(press('ArrowLeft'), { fromUs: 5000, toUs: 6900 });
  assert.deepEqual(press('ArrowLeft', true), { fromUs: 4900, toUs: 7000 });
  assert.deepEqual(press('ArrowRight', true, { fromUs: 6950, toUs: 7000 }), { fromUs: 7000, toUs: 7000 });
  assert.deepEqual(press('ArrowRight', false, { fromUs: 5000, toUs: 19_000 }), {
    fromUs: 5000,
    toUs: 19_000,
  });
  assert.equal(press('j'), undefined);
});

test('whatever is dragged where, the window has a beginning in the range and an end behind it', () => {
  const us = fc.integer({ min: RANGE.fromUs, max: RANGE.toUs });
  const handle = fc.constantFrom('from', 'to', 'inside', 'outside' as const);
  fc.assert(
    fc.property(handle, us, us, us, us, (held, a, b, start, now) => {
      const before = { fromUs: Math.min(a, b), toUs: Math.max(a, b) };
      const { fromUs, toUs } = brushed(held, before, start, now, RANGE);
      assert.ok(fromUs >= RANGE.fromUs && toUs >= fromUs && toUs <= RANGE.toUs, `${fromUs} ${toUs}`);
    }),
  );
});
