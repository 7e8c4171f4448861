import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding, FindingState, Measures } from '../../model/finding.ts';
import { calibrationOf } from './calibration.ts';
import type { KnownLife } from './finding-lives.ts';

const measures = (meanUs: number): Measures => ({
  requests: 200,
  meanUs,
  p50Us: meanUs,
  p95Us: undefined,
  p99Us: undefined,
  callsPerRequest: 1,
});

const FINDING: Finding = {
  id: 'n-plus-one-1',
  kind: 'n-plus-one',
  title: 'One query per row',
  service: 'cart',
  endpoint: { service: 'cart', method: 'GET', route: '/' },
  statement: '',
  dependency: '',
  protocol: 'postgres',
  callSite: '',
  evidence: { requests: 100, lookedAt: 100, traceIds: [] },
  saving: { p50Us: 4000, p95Us: 4000, meanUs: 4000, lowUs: 3000, highUs: 5000 },
  share: 0.1,
  marginalShare: 0.1,
  effects: [],
  confidence: 'high',
  isCeiling: false,
  fix: '',
};

/** Of 10 ms, 4 were predicted to go (3 to 5). */
function life(
  measuredUs: number,
  more: Partial<Finding> = {},
  state: FindingState = 'verified',
  stillShare = 0,
): KnownLife {
  return {
    id: `n-plus-one-${measuredUs}`,
    kept: {
      finding: { ...FINDING, ...more },
      before: measures(10_000),
      predicted: measures(6000),
      distribution: { stepUs: 1, now: [], after: [] },
    },
    state,
    since: measuredUs,
    history: [],
    verifyingSince: 0,
    last: { measured: measures(measuredUs), stillShare },
  };
}

test('errors with their sign, and how often the interval was right', () => {
  const { verified, judged, medianError, medianBias, withinInterval, words, records } = calibrationOf([
    life(6000),
    life(5500),
    life(4000),
  ]);
  assert.deepEqual([verified, judged, withinInterval], [3, 3, 2]);
  assert.deepEqual([medianError, medianBias], [0.125, 0.125]);
  assert.equal(
    words,
    '3 findings were mended so far: the predicted saving was off by 13% in the median, mostly too little; 2 of 3 measured ones lie in the predicted 90% interval.',
  );
  assert.deepEqual(
    records.map(({ saving }) => saving.measuredUs),
    [4000, 4500, 6000],
    'newest first',
  );
});

test('one that made requests slower is not left out, one that is still there is', () => {
  const { verified, medianError, withinInterval } = calibrationOf([
    life(14_000, {}, 'worse'),
    life(14_000, {}, 'worse', 0.6),
    life(10_000, {}, 'no-change', 1),
  ]);
  assert.deepEqual([verified, medianError, withinInterval], [1, 2, 0]);
});

test('an upper bound is no prediction', () => {
  const { verified, judged, medianError, words } = calibrationOf([life(9000, { isCeiling: true })]);
  assert.deepEqual([verified, judged, medianError], [1, 0, undefined]);
  assert.equal(
    words,
    '1 finding was mended so far, with upper bounds only: nothing can be said about predictions.',
  );
  assert.equal(calibrationOf([]).words, '');
});
