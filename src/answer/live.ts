// What only a running collector knows: who is connected now. Provided by the collector; absent over saved data. Types only.

import type { ProcessStatus, UnderWayRequest } from './api.ts';

export interface LiveStatus {
  readonly isLive: boolean;
  /** Every process seen since the collector started. */
  processes(): readonly ProcessStatus[];
  /** Name → value, as they are now: newer than what is stored. */
  counters(): Readonly<Record<string, number>>;
  /** Requests that have not ended, in any order. */
  underWay(): readonly UnderWayRequest[];
}
