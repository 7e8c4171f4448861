// Which questions were asked before, and when.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nanos } from '../base/time.ts';
import { Operation } from '../model/operation.ts';
import { REPEAT_NEVER, REPEAT_UNKNOWN } from '../model/repeat.ts';
import { Repeats } from './repeats.ts';

function asked(argumentHash: number, atUs: number, statement = 'GET user:?'): Operation {
  const operation = new Operation();
  return Object.assign(operation, { argumentHash, statement, dependency: 'Redis', sent: nanos(atUs * 1000) });
}

test('the same values of the same statement are a repeat, other ones are not', () => {
  const repeats = new Repeats();
  assert.equal(repeats.ageUs(asked(7, 1000)), REPEAT_NEVER);
  assert.equal(repeats.ageUs(asked(8, 2000)), REPEAT_NEVER);
  assert.equal(repeats.ageUs(asked(7, 2000, 'GET cart:?')), REPEAT_NEVER);
  assert.equal(repeats.ageUs(asked(7, 4000)), 3000);
  assert.equal(repeats.ageUs(asked(7, 4500)), 500);
  assert.equal(repeats.ageUs(asked(7, 4200)), 0, 'one that began before the last one');
  assert.equal(repeats.ageUs(asked(7, 5000)), 500);
});

test('values that were not seen are unknown, and set-up is no question', () => {
  const repeats = new Repeats();
  assert.equal(repeats.ageUs(asked(0, 1000)), REPEAT_UNKNOWN);
  assert.equal(repeats.ageUs(Object.assign(asked(7, 1000), { role: 'setup' as const })), REPEAT_UNKNOWN);
});

test('what is beyond the limit is forgotten, longest ago first', () => {
  const repeats = new Repeats();
  for (let hash = 1; hash <= 1001; hash++) repeats.ageUs(asked(hash, hash));
  assert.equal(repeats.ageUs(asked(1001, 2000)), 999);
  assert.equal(repeats.ageUs(asked(1, 2000)), REPEAT_NEVER);
});
