// Real collections, within a window and without.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { now, startClock } from '../clock.ts';
import { Collections } from './collections.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
startClock();

const SECOND = 1e9;

/** Node tells of a collection with the next turn of the loop, and observers hear of it with the one after. */
async function told(): Promise<void> {
  await turn();
  await turn();
}

test('collections within a window count, with how long they stopped the thread; those between do not', async () => {
  const began = now();
  const collections = new Collections(began);
  collect();
  assert.equal(collections.tick(began + 0.9 * SECOND), false);
  const opened = new Collections(began - 2 * SECOND);
  assert.equal(opened.tick(now()), true);
  collect();
  collect();
  await told();
  assert.equal(opened.tick(now() + 0.3 * SECOND), false);
  assert.equal(opened.count, 2);
  assert.ok(opened.pausedNs > 0 && opened.pausedNs <= opened.busyNs);
  collect();
  await told();
  assert.equal(opened.tick(now() + 5 * SECOND), false);
  assert.equal(opened.count, 2);
  assert.equal(collections.count, 0);
});

test('the next window is a period later, and adds to the totals', async () => {
  const collections = new Collections(now() - 2 * SECOND);
  for (const later of [0, 7 * SECOND]) {
    assert.equal(collections.tick(now() + later), true);
    collect();
    await told();
    assert.equal(collections.tick(now() + later + 0.3 * SECOND), false);
  }
  assert.equal(collections.count, 2);
});
