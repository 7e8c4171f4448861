// N operations as one. In: the operations of one request that a batch would replace, and what their peer takes. Out: a change.
// Model: a batch takes one round trip, the work of one item, and a share of the work of each other item. The share is small where an index
// finds rows, nothing at best, and all of it at worst; and no row takes longer than the rows of the peer's own lists do.
// The code that makes a call goes with it. What is more than that between two calls is work on the item, and stays.

import { NO_PHASES, wireUs, withPhases, type ChangeBuilder } from './change.ts';
import type { Occurrence } from '../sample/occurrences.ts';
import type { Peer } from '../sample/peers.ts';
import type { SampledOperation } from '../sample/request-tree.ts';
import { isReset } from '../sample/statement-facts.ts';
import { medianOf } from '../statistics/chances.ts';

export interface BatchModel {
  /** Of the work of an item that each further item of a batch costs. */
  readonly itemShare: number;
  /** Lists show what a row takes. */
  readonly trustsLists: boolean;
  /** Of the time between two calls that goes, at most. */
  readonly callUs: number;
}

/** Half a millisecond: what a client of HTTP needs to send a request and to hand over the answer, when nobody waits for the loop. */
export const BATCHES = {
  usual: { itemShare: 0.1, trustsLists: true, callUs: 500 },
  best: { itemShare: 0, trustsLists: true, callUs: Number.POSITIVE_INFINITY },
  worst: { itemShare: 1, trustsLists: false, callUs: 0 },
} as const satisfies Record<string, BatchModel>;

/** Clients that need more than that need it for each of their calls: the fastest ones show how much. */
const TIMES_THE_FASTEST = 2;

/** The first becomes the batch, the others go. It never takes longer than what it replaces. */
export function batch(
  { node, operations }: Occurrence,
  { roundTripUs, rowUs, pauseUs }: Peer,
  { itemShare, trustsLists, callUs }: BatchModel,
  change: ChangeBuilder,
): void {
  const [first, ...others] = operations;
  if (first === undefined) return;
  const wires = operations.map(({ phases }) => wireUs(phases));
  const workUs = Math.max(0, medianOf(wires) - roundTripUs);
  const itemUs = trustsLists ? Math.min(itemShare * workUs, rowUs) : itemShare * workUs;
  const sumUs = wires.reduce((sum, us) => sum + us, 0);
  const batchUs = Math.min(sumUs, Math.round(roundTripUs + workUs + others.length * itemUs));
  change.phases.set(first.id, withPhases(first.phases, { send: 0, receive: 0, wait: batchUs }));
  for (const { id } of others) change.phases.set(id, NO_PHASES);
  const { id } = node.request;
  const mostUs = callUs === 0 ? 0 : Math.max(callUs, TIMES_THE_FASTEST * pauseUs);
  const goneUs = pausesOf(operations, node.operations).reduce((sum, us) => sum + Math.min(us, mostUs), 0);
  change.gapsUs.set(id, (change.gapsUs.get(id) ?? 0) + goneUs);
}

/** Times between a call and the next one, with nothing else begun in between but what the driver says when a connection goes back. */
export function pausesOf(
  operations: readonly SampledOperation[],
  all: readonly SampledOperation[],
): number[] {
  const own = all.filter((each) => !isReset(each));
  return operations.flatMap((operation, index): number[] => {
    const before = operations[index - 1];
    if (before === undefined || own[own.indexOf(operation) - 1] !== before) return [];
    const fromUs = before.atUs + before.durationUs;
    const resetUs = all
      .filter((each) => isReset(each) && each.atUs >= fromUs && each.atUs < operation.atUs)
      .reduce((sum, { durationUs }) => sum + durationUs, 0);
    return [Math.max(0, operation.atUs - fromUs - resetUs)];
  });
}
