import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING_FOUND, nothingFound } from './nothing-found.ts';

test('where a profiler looked the lines are said already', () => {
  const ownCode = [{ service: 'shop', us: 1000, lines: [] }];
  assert.match(
    nothingFound([{ key: 'own', share: 0.66 }], ownCode),
    /66% is your own code, of which the profile/,
  );
});

test('who has most of the time in own code is told of a profiler, others are not', () => {
  assert.equal(nothingFound([{ key: 'own', share: 0.49 }]), NOTHING_FOUND);
  assert.equal(nothingFound([]), NOTHING_FOUND);
  assert.match(
    nothingFound([{ key: 'own', share: 0.66 }]),
    /66\s?% is your own code: wiretime run --profile/,
  );
});
