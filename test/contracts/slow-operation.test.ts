// Queries that stand out together: none of them is half of its endpoint, and both are why it is slow.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFindings } from './detector.ts';
import { Recording } from './recorded-requests.ts';

interface Paged {
  readonly countUs: number;
  readonly pageUs: number;
  readonly loopUs?: number;
  readonly tailUs?: number;
}

/** A page of a list and the count of its pages; and a look-up by key, for what is usual. */
function paged({ countUs, pageUs, loopUs = 0, tailUs = 500 }: Paged): Recording {
  const recording = new Recording();
  for (let index = 0; index < 60; index++) {
    const atUs = 1_000_000 + index * 300_000;
    recording.add({
      atUs,
      operations: [
        {
          statement: 'SELECT COUNT(*) FROM history',
          callSite: '/app/history.js:8:1',
          phases: { wait: countUs },
        },
        {
          statement: 'SELECT id FROM history LIMIT ?',
          callSite: '/app/history.js:9:1',
          phases: { wait: pageUs },
        },
      ],
      loopUs,
      tailUs: tailUs + loopUs,
    });
    for (const table of ['users', 'carts', 'items'])
      recording.add({
        atUs: atUs + 150_000,
        route: `/${table}/:id`,
        operations: [{ statement: `SELECT a FROM ${table} WHERE id = $1`, phases: { wait: 1000 } }],
      });
  }
  return recording;
}

function slowIn(told: Paged): readonly string[] {
  return allFindings(paged(told).sample())
    .findings.filter(({ kind }) => kind === 'slow-operation')
    .map(({ callSite }) => callSite)
    .toSorted();
}

test('two that share what an endpoint takes are both told', () => {
  assert.deepEqual(slowIn({ countUs: 20_000, pageUs: 22_000 }), ['/app/history.js:8', '/app/history.js:9']);
});

test('what the endpoint waits for the loop does not hide them', () => {
  assert.equal(slowIn({ countUs: 20_000, pageUs: 22_000, loopUs: 60_000 }).length, 2);
});

test('one that is a small part of the endpoint is not told with the other, nor are both where own code takes most', () => {
  assert.deepEqual(slowIn({ countUs: 6000, pageUs: 60_000 }), ['/app/history.js:9']);
  assert.deepEqual(slowIn({ countUs: 20_000, pageUs: 22_000, tailUs: 60_000 }), []);
});
