// A line before a pool, replayed. In: recorded holds, a number of connections, what is left of each hold after a change.
// Out: how long each would wait: first come, first served. Arrivals stay where they were recorded.
// The model is trusted only as far as it reproduces what was recorded: waits are scaled by model-after over model-now.

import { PhaseIndex } from '../../model/row.ts';
import { withPhases, type Change, type ChangeBuilder } from '../replay/change.ts';
import type { Hold, PoolUse } from '../sample/connection-use.ts';

/** Waits in µs, in the order of the holds. A hold of 0 µs is one that is gone. */
export function lineWaits(holds: readonly Hold[], connections: number, heldUs: readonly number[]): number[] {
  const freeAt = new Float64Array(Math.max(1, connections));
  return holds.map((hold, index) => {
    const held = heldUs[index] ?? 0;
    if (held <= 0) return 0;
    const slot = soonest(freeAt);
    const grantedUs = Math.max(hold.arrivedUs, freeAt[slot] ?? 0);
    freeAt[slot] = grantedUs + held;
    return grantedUs - hold.arrivedUs;
  });
}

/** Pools have tens of connections at most: a heap would not be faster. */
function soonest(freeAt: Float64Array): number {
  let best = 0;
  for (let slot = 1; slot < freeAt.length; slot++) if ((freeAt[slot] ?? 0) < (freeAt[best] ?? 0)) best = slot;
  return best;
}

export function heldNow(holds: readonly Hold[]): number[] {
  return holds.map(({ grantedUs, releasedUs }) => Math.max(1, releasedUs - grantedUs));
}

/** More connections work slower: each hold grows by this share for each time the pool's size is added to it. */
export function heldWith(
  holds: readonly Hold[],
  size: number,
  connections: number,
  inflation: number,
): number[] {
  const factor = 1 + inflation * (connections / Math.max(1, size) - 1);
  return heldNow(holds).map((us) => us * factor);
}

/** What is left of each hold after a change took operations away or shortened them. */
function heldAfter(holds: readonly Hold[], change: Change): number[] {
  const now = heldNow(holds);
  return holds.map(({ operations }, index) => {
    let less = 0;
    let isGone = true;
    for (const { id, phases } of operations) {
      const left = change.phases.get(id);
      if (left === undefined) isGone = false;
      else {
        const leftUs = heldPart(left);
        less += heldPart(phases) - leftUs;
        if (leftUs > 0) isGone = false;
      }
    }
    return isGone ? 0 : Math.max(1, (now[index] ?? 0) - less);
  });
}

function heldPart(phases: readonly number[]): number {
  return phases.reduce((sum, us) => sum + us, 0) - (phases[PhaseIndex.pool] ?? 0);
}

/** Shortens the recorded pool waits as the model's waits get shorter; of operations that the change has left, too. */
export function shortenWaits(
  pool: PoolUse,
  before: readonly number[],
  after: readonly number[],
  change: ChangeBuilder,
): void {
  for (const [index, { operation }] of pool.holds.entries()) {
    const left = change.phases.get(operation.id) ?? operation.phases;
    const waitedUs = left[PhaseIndex.pool] ?? 0;
    const modelledUs = before[index] ?? 0;
    if (waitedUs === 0 || modelledUs <= 0) continue;
    const shareLeft = Math.min(1, (after[index] ?? 0) / modelledUs);
    if (shareLeft < 1)
      change.phases.set(operation.id, withPhases(left, { pool: Math.round(waitedUs * shareLeft) }));
  }
}

/** A change, and what it does to others who wait in the same lines: who is gone holds nobody up. */
export function withShorterLines(pools: readonly PoolUse[], change: Change): Change {
  const all: ChangeBuilder = {
    phases: new Map(change.phases),
    together: new Map(change.together),
    gapsUs: new Map(change.gapsUs),
  };
  for (const pool of pools) {
    if (!pool.holds.some(({ operations }) => operations.some(({ id }) => change.phases.has(id)))) continue;
    const before = lineWaits(pool.holds, pool.size, heldNow(pool.holds));
    const after = lineWaits(pool.holds, pool.size, heldAfter(pool.holds, change));
    shortenWaits(pool, before, after, all);
  }
  return all;
}
