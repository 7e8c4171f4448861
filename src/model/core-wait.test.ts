import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coreWaitSentence } from './core-wait.ts';

const shop = { service: 'shop', ranUs: 9_000_000, waitedUs: 0, throttledUs: 0 };

test('a tenth of the time without a core is told, less is not', () => {
  assert.equal(coreWaitSentence([{ ...shop, waitedUs: 999_999 }]), '');
  assert.match(
    coreWaitSentence([{ ...shop, waitedUs: 1_000_000 }]),
    /^shop ran for 9\.00\u202fs and waited 1\.00\u202fs for a processor core\. That time is part of/,
  );
});

test('of a program that did nearly nothing, nothing is told', () => {
  assert.equal(coreWaitSentence([{ ...shop, ranUs: 10_000, waitedUs: 190_000 }]), '');
});

test('a CPU limit that held it back is told with its time', () => {
  const limited = { ...shop, waitedUs: 3_000_000, throttledUs: 2_500_000 };
  assert.match(coreWaitSentence([limited]), /CPU limit of its container held it back for 2\.50\u202fs\./);
});
