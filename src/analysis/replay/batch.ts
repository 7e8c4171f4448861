// N operations as one. In: the operations of one request that a batch would replace, and what their peer takes. Out: a change.
// Model: a batch takes one round trip, the work of one item, and a share of the work of each other item. The share is small where an index
// finds rows, nothing at best, and all of it at worst; and no row takes longer than the rows of the peer's own lists do.
// The code that makes a call goes with it. What is more than that between two calls is work on the item, and stays.

import { mostCodeUs, USUAL_CALL_US } from './call-code.ts';
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

export const BATCHES = {
  usual: { itemShare: 0.1, trustsLists: true, callUs: USUAL_CALL_US },
  best: { itemShare: 0, trustsLists: true, callUs: Number.POSITIVE_INFINITY },
  worst: { itemShare: 1, trustsLists: false, callUs: 0 },
} as const satisfies Record<string, BatchModel>;

/** The first becomes the batch, the others go. It never takes longer than what it replaces. */
export function batch(loop: Occurrence, peer: Peer, model: BatchModel, change: ChangeBuilder): void {
  batchCalls(loop, peer, model, change);
  takePauses(loop, peer, model, 0, change);
}

/** Several statements in turns: each becomes one batch, and what lies between two calls goes with the second of them. */
export function batchTurns(
  turns: readonly Occurrence[],
  peerOf: (operation: SampledOperation) => Peer,
  model: BatchModel,
  change: ChangeBuilder,
): void {
  const [first] = turns;
  if (first === undefined) return;
  for (const each of turns) {
    const [at] = each.operations;
    if (at !== undefined) batchCalls(each, peerOf(at), model, change);
  }
  const operations = turns
    .flatMap((each) => each.operations)
    .toSorted((a, b) => a.atUs - b.atUs || a.id - b.id);
  const pauseUs = Math.max(...operations.map((each) => peerOf(each).pauseUs));
  takePauses({ node: first.node, operations }, { pauseUs }, model, turns.length - 1, change);
}

function batchCalls(
  { operations }: Occurrence,
  { roundTripUs, rowUs }: Peer,
  { itemShare, trustsLists }: BatchModel,
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
}

/** `kept`: so many of them, from the first on, are between calls that stay. */
function takePauses(
  { node, operations }: Occurrence,
  peer: Pick<Peer, 'pauseUs'>,
  { callUs }: BatchModel,
  kept: number,
  change: ChangeBuilder,
): void {
  const mostUs = callUs === 0 ? 0 : Math.max(callUs, mostCodeUs(peer));
  const goneUs = pausesOf(operations, node.operations)
    .slice(kept)
    .reduce((sum, us) => sum + Math.min(us, mostUs), 0);
  const { id } = node.request;
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
