// A chain of calls as one. In: the calls of one request that a join, or one call that does all of it, would replace, and what their peer
// takes. Out: a change. Model: the peer does all of the work, at once instead of step by step: the ways there and back between the steps go,
// with the code that makes a call.

import type { Peer } from '../sample/peers.ts';
import type { Occurrence } from '../sample/occurrences.ts';
import { pausesOf } from './batch.ts';
import { NO_PHASES, wireUs, withPhases, type ChangeBuilder } from './change.ts';

export interface JoinModel {
  /** Of the work of all calls but the longest, what is left when they are one. */
  readonly workShare: number;
  /** Of the time between two calls that goes, at most. */
  readonly callUs: number;
}

/** At worst a join works as long as its parts did, and the code between the calls moves into it; at best it takes what its longest part takes. */
export const JOINS = {
  usual: { workShare: 1, callUs: 500 },
  best: { workShare: 0, callUs: 500 },
  worst: { workShare: 1, callUs: 0 },
} as const satisfies Record<string, JoinModel>;

/** The first becomes the one call, the others go. */
export function join(
  { node, operations }: Occurrence,
  { roundTripUs }: Peer,
  { workShare, callUs }: JoinModel,
  change: ChangeBuilder,
): void {
  const [first, ...others] = operations;
  if (first === undefined) return;
  const works = operations.map(({ phases }) => Math.max(0, wireUs(phases) - roundTripUs));
  const longestUs = Math.max(...works);
  const restUs = works.reduce((sum, us) => sum + us, 0) - longestUs;
  const sumUs = operations.reduce((sum, { phases }) => sum + wireUs(phases), 0);
  const wait = Math.min(sumUs, Math.round(roundTripUs + longestUs + workShare * restUs));
  change.phases.set(first.id, withPhases(first.phases, { send: 0, receive: 0, wait }));
  for (const { id } of others) change.phases.set(id, NO_PHASES);
  const goneUs = pausesOf(operations, node.operations).reduce((sum, us) => sum + Math.min(us, callUs), 0);
  const { id } = node.request;
  change.gapsUs.set(id, (change.gapsUs.get(id) ?? 0) + goneUs);
}
