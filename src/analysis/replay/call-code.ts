// The code that makes a call goes with it. In: calls of one request that a change takes away. Out: what goes from the time between calls.
// Only time in which nothing is under way, right before the call, and only as much as a client needs for a call: what is more than that is work.

import type { Peer } from '../sample/peers.ts';
import { endOf, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import { isReset } from '../sample/statement-facts.ts';
import type { ChangeBuilder } from './change.ts';

/** Half a millisecond: what a client of HTTP needs to send a request and to hand over the answer, when nobody waits for the loop. */
export const USUAL_CALL_US = 500;
/** Clients that need more than that need it for each of their calls: the fastest ones show how much. */
const TIMES_THE_FASTEST = 2;

/** µs of the code around one call, at most. */
export function mostCodeUs({ pauseUs }: Pick<Peer, 'pauseUs'>): number {
  return Math.max(USUAL_CALL_US, TIMES_THE_FASTEST * pauseUs);
}

/** `gone`: calls of this request that the change takes away. */
export function takeCallCode(
  node: RequestNode,
  gone: readonly SampledOperation[],
  peer: Peer,
  change: ChangeBuilder,
): void {
  const mostUs = mostCodeUs(peer);
  const us = gone.reduce((sum, operation) => sum + Math.min(mostUs, pauseBefore(node, operation)), 0);
  const { id } = node.request;
  if (us > 0) change.gapsUs.set(id, (change.gapsUs.get(id) ?? 0) + us);
}

/** µs since the last of all earlier calls was over; 0 while one is under way, and before the first. What a driver says by itself begins no call. */
function pauseBefore({ operations }: RequestNode, { atUs }: SampledOperation): number {
  const earlier = operations.filter((each) => each.atUs < atUs);
  if (earlier.every(isReset)) return 0;
  return Math.max(0, atUs - Math.max(...earlier.map(endOf)));
}
