// Code that is interrupted on every endpoint tells of the machine; code that takes long on one of them tells of that one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recording } from '../../../test/contracts/recorded-requests.ts';
import { isBusyMachine } from './busy-machine.ts';

const ROUTES = ['/a', '/b', '/c', '/d'];

/** 40 requests of each endpoint; every tenth one of `interrupted` endpoints computes for `us`, the others for 200 µs. */
function recorded(interrupted: number, us: number): Recording {
  const recording = new Recording();
  for (let index = 0; index < 40; index++)
    for (const [place, route] of ROUTES.entries())
      recording.add({
        route,
        operations: [{}],
        tailUs: place < interrupted && index % 10 === 0 ? us : 200,
      });
  return recording;
}

test('half of the endpoints are interrupted for 10 ms: the machine was busy', () => {
  assert.equal(isBusyMachine(recorded(2, 10_000).sample()), true);
  assert.equal(isBusyMachine(recorded(1, 50_000).sample()), false);
  assert.equal(isBusyMachine(recorded(4, 9_900).sample()), false);
});
