// The answers as types: what the server sends, what the pages and the terminal show. Only types and constants here.
// Durations are whole µs (`…Us`) or ms (`…Ms`, in the report only); times are ms since 1970. Shares are 0..1.

import type { CategoryKey } from '../model/category.ts';
import type { CoreWait } from '../model/core-wait.ts';
import type { OwnCode } from '../model/own-code.ts';
import type { ToldCpu } from '../model/told-cpu.ts';
import type { Attribution, ProtocolName } from '../model/operation.ts';
import type {
  Confidence,
  EndpointName,
  Finding,
  FindingEffect,
  FindingEvidence,
  FindingKind,
} from '../model/finding.ts';
import type { CategoryVector, PhaseKey } from '../model/row.ts';
import type { TraceOperation, TraceRequest } from '../model/trace.ts';

export * from './api-findings.ts';
export * from './api-pages.ts';
export type { TraceOperation, TraceRequest } from '../model/trace.ts';

/** A piece of a sentence. `swatch` puts the colour of a category in front of it. */
export interface Words {
  readonly text: string;
  readonly isStrong?: boolean;
  readonly isCode?: boolean;
  readonly swatch?: CategoryKey;
}

/** What time is asked about. Both ends inclusive, ms since 1970; absent: the whole recording. */
export interface Range {
  readonly from?: number;
  readonly to?: number;
}

export interface Window {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

export interface ServiceInfo {
  readonly name: string;
  readonly runtime: string;
  readonly version: string;
  readonly instances: number;
  readonly requests: number;
}

/** operations = attributed + noRequest + notVisible. */
export interface Coverage {
  readonly requests: number;
  readonly operations: number;
  readonly attributed: number;
  readonly noRequest: number;
  readonly notVisible: number;
  readonly dropped: number;
  readonly resyncs: number;
  /** Names of what agents cannot see: 'pg-native', 'sockets with onread' … */
  readonly notVisibleNames: readonly string[];
  /** At most this share of the request time of the processes that have any: what their requests cannot account for. 0..1. */
  readonly unseenShare: number;
  /** Of the whole recording; empty where the kernel does not tell. */
  readonly coreWaits: readonly CoreWait[];
  /** Of the whole recording; empty where agents tell nothing of it. */
  readonly toldCpu: readonly ToldCpu[];
  /** Where the CPU goes, by line, of services that were profiled. */
  readonly ownCode: readonly OwnCode[];
}

/** In µs. A percentile is undefined when there are too few requests for it (fewer than 1 / (1 − p) × 5). */
export interface Percentiles {
  readonly meanUs: number;
  readonly p50Us: number | undefined;
  readonly p95Us: number | undefined;
  readonly p99Us: number | undefined;
  readonly maxUs: number;
}

export interface CategoryTotal {
  readonly key: CategoryKey;
  readonly us: number;
  readonly share: number;
}

export interface EndpointRow {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  /** Its requests came from outside; false: from other traced services. An endpoint that is asked from both has two rows. */
  readonly isEntry: boolean;
  readonly requests: number;
  readonly errors: number;
  readonly duration: Percentiles;
  readonly totalUs: number;
  /** Sums over its requests; adds up to totalUs. */
  readonly categories: CategoryVector;
  /** p95 in µs in equal slots of the window; -1 where there was no request. */
  readonly spark: readonly number[];
}

export interface DependencyRow {
  readonly name: string;
  readonly protocol: ProtocolName;
  readonly category: CategoryKey;
  readonly calls: number;
  readonly errors: number;
  readonly p50Us: number | undefined;
  readonly p95Us: number | undefined;
  /** What callers waited for it, on the critical path or not: pool wait + set-up + wire = totalUs. */
  readonly poolUs: number;
  readonly setupUs: number;
  readonly wireUs: number;
  readonly totalUs: number;
  readonly newConnections: number;
}

/** A finding as lists show it: without evidence, and of its effects only the largest. */
export type FindingRow = Omit<Finding, 'evidence' | 'effects'> & {
  readonly requests: number;
  readonly effect: FindingEffect;
  /** Trace id of a typical request that shows it; '' when there is none. */
  readonly exampleTrace: string;
};

/** By what they save after those before them, largest first. Shares are of all request time. */
export interface FindingRows {
  readonly rows: readonly FindingRow[];
  /** The first three together, and all of them: what two of them save counts once. */
  readonly firstThreeShare: number;
  readonly togetherShare: number;
}

/** GET /api/findings?from=&to=: waits until they are there. */
export interface FindingsAnswer {
  readonly findings: readonly Finding[];
  readonly firstThreeShare: number;
  readonly togetherShare: number;
}

/** GET /api/home?from=&to= */
export interface HomeAnswer {
  readonly project: string;
  readonly window: Window;
  readonly services: readonly ServiceInfo[];
  readonly sentence: readonly Words[];
  readonly second: readonly Words[];
  /** Of entry requests. */
  readonly requests: number;
  readonly totalUs: number;
  /** Of entry requests; absent when there is none. */
  readonly duration?: Percentiles;
  /** All ten, in order; they add up to totalUs. */
  readonly categories: readonly CategoryTotal[];
  readonly endpoints: readonly EndpointRow[];
  readonly dependencies: readonly DependencyRow[];
  readonly coverage: Coverage;
  /** Absent while they are being made for the first time: ask /api/findings, then again. */
  readonly findings?: FindingRows;
}

/** Exclusive time by operation: adds up to the duration of the trace's root. */
export interface TimeByOperation {
  /** '' for own code, loop wait and unattributed time of a service. */
  readonly statement: string;
  readonly category: CategoryKey;
  readonly service: string;
  readonly dependency: string;
  readonly callSite: string;
  readonly calls: number;
  readonly us: number;
  readonly poolUs: number;
}

/** GET /api/trace/:traceId */
export interface TraceAnswer {
  readonly id: string;
  readonly at: number;
  readonly durationUs: number;
  readonly sentence: readonly Words[];
  /** Of the root; adds up to durationUs. */
  readonly categories: CategoryVector;
  /** Parents before children. */
  readonly requests: readonly TraceRequest[];
  /** By start. */
  readonly operations: readonly TraceOperation[];
  readonly byOperation: readonly TimeByOperation[];
  /** Trace ids of the next slower and next faster request of the same endpoint, '' when there is none. */
  readonly slower: string;
  readonly faster: string;
  /** Trace id of the median request of the same endpoint, '' when it is this one. */
  readonly typical: string;
  /** There is more of it than is sent. */
  readonly isCut: boolean;
}

/** One line of a list of traces: entry requests. */
export interface TraceListRow {
  readonly traceId: string;
  readonly at: number;
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly isError: boolean;
  readonly durationUs: number;
  readonly categories: CategoryVector;
  readonly operations: number;
}

export interface TracesRow extends TraceListRow {
  /** How many traced services took part. */
  readonly services: number;
  /** Ids of findings that it shows; of the requests that were looked at for findings, which may not be all. */
  readonly findings: readonly string[];
}

export type FindingName = Pick<Finding, 'id' | 'kind' | 'title' | 'share'>;

/** How many took how long: equal steps of a log axis from the fastest to the slowest. */
export interface DurationHistogram {
  readonly lowUs: number;
  readonly highUs: number;
  readonly counts: readonly number[];
}

/** GET /api/traces?q=&service=&method=&route=&from=&to=&sort=-duration|-at&limit= ; q is the language of model/request-filter.ts */
export interface TracesAnswer {
  readonly window: Window;
  readonly total: number;
  readonly traces: readonly TracesRow[];
  /** Those that the rows name. Absent while they are being made for the first time: ask /api/findings, then again. */
  readonly findings?: readonly FindingName[];
  /** Of all that match. */
  readonly histogram: DurationHistogram;
  /** What of `q` was not understood, as sentences. */
  readonly problems: readonly string[];
}

/** GET /api/status: who is connected, what is counted. For `doctor`, the empty state and the "no connection" bar. */
export interface StatusAnswer {
  readonly project: string;
  readonly version: string;
  readonly dataFolder: string;
  readonly isLive: boolean;
  readonly processes: readonly ProcessStatus[];
  readonly coverage: Coverage;
  /** Name → value, the counters of every step of the data's way. */
  readonly counters: Readonly<Record<string, number>>;
  readonly lastRequestAt: number | undefined;
}

export interface ProcessStatus {
  readonly service: string;
  readonly runtime: string;
  readonly version: string;
  readonly pid: number;
  readonly isConnected: boolean;
  readonly requests: number;
  readonly operations: number;
  readonly notVisible: readonly string[];
  /** Why its agent stopped, '' while it runs or when it ended well. */
  readonly problem: string;
}

/** What `wiretime report --format json` prints; documented in docs/report.md. Every `ms` is a number with µs precision. */
export interface Report {
  readonly schema: 'wiretime.report/1';
  readonly window: { readonly from: string; readonly to: string; readonly seconds: number };
  readonly services: readonly {
    readonly name: string;
    readonly runtime: string;
    readonly instances: number;
  }[];
  readonly coverage: Omit<Coverage, 'notVisibleNames' | 'unseenShare' | 'coreWaits' | 'toldCpu' | 'ownCode'>;
  readonly coreWaits: readonly {
    readonly service: string;
    readonly ranMs: number;
    readonly waitedMs: number;
    readonly throttledMs: number;
  }[];
  readonly cpu: readonly {
    readonly service: string;
    /** Not there where nothing was looked at: Python, and less than a second of Node.js. */
    readonly garbageCollection?: {
      readonly count: number;
      readonly pausedMs: number;
      readonly busyMs: number;
    };
    readonly agentMs: number;
    readonly processMs: number;
  }[];
  /** Of services that were profiled: all that was seen to run, and the 20 lines that took most. */
  readonly ownCode: readonly {
    readonly service: string;
    readonly cpuMs: number;
    readonly lines: readonly {
      readonly callSite: string;
      readonly name: string;
      readonly called: string;
      readonly ms: number;
    }[];
  }[];
  readonly categories: readonly {
    readonly key: CategoryKey;
    readonly name: string;
    readonly ms: number;
    readonly share: number;
  }[];
  readonly endpoints: readonly ReportEndpoint[];
  readonly dependencies: readonly {
    readonly name: string;
    readonly protocol: ProtocolName;
    readonly calls: number;
    readonly ms: { readonly p50: number | null; readonly p95: number | null };
    readonly poolWaitMs: number;
    readonly newConnections: number;
  }[];
  readonly findings: readonly ReportFinding[];
}

export interface ReportEndpoint {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly requests: number;
  readonly errors: number;
  readonly ms: {
    readonly mean: number;
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
    readonly max: number;
  };
  readonly categories: readonly { readonly key: CategoryKey; readonly msPerRequest: number }[];
  readonly operations: readonly ReportOperation[];
}

/** A prediction, from recorded requests with the change applied. */
export interface ReportFinding {
  readonly id: string;
  readonly kind: FindingKind;
  readonly title: string;
  readonly service: string;
  /** Where the fault is. */
  readonly endpoint: EndpointName;
  readonly statement: string;
  /** file:line, '' when no call site was seen. */
  readonly callSite: string;
  /** Of one request of the endpoint that gains most (the first of `effects`); [low, high] is the 90 % interval of the mean. */
  readonly savingMs: {
    readonly p50: number;
    readonly p95: number;
    readonly mean: number;
    readonly low: number;
    readonly high: number;
  };
  /** Of all request time. */
  readonly share: number;
  readonly confidence: Confidence;
  /** `savingMs` is an upper bound. */
  readonly isCeiling: boolean;
  readonly effects: readonly {
    readonly service: string;
    readonly method: string;
    readonly route: string;
    readonly requests: number;
    readonly meanMs: number;
    readonly p50: { readonly nowMs: number; readonly afterMs: number };
    readonly p95: { readonly nowMs: number; readonly afterMs: number };
  }[];
  readonly evidence: FindingEvidence;
  readonly fix: string;
}

export interface ReportOperation {
  readonly protocol: ProtocolName;
  readonly statement: string;
  readonly dependency: string;
  readonly callSite: string;
  readonly attribution: Attribution;
  readonly perRequest: number;
  readonly ms: { readonly mean: number; readonly p50: number | null; readonly p95: number | null };
  /** Mean ms of each phase per operation. */
  readonly phases: Readonly<Record<PhaseKey, number>>;
  readonly errors: number;
}
