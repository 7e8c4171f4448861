// When a finding's state changes, on both sides of each limit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding, FindingKind, Measures } from '../model/finding.ts';
import { disappeared, NEEDED_REQUESTS, returned, verdict, type Observed, type Snapshot } from './life.ts';

function measures(requests: number, us: number): Measures {
  return { requests, meanUs: us, p50Us: us, p95Us: us, p99Us: undefined, callsPerRequest: 4 };
}

/** Was there in 80 of 100 requests of 10 ms. */
function snapshot(kind: FindingKind = 'n-plus-one'): Snapshot {
  const endpoint = { service: 'shop', method: 'GET', route: '/cart' };
  const finding: Finding = {
    id: 'a',
    kind,
    title: 'A loop',
    service: 'shop',
    endpoint,
    statement: '',
    dependency: 'Postgres',
    protocol: 'postgres',
    callSite: 'a.js:1',
    evidence: { requests: 80, lookedAt: 100, traceIds: [] },
    saving: { p50Us: 1, p95Us: 1, meanUs: 1, lowUs: 1, highUs: 1 },
    share: 0.1,
    marginalShare: 0.1,
    effects: [],
    confidence: 'high',
    isCeiling: false,
    fix: '',
  };
  return { finding, before: measures(1000, 10_000), predicted: measures(1000, 4000) };
}

function observed(stillShare: number, us = 4000, requests = NEEDED_REQUESTS): Observed {
  return { measured: measures(requests, us), stillShare, lookedAt: requests };
}

test('nothing is said before there are enough requests', () => {
  assert.equal(verdict(snapshot(), observed(0, 4000, NEEDED_REQUESTS - 1)), undefined);
  assert.equal(disappeared(snapshot(), observed(0, 4000, NEEDED_REQUESTS - 1)), undefined);
  assert.equal(returned(snapshot(), observed(1, 9000, NEEDED_REQUESTS - 1)), undefined);
});

test('gone and faster is verified; half as often as before is no change; slower is worse', () => {
  assert.equal(verdict(snapshot(), observed(0))?.state, 'verified');
  assert.equal(verdict(snapshot(), observed(0.39))?.state, 'verified');
  assert.equal(verdict(snapshot(), observed(0.4))?.state, 'no-change');
  assert.equal(verdict(snapshot(), observed(0, 12_000))?.state, 'verified');
  assert.equal(verdict(snapshot(), observed(0, 12_001))?.state, 'worse');
  assert.match(
    verdict(snapshot(), observed(0))?.note ?? '',
    /^Gone in 100 requests: p50 10.0.ms, now p50 4.00.ms\.$/,
  );
});

test('what is not seen any more is verified by itself, when code alone decides whether it is there', () => {
  assert.equal(disappeared(snapshot(), observed(0.08))?.state, 'verifying');
  assert.equal(disappeared(snapshot(), observed(0.09)), undefined);
  assert.equal(
    disappeared(snapshot('pool-starvation'), observed(0)),
    undefined,
    'it may only be a quiet hour',
  );
});

test('what was verified and is back is opened again', () => {
  assert.equal(returned(snapshot(), observed(0.39)), undefined);
  assert.deepEqual(returned(snapshot(), observed(0.5)), {
    state: 'reopened',
    note: 'Back in 50% of 100 requests.',
  });
});
