import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packRepeat, REPEAT_NEVER, REPEAT_UNKNOWN, repeatIn } from './repeat.ts';

test('both facts come back, whatever the age', () => {
  for (const ageUs of [REPEAT_UNKNOWN, REPEAT_NEVER, 0, 1, 86_400_000_000])
    for (const needsAnswer of [undefined, false, true])
      assert.deepEqual(repeatIn(packRepeat(ageUs, needsAnswer)), { ageUs, needsAnswer });
  assert.equal(packRepeat(17, undefined), 17, 'as in recordings without it');
});
