// Code that blocks the event loop in requests that ask nobody for anything: there is no operation to name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFindings } from './detector.ts';
import { Recording } from './recorded-requests.ts';

/** Tiles that are only computed, one in `few` quicker than usual, and a look-up that waits for each. */
function computed(ownUs: (index: number) => number): Recording {
  const recording = new Recording();
  for (let index = 0; index < 60; index++) {
    const atUs = 1_000_000 + index * 300_000;
    recording.add({ atUs, route: '/tiles/:tile', operations: [], tailUs: ownUs(index) });
    recording.add({
      atUs: atUs + 500,
      operations: [{ statement: 'SELECT b FROM other WHERE id = $1' }],
      tailUs: ownUs(index) + 1000,
      loopUs: ownUs(index),
    });
  }
  return recording;
}

function blockedIn(recording: Recording) {
  return allFindings(recording.sample()).findings.filter(({ kind }) => kind === 'blocked-loop');
}

test('an endpoint without operations is told, without a line', () => {
  const [found, ...others] = blockedIn(computed(() => 60_000));
  assert.deepEqual(others, []);
  assert.equal(found?.endpoint?.route, '/tiles/:tile');
  assert.equal(found.callSite, '');
  assert.equal(found.statement, '');
  assert.equal(found.dependency, '');
});

test('what usually takes long need not take long each time', () => {
  assert.equal(blockedIn(computed((index) => (index % 5 === 0 ? 8000 : 14_000))).length, 1);
  assert.equal(blockedIn(computed((index) => (index % 5 === 0 ? 1000 : 14_000))).length, 0);
});
