import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attribute, type Piece } from './attribute.ts';

const segments = (start: number, end: number, pieces: Piece[]): string =>
  attribute(start, end, pieces)
    .map((s) => `${s.owner < 0 ? 'gap' : s.owner}:${s.startUs}-${s.endUs}`)
    .join(' ');
const piece = (owner: number, startUs: number, endUs: number): Piece => ({ owner, startUs, endUs });

test('one after the other: each is waited for, with own code between', () => {
  assert.equal(
    segments(0, 100, [piece(0, 10, 30), piece(1, 40, 90)]),
    'gap:0-10 0:10-30 gap:30-40 1:40-90 gap:90-100',
  );
});

test('in parallel: only the last finisher is waited for', () => {
  assert.equal(segments(0, 100, [piece(0, 10, 60), piece(1, 10, 90)]), 'gap:0-10 1:10-90 gap:90-100');
});

test('a call that outlives the response was not waited for', () => {
  assert.equal(segments(0, 100, [piece(0, 10, 200), piece(1, 20, 50)]), 'gap:0-20 1:20-50 gap:50-100');
});

test('a chain beside a long call: the chain is waited for when it ends last', () => {
  assert.equal(
    segments(0, 130, [piece(0, 0, 100), piece(1, 0, 50), piece(2, 50, 120)]),
    '1:0-50 2:50-120 gap:120-130',
  );
});

test('work that began before the request counts from its start only', () => {
  assert.equal(segments(50, 100, [piece(0, 10, 80)]), '0:50-80 gap:80-100');
});

test('an empty request has no segments', () => {
  assert.equal(segments(5, 5, [piece(0, 1, 9)]), '');
});

const pieces = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 100 }))
    .map(([start, length]) => ({ start, length })),
  { maxLength: 30 },
);

test('segments tile the request exactly, whatever the pieces', () => {
  fc.assert(
    fc.property(
      pieces,
      fc.integer({ min: 0, max: 150 }),
      fc.integer({ min: 0, max: 150 }),
      (list, start, length) => {
        const input = list.map((p, owner) => piece(owner, p.start, p.start + p.length));
        let t = start;
        for (const segment of attribute(start, start + length, input)) {
          assert.equal(segment.startUs, t);
          assert.ok(segment.endUs > segment.startUs);
          t = segment.endUs;
        }
        assert.equal(t, start + length);
      },
    ),
  );
});

test('the order of the pieces does not matter', () => {
  fc.assert(
    fc.property(pieces, (list) => {
      const input = list.map((p, owner) => piece(owner, p.start, p.start + p.length));
      assert.deepEqual(attribute(20, 220, input.toReversed()), attribute(20, 220, input));
    }),
  );
});
