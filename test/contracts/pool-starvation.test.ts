// A small pool on a machine without a free core: connections are held for longer than they need to be, and now and then somebody waits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFindings } from './detector.ts';
import { Recording } from './recorded-requests.ts';

/** One connection; of so many requests one comes while it is in use. */
function crowded(oneIn: number): Recording {
  const recording = new Recording();
  const request = (atUs: number, pool: number): void => {
    recording.add({ atUs, operations: [{ phases: { pool, wait: 10_000 }, callSite: '/app/list.js:2:1' }] });
  };
  for (let round = 0; round < 60; round++) {
    const atUs = 1_000_000 + round * 1_000_000;
    for (let nth = 0; nth < oneIn - 1; nth++) request(atUs + nth * 20_000, 0);
    request(atUs + (oneIn - 2) * 20_000 + 1000, 9000);
  }
  return recording;
}

function found(oneIn: number, share: number): number {
  const sample = { ...crowded(oneIn).sample(), coreShares: new Map([['shop', share]]) };
  return allFindings(sample).findings.filter(({ kind }) => kind === 'pool-starvation').length;
}

test('a few that wait are told where the service had a core', () => {
  assert.deepEqual([found(12, 1), found(12, 0.34)], [1, 1]);
});

test('where it mostly had none, only a line in which many stand is told', () => {
  assert.deepEqual([found(12, 0.32), found(4, 0.32)], [0, 1]);
});
