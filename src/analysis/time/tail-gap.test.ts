import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tailGap, type Spent } from './tail-gap.ts';

const spent = (parts: Readonly<Record<string, readonly [calls: number, us: number]>>): Spent =>
  new Map(Object.entries(parts).map(([key, [calls, us]]) => [key, { calls, us }]));

const part = fc.record({ calls: fc.nat(20), us: fc.nat(100_000) });
const requests = fc.array(
  fc
    .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), part)
    .map((each): Spent => new Map(Object.entries(each))),
  { minLength: 1, maxLength: 20 },
);
const meanUs = (all: readonly Spent[]): number =>
  all.flatMap((each) => [...each.values()]).reduce((sum, { us }) => sum + us, 0) / all.length;

test('parts add up to the difference, and calls and lengths to each part', () => {
  fc.assert(
    fc.property(requests, requests, (typical, slow) => {
      const parts = tailGap(typical, slow);
      const sum = parts.reduce((us, each) => us + each.us, 0);
      assert.ok(Math.abs(sum - (meanUs(slow) - meanUs(typical))) < 1e-6);
      for (const { us, callsUs, lengthUs, slow: of } of parts) {
        assert.ok(Math.abs(callsUs + lengthUs - us) < 1e-6);
        assert.ok(of.presence >= 0 && of.presence <= 1 + 1e-9);
      }
    }),
  );
});

test('more calls of the same length are calls, longer ones are length, and what only slow ones do is calls', () => {
  const [query, handshake, price, own] = tailGap(
    [spent({ query: [2, 2000], price: [1, 1000], own: [0, 500] })],
    [
      spent({ query: [10, 10_000], price: [1, 1800], own: [0, 500], handshake: [1, 6000] }),
      spent({ query: [10, 10_000], price: [1, 1800], own: [0, 500] }),
    ],
  );
  assert.deepEqual([query?.key, query?.callsUs, query?.lengthUs], ['query', 8000, 0]);
  assert.deepEqual([handshake?.key, handshake?.callsUs, handshake?.lengthUs], ['handshake', 3000, 0]);
  assert.deepEqual([handshake?.typical.presence, handshake?.slow.presence], [0, 0.5]);
  assert.deepEqual([price?.key, price?.callsUs, price?.lengthUs], ['price', 0, 800]);
  assert.deepEqual([own?.key, own?.us], ['own', 0]);
});

test('both at once share what they do together', () => {
  const [both] = tailGap([spent({ query: [2, 2000] })], [spent({ query: [4, 8000] })]);
  // Two more calls of 1.5 ms, three of them 1 ms longer.
  assert.deepEqual([both?.us, both?.callsUs, both?.lengthUs], [6000, 3000, 3000]);
});

test('the error is that of the means', () => {
  const [one] = tailGap(
    [spent({ a: [1, 1000] }), spent({ a: [1, 1000] })],
    [spent({ a: [1, 1000] }), spent({ a: [1, 3000] })],
  );
  assert.equal(one?.us, 1000);
  assert.ok(Math.abs((one?.errorUs ?? 0) - 1000 / Math.SQRT2) < 1e-6);
});
