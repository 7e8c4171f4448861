// The answers of the pages behind Home, as types: one endpoint, search, the map, connections. api.ts has the others and the units.

import type { OwnCode } from '../model/own-code.ts';
import type { CategoryKey } from '../model/category.ts';
import type { ProtocolName } from '../model/operation.ts';
import type { CategoryVector, PhaseVector } from '../model/row.ts';
import type { Percentiles, TraceListRow, Window, Words } from './api.ts';
import type { SourcePlace } from './api-findings.ts';

/** Which endpoint. */
export interface EndpointName {
  readonly service: string;
  readonly method: string;
  readonly route: string;
}

/** A request that has not ended: what is known of it so far. It is in no sum, of anything. */
export interface UnderWayRequest {
  readonly traceId: string;
  readonly service: string;
  readonly method: string;
  /** '' while nobody has said it: most frameworks do at the end. */
  readonly route: string;
  /** ms since 1970. */
  readonly startedAt: number;
  /** Its calls so far, of those that have ended. */
  readonly operations: number;
  /** The latest of them, by start. */
  readonly latest: readonly UnderWayCall[];
  /** Asked and not answered: what it waits for. Not those that are in line for a connection. */
  readonly open: readonly UnderWayCall[];
}

export interface UnderWayCall {
  readonly statement: string;
  readonly dependency: string;
  readonly category: CategoryKey;
  /** µs from the start of the request. */
  readonly startUs: number;
  /** 0 of one that is not answered. */
  readonly durationUs: number;
  /** They sum to `durationUs`. */
  readonly phases: PhaseVector;
}

export interface UnderWayAnswer {
  /** ms since 1970, of the clock that `startedAt` is of. */
  readonly now: number;
  /** How many there are; more than are told. */
  readonly total: number;
  /** Longest first. */
  readonly requests: readonly UnderWayRequest[];
}

/** What one place of the call tree is in the mean request of a group of requests. */
export interface CallMeans {
  /** Per request. */
  readonly calls: number;
  /** µs a request, of it alone: what is inside of calls below is there. With all below it, it adds up to the mean request. */
  readonly self: CategoryVector;
}

/** The groups of requests whose mean is shown. */
export const CALL_GROUPS = ['all', 'typical', 'slow'] as const;
export type CallGroup = (typeof CALL_GROUPS)[number];

/** A place of the call tree: a request, or calls with one statement from one place in the code. */
export interface CallNode {
  readonly kind: 'request' | 'call';
  /** 0 for the endpoint itself; a node's children follow it, one deeper. */
  readonly depth: number;
  /** A statement, or method and route. */
  readonly name: string;
  readonly service: string;
  readonly category: CategoryKey;
  readonly dependency: string;
  readonly callSite: string;
  /** Of one call, however much of it was in parallel. */
  readonly meanUs: number;
  readonly p95Us: number | undefined;
  /** Most of its time nobody waited for it. */
  readonly isParallel: boolean;
  readonly means: Readonly<Record<CallGroup, CallMeans>>;
}

/** Why slow requests (from p95 up) take longer than typical ones (p40 to p60), over a sample of both. `parts` and `restUs` add up to the difference. */
export interface TailGap {
  readonly requests: { readonly typical: number; readonly slow: number };
  readonly typicalUs: number;
  readonly slowUs: number;
  /** What is more than chance, and a tenth of the difference; largest first, at most five. */
  readonly parts: readonly TailPart[];
  readonly restUs: number;
  /** What explains most comes first; at most three. */
  readonly inCommon: readonly SlowFact[];
}

export interface TailPart {
  /** The statement; '' for what is no call. */
  readonly name: string;
  readonly category: CategoryKey;
  readonly service: string;
  readonly dependency: string;
  readonly callSite: string;
  /** `SELECT … FROM items`, `opening connections to Redis`. */
  readonly title: string;
  /** `24 calls instead of 5`. */
  readonly why: string;
  /** = callsUs (more calls) + lengthUs (longer ones). */
  readonly us: number;
  readonly callsUs: number;
  readonly lengthUs: number;
  readonly typical: TailMean;
  readonly slow: TailMean;
}

/** Of one request, on average. `presence`: share of the requests that have it. */
export interface TailMean {
  readonly calls: number;
  readonly us: number;
  readonly presence: number;
}

/** What many more slow requests (from p95 up) have in common than typical ones (p40 to p60). */
export interface SlowFact {
  /** `in process 4711`, `while 8 or more others were under way in their process`, `in one stretch of time`. */
  readonly title: string;
  /** Of the slow and of the typical requests, 0..1. */
  readonly slowShare: number;
  readonly typicalShare: number;
  /** Of a stretch of time: when it was, ms since 1970. */
  readonly time?: Pick<Window, 'from' | 'to'>;
}

/** GET /api/endpoint?service=&method=&route=&from=&to= */
export interface EndpointAnswer extends EndpointName {
  readonly window: Window;
  readonly requests: number;
  readonly errors: number;
  readonly duration: Percentiles;
  readonly totalUs: number;
  /** Of all time of entry requests; for an endpoint that only other services ask, time that is inside of theirs. */
  readonly share: number;
  readonly operationsPerRequest: number;
  /** Parents before children, siblings by time. Means over `treeRequests`. */
  readonly tree: readonly CallNode[];
  readonly treeRequests: Readonly<Record<CallGroup, number>>;
  /** Absent while slow requests cannot be told from typical ones, or take as long. */
  readonly tail?: TailGap;
  /** Which lines its CPU goes to; absent where no profiler looked. */
  readonly ownCode?: OwnCode;
  readonly slowest: readonly TraceListRow[];
}

/** Something to find, with the number that tells how much of it there is. */
export interface SearchPlace {
  readonly text: string;
  readonly service: string;
  readonly category: CategoryKey;
  readonly calls: number;
  /** Where most of its time is: what opens when it is chosen. */
  readonly endpoint: EndpointName | undefined;
}

/** GET /api/search?from=&to= : all there is to find, most time first, at most some hundreds of each. */
export interface SearchAnswer {
  readonly endpoints: readonly (EndpointName & {
    readonly requests: number;
    readonly p95Us: number | undefined;
  })[];
  readonly statements: readonly SearchPlace[];
  readonly callSites: readonly SearchPlace[];
  readonly dependencies: readonly SearchPlace[];
}

export interface MapNode {
  /** `service NAME` or `dependency NAME`. */
  readonly id: string;
  readonly kind: 'service' | 'dependency';
  readonly name: string;
  /** Runtime of a service, product of a dependency. */
  readonly about: string;
  readonly category: CategoryKey;
  /** Requests of a service, calls of a dependency. */
  readonly count: number;
  readonly p95Us: number | undefined;
  /** In the service itself; 0 for dependencies. */
  readonly ownUs: number;
  readonly loopUs: number;
  /** Requests from outside arrive here. */
  readonly isEntry: boolean;
  readonly newConnections: number;
}

export interface MapLink {
  readonly from: string;
  readonly to: string;
  readonly category: CategoryKey;
  readonly calls: number;
  readonly p50Us: number | undefined;
  readonly p95Us: number | undefined;
  /** What callers waited: poolUs + setupUs + wireUs = totalUs; what is behind the link is in wireUs. */
  readonly totalUs: number;
  readonly poolUs: number;
  readonly setupUs: number;
  readonly wireUs: number;
  readonly newConnections: number;
  readonly bytes: number;
}

/** GET /api/map?from=&to= */
export interface MapAnswer {
  readonly window: Window;
  readonly sentence: readonly Words[];
  /** Time of all entry requests: shares of links are of it. */
  readonly totalUs: number;
  readonly requests: number;
  readonly nodes: readonly MapNode[];
  readonly links: readonly MapLink[];
}

export type PoolVerdict = 'starved' | 'churn' | 'ok';

/** The connections of one service to one dependency. */
export interface PoolRow {
  readonly service: string;
  readonly dependency: string;
  readonly protocol: ProtocolName;
  readonly category: CategoryKey;
  readonly calls: number;
  /** Calls that were in line for a connection. */
  readonly waited: number;
  readonly p95WaitUs: number;
  readonly poolUs: number;
  readonly setupUs: number;
  /** Different connections that were seen: a pool may be larger, and none of them says how large it is. */
  readonly connections: number;
  readonly newConnections: number;
  readonly verdict: PoolVerdict;
}

/** GET /api/connections?from=&to= */
export interface ConnectionsAnswer {
  readonly window: Window;
  /** Most time lost first. */
  readonly pools: readonly PoolRow[];
}

/** An endpoint that used the pool. */
export interface PoolUser extends EndpointName {
  /** µs that its calls had a connection, and that they were in line for one. */
  readonly holdsUs: number;
  readonly waitsUs: number;
  /** Of the time that it keeps connections, the part with nothing under way: in an open transaction. 0..1. */
  readonly idleShare: number;
}

/** Operations as columns of equal length, by start. Times are µs from `originUs`. */
export interface PoolOperations {
  readonly originUs: number;
  /** When it joined the line; got a connection, or began to open one; could send; was done. */
  readonly joined: readonly number[];
  readonly granted: readonly number[];
  readonly ready: readonly number[];
  readonly done: readonly number[];
  readonly connection: readonly number[];
  /** Its connection was opened for it. */
  readonly isNew: readonly number[];
  /** Index in `users`, -1: none. */
  readonly user: readonly number[];
  /** Index in `traces`, -1: none. */
  readonly trace: readonly number[];
  readonly operation: readonly number[];
}

export interface PoolIdle {
  readonly connection: number;
  readonly fromUs: number;
  readonly toUs: number;
  /** Index in `users`, -1: none. */
  readonly user: number;
}

export interface PoolClosing {
  readonly connection: number;
  readonly atUs: number;
}

/** GET /api/connections/pool?service=&dependency=&from=&to= */
export interface PoolAnswer {
  readonly window: Window;
  readonly row: PoolRow;
  readonly sentence: readonly Words[];
  readonly second: readonly Words[];
  /** Equal slots of the window: longest line, and mean number of calls that had a connection. */
  readonly longestLine: readonly number[];
  readonly meanBusy: readonly number[];
  readonly maxLine: number;
  /** What these rest on: all operations, or the latest of them when there are too many. */
  readonly operationsSeen: number;
  /** By time held, at most 20; the first four have letters of their own. */
  readonly users: readonly PoolUser[];
  /** Starts of long waits, µs since 1970, rising: for next and previous. */
  readonly longWaits: readonly number[];
  /** Where to look first, µs since 1970: around the longest line, or some seconds of churn. */
  readonly first: { readonly fromUs: number; readonly toUs: number };
}

/** GET /api/connections/what-if?service=&dependency=&from=&to= ; 404 when nobody waits for a connection. */
export interface WhatIfAnswer {
  /** Who would gain most. */
  readonly endpoint: EndpointName | undefined;
  /** The first is as recorded. */
  readonly sizes: readonly PoolSizeRow[];
  /** Each has a pool of its own; the sizes are of the one that waits most. */
  readonly processes: number;
  /** Calls that this rests on. */
  readonly calls: number;
}

export interface PoolSizeRow {
  readonly connections: number;
  readonly waitShare: number;
  readonly p95WaitUs: number;
  /** Of `endpoint`. */
  readonly p95Us: number | undefined;
  /** The smallest that is enough. */
  readonly isEnough: boolean;
}

/** GET /api/connections/window?service=&dependency=&w=from,to : what is in a visible window, µs since 1970. */
export interface PoolWindowAnswer {
  readonly operations: PoolOperations;
  /** How many of the operations belong to opening a connection: a login, a greeting. */
  readonly logins: number;
  /** Connections that are held with nothing under way. Times as in `operations`. */
  readonly idle: readonly PoolIdle[];
  readonly users: readonly EndpointName[];
  readonly traces: readonly string[];
  /** Connections of these operations that were closed in the window. Times as in `operations`. */
  readonly closed: readonly PoolClosing[];
  /** There were more operations than are sent: the latest are missing. */
  readonly isCut: boolean;
}

/** GET /api/operation/:id?from=&to= : an operation of a trace, and all with its statement in this time; 404 when it is no longer stored. */
export interface OperationAnswer {
  readonly window: Window;
  readonly calls: number;
  readonly p50Us: number | undefined;
  readonly p95Us: number | undefined;
  /** As in FindingAnswer. */
  readonly source: SourcePlace | undefined;
}
