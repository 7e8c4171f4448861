// What a service waited for a processor core, and the words for it. In: totals of its processes, µs. Out: one sentence, or none.

import { formatDuration } from '../base/numbers.ts';

export interface CoreWait {
  readonly service: string;
  /** How long its processes ran on a core. Of Node: their main threads. */
  readonly ranUs: number;
  /** How long they were ready to run and had none. */
  readonly waitedUs: number;
  /** How long the CPU limit of their container kept them from running; it may be part of what they waited. */
  readonly throttledUs: number;
}

/** Below a tenth it explains nothing that anybody sees in a request. */
const LEAST_SHARE = 0.1;
const LEAST_US = 200_000;

/** Whether requests of the service took visibly longer than they would on a machine with a free core. */
export function isShortOfCores({ ranUs, waitedUs, throttledUs }: CoreWait): boolean {
  const isLong = waitedUs >= LEAST_US && waitedUs >= LEAST_SHARE * (ranUs + waitedUs);
  return isLong || throttledUs >= Math.max(LEAST_US, LEAST_SHARE * ranUs);
}

/** '' when every service had its core. */
export function coreWaitSentence(waits: readonly CoreWait[]): string {
  const parts = waits.filter(isShortOfCores).map(partOf);
  if (parts.length === 0) return '';
  return `${parts.join('; ')}. That time is part of own code, event-loop wait and what is not attributed.`;
}

function partOf({ service, ranUs, waitedUs, throttledUs }: CoreWait): string {
  const waited = `${service} ran for ${formatDuration(ranUs)} and waited ${formatDuration(waitedUs)} for a processor core`;
  return throttledUs < LEAST_US
    ? waited
    : `${waited}; the CPU limit of its container held it back for ${formatDuration(throttledUs)}`;
}
