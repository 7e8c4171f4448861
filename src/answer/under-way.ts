// Requests that have not ended: what hangs, and what a trace is that is not stored yet. In: the running collector. Out: the longest of them.

import type { UnderWayAnswer } from './api.ts';
import type { LiveStatus } from './live.ts';

/** More are counted. A trace is looked for in all of them. */
const MOST_TOLD = 100;

/** `traceId`: only those of this trace. `now` in ms since 1970. */
export function underWay(
  live: LiveStatus | undefined,
  now: number,
  traceId: string | undefined,
): UnderWayAnswer {
  const all = live?.underWay() ?? [];
  const wanted = traceId === undefined ? all : all.filter((request) => request.traceId === traceId);
  const requests = wanted.toSorted((a, b) => a.startedAt - b.startedAt).slice(0, MOST_TOLD);
  return { now, total: wanted.length, requests };
}
