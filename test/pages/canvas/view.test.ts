import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { minimapHandle, minimapTime, minimapX } from '../../../src/ui/canvas/minimap-scale.ts';
import { fitted, panned, tickLabel, tickStep, wholeTrace, zoomed } from '../../../src/ui/canvas/view.ts';

const DURATION = 200_000;

test('the whole trace has room for the last label', () => {
  const { from, to } = wholeTrace(DURATION);
  assert.ok(from < 0 && to > DURATION * 1.05);
});

test('zooming keeps the time under the pointer where it is', () => {
  const before = { from: 50_000, to: 150_000 };
  const after = zoomed(before, 0.5, 75_000, DURATION);
  assert.deepEqual(after, { from: 62_500, to: 112_500 });
});

test('neither zoom nor pan leaves the trace or gets narrower than can be seen', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.double({ min: 0.1, max: 10, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })),
      ),
      (steps) => {
        let window = wholeTrace(DURATION);
        for (const [factor, share] of steps) {
          window = panned(zoomed(window, factor, (window.from + window.to) / 2, DURATION), share, DURATION);
          assert.ok(window.to - window.from >= 19.9, `${window.to - window.from} µs`);
          assert.ok(window.from >= -DURATION * 0.03 && window.to <= DURATION * 1.11);
        }
      },
    ),
  );
});

test('fitting a bar shows it whole, with room for its label', () => {
  const { from, to } = fitted(10_000, 20_000);
  assert.ok(from < 10_000 && to > 22_000);
});

test('ticks are 1, 2 or 5 × 10ⁿ apart, and wide enough for their labels', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 20, max: 1e9, noNaN: true }),
      fc.integer({ min: 200, max: 3000 }),
      (length, width) => {
        const step = tickStep({ from: 0, to: length }, width);
        const lead = step / 10 ** Math.floor(Math.log10(step * 1.0001));
        assert.ok(
          [1, 2, 5].some((digit) => Math.abs(digit - lead) < 1e-6),
          `${step}`,
        );
        const px = (step / length) * width;
        assert.ok(px > 94.9 && px < 240, `${px} px`);
      },
    ),
  );
});

test('one axis has one unit', () => {
  assert.equal(tickLabel(20_000, 20_000), '20\u202fms');
  assert.equal(tickLabel(1_500_000, 500_000), '1500\u202fms');
  assert.equal(tickLabel(2_000_000, 2_000_000), '2\u202fs');
  assert.equal(tickLabel(50, 10), '50\u202fµs');
});

test('the overview maps both ways, and its handles are where the frame is', () => {
  const width = 650;
  assert.ok(Math.abs(minimapTime(minimapX(12_345, DURATION, width), DURATION, width) - 12_345) < 1e-6);
  const window = { from: 50_000, to: 100_000 };
  assert.equal(minimapHandle(minimapX(50_000, DURATION, width) + 3, window, DURATION, width), 'from');
  assert.equal(minimapHandle(minimapX(100_000, DURATION, width) - 3, window, DURATION, width), 'to');
  assert.equal(minimapHandle(minimapX(75_000, DURATION, width), window, DURATION, width), 'inside');
  assert.equal(minimapHandle(minimapX(150_000, DURATION, width), window, DURATION, width), 'outside');
});
