// What a trace is made of. In: nothing. Out: types of its requests and operations; times are µs from the start of the trace.

import type { CategoryVector, OperationRow } from './row.ts';

/** One request of a trace. */
export interface TraceRequest {
  readonly id: number;
  /** Operation id that asked for it; 0 for the root. */
  readonly parentOperation: number;
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly isError: boolean;
  readonly startUs: number;
  readonly durationUs: number;
  readonly firstByteUs: number;
  readonly ownCategories: CategoryVector;
  /**
   * What the request itself was doing, in order, without gaps: [startUs, lengthUs, category index] each, for its own code,
   * loop wait and unattributed time (the time between operations).
   */
  readonly own: readonly (readonly [number, number, number])[];
  /** Its clock and that of its caller differ: it was moved by so many µs to lie within its call. 0: they agree. */
  readonly clockShiftUs: number;
}

/** One operation of a trace. */
export interface TraceOperation extends Omit<
  OperationRow,
  | 'process'
  | 'service'
  | 'attribution'
  | 'atUs'
  | 'repeatAgeUs'
  | 'needsAnswer'
  | 'followsAnswer'
  | 'knewValues'
  | 'isPlainText'
  | 'takesCompressed'
  | 'peerCloses'
> {
  readonly startUs: number;
  /** The same statement failed just before, in the same request: it is asked again. */
  readonly isRetry: boolean;
  /** Operations of the trace with the same number asked the same: statement and values. 0: nobody can tell. */
  readonly question: number;
}
