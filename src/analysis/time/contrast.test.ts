// What slow requests have in common: what is there is found, what is chance is not, and moments that are alike count once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../statistics/chances.ts';
import { burstOf, contrasts, type Described } from './contrast.ts';

const SECOND = 1e6;

/** Requests all over two minutes, of which some have facts. */
function requests(count: number, durationUs: number, factsOf: (index: number) => string[]): Described[] {
  return Array.from({ length: count }, (_, index) => ({
    atUs: Math.round((index * 120 * SECOND) / count),
    durationUs,
    facts: factsOf(index),
  }));
}

const shares = (typical: Described[], slow: Described[]) =>
  contrasts(typical, slow).map(({ fact, slowShare, typicalShare }) => [fact, slowShare, typicalShare]);

test('what most slow ones have and few others is told, with both shares', () => {
  const typical = requests(200, 10_000, (index) => [index % 2 === 0 ? 'process 1' : 'process 2']);
  const slow = requests(100, 90_000, (index) => [index % 10 === 0 ? 'process 1' : 'process 2']);
  assert.deepEqual(shares(typical, slow), [['process 2', 0.9, 0.5]]);
  const [only] = contrasts(typical, slow);
  assert.ok(only !== undefined && only.withUs > only.withoutUs);
});

test('too few slow ones, too small a difference, nothing', () => {
  const typical = requests(200, 10_000, (index) => (index % 10 === 0 ? ['a'] : []));
  assert.deepEqual(
    shares(
      typical,
      requests(20, 90_000, (index) => (index < 14 ? ['a'] : [])),
    ),
    [],
  );
  assert.deepEqual(
    shares(
      typical,
      requests(400, 90_000, (index) => (index % 4 === 0 ? ['a'] : [])),
    ),
    [],
  );
  assert.deepEqual(shares(typical, []), []);
});

test('one busy moment is one observation: what goes with it by accident is not told', () => {
  // In each twelfth of the time all requests are of the same worker; most slow ones are of one such moment.
  const worker = (atUs: number): string => `process ${String(Math.floor(atUs / (10 * SECOND)) % 2)}`;
  const typical = requests(240, 10_000, () => []).map((one) => ({ ...one, facts: [worker(one.atUs)] }));
  const spread = requests(40, 90_000, () => []);
  const busy = requests(40, 90_000, () => []).map((one) => ({ ...one, atUs: 5 * SECOND + one.atUs / 60 }));
  const slow = [...spread, ...busy].map((one) => ({ ...one, facts: [worker(one.atUs)] }));
  assert.deepEqual(shares(typical, slow), []);
  const burst = burstOf(typical, slow);
  assert.ok(burst !== undefined && burst.fromUs <= 5 * SECOND && burst.toUs < 30 * SECOND);
  assert.ok(burst.slowShare > 0.5 && burst.typicalShare < 0.2);
});

test('facts that mean nothing are not told: of a thousand, none', () => {
  const random = seededRandom(7);
  const names = Array.from({ length: 50 }, (_, index) => `fact ${String(index)}`);
  const some = (): string[] => names.filter((_, index) => random() < (index + 1) / 60);
  for (let round = 0; round < 20; round++)
    assert.deepEqual(contrasts(requests(120, 1000, some), requests(60, 9000, some)), []);
});

test('slow ones all over the time are no burst', () => {
  const every = requests(120, 1000, () => []);
  assert.equal(burstOf(every, every), undefined);
  assert.equal(burstOf([], []), undefined);
});
