// What is inside the bars, in typed arrays. In: the answer for one trace. Out: phases of operations, own time of requests.

import type { TraceAnswer } from '../../answer/api.ts';
import { CategoryIndex } from '../../model/category.ts';
import { PHASES, PhaseIndex } from '../../model/row.ts';

export const PHASE_COUNT = PHASES.length;

/** In the order they happen: own code comes before sending. */
export const PHASES_IN_TIME = [
  PhaseIndex.pool,
  PhaseIndex.dns,
  PhaseIndex.tcp,
  PhaseIndex.tls,
  PhaseIndex.own,
  PhaseIndex.send,
  PhaseIndex.wait,
  PhaseIndex.receive,
  PhaseIndex.deliver,
] as const;

export interface BarData {
  /** Operation × PHASE_COUNT + phase → µs. */
  readonly phasesUs: Float64Array;
  readonly isError: Uint8Array;
  /** Its end was not seen. */
  readonly isUnfinished: Uint8Array;
  /** Request → first of its own segments; one entry more than there are requests. */
  readonly ownFrom: Int32Array;
  readonly ownStartUs: Float64Array;
  readonly ownLengthUs: Float64Array;
  readonly ownCategory: Uint8Array;
  readonly requestStartUs: Float64Array;
  readonly requestEndUs: Float64Array;
}

export function buildBarData({ operations, requests }: TraceAnswer): BarData {
  const own = requests.flatMap((request) => request.own);
  let before = 0;
  return {
    phasesUs: Float64Array.from(
      operations.flatMap(({ phases }) => PHASES.map((_, index) => phases[index] ?? 0)),
    ),
    isError: Uint8Array.from(operations, ({ outcome }) => (outcome === 'error' ? 1 : 0)),
    isUnfinished: Uint8Array.from(operations, ({ outcome }) => (outcome === 'unfinished' ? 1 : 0)),
    ownFrom: Int32Array.from([0, ...requests.map((request) => (before += request.own.length))]),
    ownStartUs: Float64Array.from(own, ([startUs]) => startUs),
    ownLengthUs: Float64Array.from(own, ([, lengthUs]) => lengthUs),
    ownCategory: Uint8Array.from(own, ([, , category]) => category),
    requestStartUs: Float64Array.from(requests, ({ startUs }) => startUs),
    requestEndUs: Float64Array.from(requests, ({ startUs, durationUs }) => startUs + durationUs),
  };
}

/** The category in whose colour a phase is drawn; `category` is the operation's. All are indices. */
export function phaseCategory(phase: number, category: number): number {
  if (phase === PhaseIndex.pool) return CategoryIndex.pool;
  if (phase === PhaseIndex.dns || phase === PhaseIndex.tcp || phase === PhaseIndex.tls)
    return CategoryIndex.conn;
  if (phase === PhaseIndex.deliver) return CategoryIndex.loop;
  return phase === PhaseIndex.own ? CategoryIndex.own : category;
}

/** Send and receive are the strong shade: bytes move. Opening a connection keeps its stripes throughout. */
export function isEdgePhase(phase: number, category: number): boolean {
  return category !== CategoryIndex.conn && (phase === PhaseIndex.send || phase === PhaseIndex.receive);
}
