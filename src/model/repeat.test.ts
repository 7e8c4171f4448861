import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packRepeat, REPEAT_NEVER, REPEAT_UNKNOWN, repeatIn } from './repeat.ts';

const AGES = [REPEAT_UNKNOWN, REPEAT_NEVER, 0, 1, 86_400_000_000];

test('all facts come back, whatever the age', () => {
  for (const ageUs of AGES)
    for (const needed of [
      { needsAnswer: undefined, followsAnswer: undefined, knewValues: undefined },
      { needsAnswer: false, followsAnswer: false, knewValues: undefined },
      { needsAnswer: false, followsAnswer: false, knewValues: false },
      { needsAnswer: false, followsAnswer: false, knewValues: true },
      { needsAnswer: true, followsAnswer: false, knewValues: false },
      { needsAnswer: true, followsAnswer: false, knewValues: true },
      { needsAnswer: true, followsAnswer: true, knewValues: false },
    ])
      for (const isPlainText of [false, true])
        for (const takesCompressed of [false, true])
          for (const peerCloses of [false, true]) {
            const facts = { ...needed, isPlainText, takesCompressed, peerCloses };
            assert.deepEqual(repeatIn(packRepeat(ageUs, facts)), { ageUs, ...facts });
          }
});

test('as in recordings of before', () => {
  assert.equal(packRepeat(17, {}), 17);
  assert.equal(packRepeat(17, { needsAnswer: true }), 2 ** 50 + 17);
  assert.equal(packRepeat(17, { needsAnswer: false }), 2 ** 51 + 17);
});
