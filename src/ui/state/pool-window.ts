// The visible window of a pool: `w` of the address, µs since 1970. In: the address, where to look first. Out: a window, and the address
// changed. Not here: what is drawn.

import type { PoolAnswer } from '../../answer/api.ts';
import { query, setParameters } from './address.ts';

export type TimeSpan = PoolAnswer['first'];

/** `w` of the address, else where to look first. */
export function visibleOf(first: TimeSpan): TimeSpan {
  const [fromUs, toUs] = (query.value.get('w') ?? '').split(',').map(Number);
  const isGiven =
    fromUs !== undefined && toUs !== undefined && Number.isSafeInteger(fromUs) && Number.isSafeInteger(toUs);
  return isGiven && fromUs > 0 && fromUs < toUs ? { fromUs, toUs } : first;
}

export function show(visible: TimeSpan): void {
  setParameters({ w: windowText(visible) });
}

/** As the address and the server have it. */
export function windowText({ fromUs, toUs }: TimeSpan): string {
  return `${Math.max(1, Math.floor(fromUs))},${Math.floor(toUs)}`;
}

/** 2 ms: below it single packets would have to be told apart. An hour: more is the overview's. */
const SHORTEST_US = 2000;
const LONGEST_US = 3600e6;

export function zoomed({ fromUs, toUs }: TimeSpan, factor: number): TimeSpan {
  const middle = (fromUs + toUs) / 2;
  const half = Math.max(SHORTEST_US, Math.min(LONGEST_US, (toUs - fromUs) * factor)) / 2;
  return { fromUs: middle - half, toUs: middle + half };
}

export function moved({ fromUs, toUs }: TimeSpan, share: number): TimeSpan {
  const by = (toUs - fromUs) * share;
  return { fromUs: fromUs + by, toUs: toUs + by };
}

/** A pool, and what of it is in sight. */
export interface PoolView {
  readonly answer: PoolAnswer;
  readonly visible: TimeSpan;
}
