// What is said of a pool at a glance, on both sides of each limit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PoolRow } from '../api.ts';
import { verdictOf } from './connections.ts';

const QUIET: Omit<PoolRow, 'verdict'> = {
  service: 'shop',
  dependency: 'Postgres',
  protocol: 'postgres',
  category: 'db',
  calls: 1000,
  waited: 0,
  p95WaitUs: 0,
  poolUs: 0,
  setupUs: 0,
  connections: 10,
  newConnections: 10,
};
const verdict = (row: Partial<PoolRow>): string => verdictOf({ ...QUIET, ...row });

test('a line, and how long it is', () => {
  assert.equal(verdict({}), 'ok');
  assert.equal(verdict({ waited: 10 }), 'ok');
  assert.equal(verdict({ waited: 11 }), 'starved');
  assert.equal(verdict({ p95WaitUs: 2001 }), 'starved');
});

test('connections for calls, and for requests of a few calls', () => {
  assert.equal(verdict({ newConnections: 201 }), 'churn');
  assert.equal(verdict({ calls: 225, newConnections: 45 }), 'ok');
  assert.equal(verdict({ newConnections: 50, calls: 1249 }), 'churn');
  assert.equal(verdict({ newConnections: 50, calls: 1250 }), 'ok');
  assert.equal(verdict({ newConnections: 49 }), 'ok');
});

test('what costs more time is said', () => {
  assert.equal(verdict({ waited: 500, newConnections: 500, poolUs: 2, setupUs: 1 }), 'starved');
  assert.equal(verdict({ waited: 500, newConnections: 500, poolUs: 1, setupUs: 2 }), 'churn');
});
