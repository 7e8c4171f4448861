// What the agents of a service tell of its CPU, and the words for it: how long garbage collection stopped it, and what they take themselves.
// In: totals of its processes. Out: sentences, or none. Node only: Python's agent tells neither.

import { formatShare } from '../base/numbers.ts';

export interface ToldCpu {
  readonly service: string;
  /** Garbage collections that were seen, in windows of a thirtieth of the time. */
  readonly gcCount: number;
  /** How long they stopped a thread, and how long the threads were busy in these windows, with them. */
  readonly gcPausedUs: number;
  readonly gcBusyUs: number;
  /** What the agents took, counted and not measured, of what the processes took since they started. */
  readonly agentUs: number;
  readonly processUs: number;
}

/** Below this it explains nothing that anybody sees; and a few collections are not what a program does all the time. */
const LEAST_SHARE = 0.05;
const LEAST_COUNT = 5;

/** '' when no service was stopped for long. */
export function collectionSentence(told: readonly ToldCpu[]): string {
  const parts = told
    .filter(
      ({ gcCount, gcPausedUs, gcBusyUs }) => gcCount >= LEAST_COUNT && gcPausedUs >= LEAST_SHARE * gcBusyUs,
    )
    .map(({ service, gcPausedUs, gcBusyUs }) => `${service} for ${formatShare(gcPausedUs / gcBusyUs)}`);
  if (parts.length === 0) return '';
  return `Garbage collection stopped ${parts.join(', ')} of the time it was busy (seen in a thirtieth of the time). It is part of own code and event-loop wait.`;
}

/** '' when no agent has told. */
export function agentCostSentence(told: readonly ToldCpu[]): string {
  const parts = told
    .filter(({ agentUs, processUs }) => agentUs > 0 && processUs > 0)
    .map(({ service, agentUs, processUs }) => `${formatShare(agentUs / processUs)} of the CPU of ${service}`);
  if (parts.length === 0) return '';
  return `The agent takes about ${parts.join(', ')}: counted by what it noted, not measured.`;
}
