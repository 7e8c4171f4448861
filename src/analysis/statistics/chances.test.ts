import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastShare, standardError, tailChance } from './chances.ts';

const near = (found: number, wanted: number, off = 1e-3): void =>
  assert.ok(Math.abs(found - wanted) < off, `${found}, not ${wanted}`);

test('the low end of a share: nothing shows nothing, and more that were looked at say more', () => {
  assert.equal(leastShare(0, 0), 0);
  near(leastShare(0, 50), 0);
  // Wilson, one-sided 95 %: 8 of 60, and 80 of 600.
  near(leastShare(8, 60), 0.0767);
  near(leastShare(80, 600), 0.1122);
  assert.ok(leastShare(60, 60) > 0.95 && leastShare(60, 60) < 1);
});

test('the chance of so many or more', () => {
  near(tailChance(0, 10, 0.3), 1);
  near(tailChance(9, 9, 1 / 3), 3 ** -9, 1e-9);
  // Of 10 throws of a coin 8 and more are heads: 56 of 1024.
  near(tailChance(8, 10, 0.5), 56 / 1024, 1e-9);
  assert.equal(tailChance(11, 10, 0.5), 0);
});

test('how much a mean is off, from the means of blocks', () => {
  assert.equal(standardError([{ sum: 10, count: 1 }]), 0);
  assert.equal(
    standardError([
      { sum: 10, count: 5 },
      { sum: 20, count: 10 },
    ]),
    0,
  );
  // Means 1 and 3 of equal blocks: the sample's deviation is √2, of the mean of two blocks 1.
  near(
    standardError([
      { sum: 10, count: 10 },
      { sum: 30, count: 10 },
    ]),
    1,
  );
});
