// What is kept: requests, operations and their sums, as plain rows. Written by collector/, stored by store/, asked by answer/.
// Durations are whole microseconds; `atUs` is whole microseconds since 1970 (UTC), exact below 2^53.

import type { CategoryKey } from './category.ts';
import type { FindingState } from './finding.ts';
import type { Attribution, OperationRole, Outcome, ProtocolName } from './operation.ts';

/** Ten whole microsecond counts in the order of CATEGORIES. */
export type CategoryVector = readonly number[];

/** Every request, one light row. */
export interface RequestRow {
  readonly id: number;
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** The operation in another traced process that asked for this one; 0 for an entry request. */
  readonly parentOperation: number;
  readonly service: string;
  readonly process: number;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly isError: boolean;
  readonly isAborted: boolean;
  readonly atUs: number;
  readonly durationUs: number;
  /** From the start to the first byte of the response; -1 when it never came. */
  readonly firstByteUs: number;
  /** Sums to durationUs exactly. Time inside a traced callee is split by the callee's own vector. */
  readonly categories: CategoryVector;
  /** The same without looking into callees: their time is `http`. Sums to durationUs exactly. */
  readonly ownCategories: CategoryVector;
  /** Operations of this request in its own process. */
  readonly operationCount: number;
  /** Operations in the whole tree below it, itself included. */
  readonly treeOperationCount: number;
}

/** One operation. `startUs` counts from 1970; the other times from `startUs`, -1 when they did not happen. */
export interface OperationRow {
  readonly id: number;
  /** 0 when attribution is not 'request'. */
  readonly request: number;
  readonly process: number;
  readonly service: string;
  readonly attribution: Attribution;
  readonly protocol: ProtocolName;
  readonly role: OperationRole;
  readonly category: CategoryKey;
  readonly statement: string;
  readonly dependency: string;
  readonly callSite: string;
  /** Unique in the recording: process × connection. */
  readonly connection: number;
  readonly nthOnConnection: number;
  readonly atUs: number;
  readonly durationUs: number;
  /** Each a length in µs; they sum to durationUs exactly. */
  readonly phases: PhaseVector;
  /** The part of durationUs that its request was really waiting for it, callee included; 0..durationUs. */
  readonly exclusiveUs: number;
  /** In time order among the operations of the request on its critical path; false: in parallel, detached or without request. */
  readonly isBlocking: boolean;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly rows: number;
  readonly outcome: Outcome;
  readonly errorType: string;
  /**
   * µs since the same question (statement and values) was last asked of the same dependency by any traced process: REPEAT_NEVER when it
   * was not, REPEAT_UNKNOWN (also when absent) when its values were not seen. All that is kept of values is that two were equal.
   */
  readonly repeatAgeUs?: number;
  /** It asked with a value of an earlier answer of its request; absent or undefined: nobody looked. */
  readonly needsAnswer?: boolean | undefined;
  /** It needed the answer to the question right before it, and no earlier one. */
  readonly followsAnswer?: boolean | undefined;
  /** All of its values were known before that answer came; undefined: nobody looked, or there was none that differs from the last time. */
  readonly knewValues?: boolean | undefined;
  /** HTTP: the answer is text that came uncompressed; false or absent also where nobody knows. */
  readonly isPlainText?: boolean;
  /** HTTP: it said that it takes compressed answers. */
  readonly takesCompressed?: boolean;
  /** HTTP: the answer said that the connection ends with it, and the question had not asked for that. */
  readonly peerCloses?: boolean;
}

/** A connection that the process had opened was closed, by either side. */
export interface ClosingRow {
  /** As in OperationRow. */
  readonly connection: number;
  /** µs since 1970. */
  readonly atUs: number;
}

/** The phases of an operation, in order. Their lengths sum to its duration. */
export const PHASES = [
  { key: 'pool', name: 'Wait for a connection' },
  { key: 'dns', name: 'DNS' },
  { key: 'tcp', name: 'TCP' },
  { key: 'tls', name: 'TLS' },
  { key: 'send', name: 'Send' },
  { key: 'wait', name: 'Wait for first byte' },
  { key: 'receive', name: 'Receive' },
  { key: 'deliver', name: 'Event-loop wait' },
  { key: 'own', name: 'Own code before sending' },
] as const;
export type PhaseKey = (typeof PHASES)[number]['key'];
/** Whole microseconds in the order of PHASES. */
export type PhaseVector = readonly number[];
export const PhaseIndex = {
  pool: 0,
  dns: 1,
  tcp: 2,
  tls: 3,
  send: 4,
  wait: 5,
  receive: 6,
  deliver: 7,
  own: 8,
} as const satisfies Record<PhaseKey, number>;

/** Exact sums over all traffic of one minute, for one place in the code. Merged by addition. */
export interface RollupRow {
  /** Whole minutes since 1970. */
  readonly minute: number;
  readonly service: string;
  /** Of the request that caused it; '' when there was none. */
  readonly method: string;
  readonly route: string;
  readonly attribution: Attribution;
  readonly protocol: ProtocolName;
  readonly role: OperationRole;
  readonly category: CategoryKey;
  readonly statement: string;
  readonly dependency: string;
  readonly callSite: string;
  readonly count: number;
  readonly errors: number;
  readonly totalUs: number;
  readonly exclusiveUs: number;
  readonly phases: PhaseVector;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly rows: number;
  /** Operations that had to open their connection. */
  readonly newConnections: number;
  /** Bucket (base/histogram.ts) → count of durationUs. */
  readonly histogram: ReadonlyMap<number, number>;
}

/** How long a line ran, as a profiler saw it by looking now and then. Merged by addition. */
export interface CodeLineRow {
  /** Whole minutes since 1970. */
  readonly minute: number;
  readonly service: string;
  /** Of the request whose code ran; '' when it was nobody's. */
  readonly method: string;
  readonly route: string;
  /** `file:line:column` in the application; '' when none of it was on the stack. */
  readonly callSite: string;
  /** Of the function that it lies in. */
  readonly name: string;
  /** What it had called: `hashSync of bcryptjs`, `(garbage collector)`; '' when it ran itself. */
  readonly called: string;
  /** What had called it in the application, the innermost first: `file:line:column function`, one a line. */
  readonly callers: string;
  /** 0 where only what blocked was looked at. */
  readonly us: number;
  /** Within stretches of 10 ms and more in which one request kept its thread. */
  readonly blockedUs: number;
  readonly looks: number;
}

/** One traced process. */
export interface ProcessRow {
  readonly id: number;
  readonly service: string;
  readonly runtime: string;
  readonly version: string;
  readonly pid: number;
  readonly host: string;
  readonly argv: string;
  /** The folder it was started in: call sites below it are named from there. '' when it is not known. */
  readonly cwd: string;
  readonly startedAtUs: number;
  readonly notVisible: readonly string[];
  /** Pools of connections that it made, and where. */
  readonly pools?: readonly PoolPlace[];
}

/** A pool, as the program made it. */
export interface PoolPlace {
  /** 'pg', 'mysql2' … */
  readonly library: string;
  /** file:line:column of the code that made it. */
  readonly callSite: string;
}

/** What happened to a finding: appended, never changed. */
export interface FindingChangeRow {
  readonly findingId: string;
  readonly atUs: number;
  readonly state: FindingState;
  readonly isByPerson: boolean;
  readonly note: string;
  /** The finding as it was, and what was predicted and measured: JSON. */
  readonly data: string;
}

/** Counters of one recording, for coverage and doctor. Names are stable: they are printed by `doctor`. */
export interface CounterRow {
  readonly process: number;
  readonly name: string;
  readonly value: number;
}
