// N operations as one. In: the operations of one request that a batch would replace, and what one round trip takes.
// Out: a change. Model: a batch takes one round trip, the work of one item, and a share of the work of each other item.
// The share is small where an index finds rows (0.1), nothing at best, and all of it at worst.

import { NO_PHASES, wireUs, withPhases, type ChangeBuilder } from './change.ts';
import type { SampledOperation } from './request-tree.ts';
import { medianOf } from './statistics.ts';

/** Of the work of an item that each further item of a batch costs. */
export const BATCH_SHARES = { usual: 0.1, best: 0, worst: 1 } as const;

/** The first becomes the batch, the others go. It never takes longer than what it replaces. */
export function batch(
  operations: readonly SampledOperation[],
  rttUs: number,
  itemShare: number,
  change: ChangeBuilder,
): void {
  const [first, ...others] = operations;
  if (first === undefined) return;
  const wires = operations.map(({ phases }) => wireUs(phases));
  const workUs = Math.max(0, medianOf(wires) - rttUs);
  const sumUs = wires.reduce((sum, us) => sum + us, 0);
  const batchUs = Math.min(sumUs, Math.round(rttUs + workUs + others.length * itemShare * workUs));
  change.phases.set(first.id, withPhases(first.phases, { send: 0, receive: 0, wait: batchUs }));
  for (const { id } of others) change.phases.set(id, NO_PHASES);
}
