// What is inside the bars, in typed arrays. In: the answer for one trace. Out: phases of operations, own time of requests.

import type { TraceOperation } from '../../answer/api.ts';
import type { TraceData } from '../state/trace-data.ts';
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
  readonly ownCategory: Float64Array;
  readonly requestStartUs: Float64Array;
  readonly requestEndUs: Float64Array;
}

export function buildBarData({ operations, own, requests }: TraceData): BarData {
  const ended = (outcome: string) =>
    Uint8Array.from({ length: operations.length }, (_, index) =>
      operations.text('outcome', index) === outcome ? 1 : 0,
    );
  return {
    phasesUs: operations.phasesUs,
    isError: ended('error'),
    isUnfinished: ended('unfinished'),
    ownFrom: own.from,
    ownStartUs: own.startUs,
    ownLengthUs: own.lengthUs,
    ownCategory: own.category,
    requestStartUs: Float64Array.from(requests, ({ startUs }) => startUs),
    requestEndUs: Float64Array.from(requests, ({ startUs, durationUs }) => startUs + durationUs),
  };
}

/** The pool's login handshake is shown as what it costs: opening a connection. */
export function categoryIndexOf({ role, category }: Pick<TraceOperation, 'role' | 'category'>): number {
  return role === 'setup' ? CategoryIndex.conn : CategoryIndex[category];
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
