// A finding: something that could be made faster, where, and how much that would save. Made by analysis/, shown by everyone.
// Durations are µs; a saving is predicted by replaying recorded requests, never by sending traffic.

import type { ProtocolName } from './protocol.ts';

/** Kinds in the order in which they claim operations: of two findings about the same ones the first stays (gate G4). */
export const FINDING_KINDS = [
  { key: 'pointer-chase', name: 'chain of look-ups' },
  { key: 'loop-of-calls', name: 'loop of calls' },
  { key: 'n-plus-one', name: 'N+1 queries' },
  { key: 'n-plus-one-calls', name: 'N+1 calls' },
  { key: 'polling', name: 'polling' },
  { key: 'wide-fan-out', name: 'wide fan-out' },
  { key: 'duplicate-call', name: 'duplicate calls' },
  { key: 'shared-fetch', name: 'fetched by two services' },
  { key: 'timeouts', name: 'timeouts' },
  { key: 'retries', name: 'retries' },
  { key: 'stall-40-ms', name: '40 ms stall' },
  { key: 'dns-per-call', name: 'name looked up per call' },
  { key: 'tls-per-call', name: 'new connection per call' },
  { key: 'new-connections', name: 'new connection per call' },
  { key: 'held-connection', name: 'connection held' },
  { key: 'pool-starvation', name: 'pool starvation' },
  { key: 'row-lock', name: 'waiting for a lock' },
  { key: 'blocked-loop', name: 'event loop blocked' },
  { key: 'head-of-line', name: 'shared connection blocked' },
  { key: 'cold-start', name: 'cold start' },
  { key: 'control-statements', name: 'extra round trips' },
  { key: 'far-dependency', name: 'far away' },
  { key: 'sequential-calls', name: 'sequential calls' },
  { key: 'deferrable', name: 'deferrable work' },
  { key: 'missing-compression', name: 'missing compression' },
  { key: 'large-answer', name: 'large answer' },
  { key: 'slow-operation', name: 'slow query' },
  { key: 'cacheable', name: 'could be cached' },
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number]['key'];

/** high: measured time goes. medium: it depends on another system, or on what the wire does not show. low: little support, or a guess that you must check. */
export type Confidence = 'high' | 'medium' | 'low';

export interface EndpointName {
  readonly service: string;
  readonly method: string;
  readonly route: string;
}

/** A percentile now and after the change. */
export interface NowAndAfter {
  readonly nowUs: number;
  readonly afterUs: number;
}

/** What the change does to the requests of one endpoint that customers ask for. */
export interface FindingEffect extends EndpointName {
  /** All requests of the endpoint in the window, affected or not. */
  readonly requests: number;
  /** Saved per request of the endpoint, on average. */
  readonly meanUs: number;
  /** Saved over all of its requests. */
  readonly totalUs: number;
  readonly p50: NowAndAfter;
  readonly p95: NowAndAfter;
}

/** What one request of the endpoint that gains most is faster by. [lowUs, highUs] is the 90 % interval of the mean. */
export interface Saving {
  readonly p50Us: number;
  readonly p95Us: number;
  readonly meanUs: number;
  readonly lowUs: number;
  readonly highUs: number;
}

export interface Finding {
  /** Stable over restarts and deploys: kind, service, endpoint and statement, no line numbers. */
  readonly id: string;
  readonly kind: FindingKind;
  /** What it is, in plain words with its numbers. */
  readonly title: string;
  /** Where the fault is; `effects` says who gains. */
  readonly service: string;
  readonly endpoint: EndpointName;
  readonly statement: string;
  readonly dependency: string;
  readonly protocol: ProtocolName;
  /** file:line:column, or '' when no call site was seen. */
  readonly callSite: string;
  readonly evidence: FindingEvidence;
  readonly saving: Saving;
  /** Of the time of all requests in the window, 0..1. */
  readonly share: number;
  /** `share` after everything ranked before it is done: savings overlap. */
  readonly marginalShare: number;
  /** By time saved, largest first; never empty. */
  readonly effects: readonly FindingEffect[];
  readonly confidence: Confidence;
  /** The saving is an upper bound: nobody can know how fast the operation could be. */
  readonly isCeiling: boolean;
  /** What to do, in one or two sentences. */
  readonly fix: string;
  /** Only the requests since then show it (ms since 1970): all numbers, shares too, are of these. */
  readonly newSince?: number;
}

export interface FindingEvidence {
  /** Requests that show it, of those that were looked at. */
  readonly requests: number;
  readonly lookedAt: number;
  /** Up to 20 examples, from typical to slow. */
  readonly traceIds: readonly string[];
}

/**
 * open → verifying (somebody says it is changed, or it is no longer seen) → verified, no-change or worse. A verified one that returns is
 * reopened. An ignored one stays so until somebody opens it again.
 */
export const FINDING_STATES = [
  { key: 'open', name: 'Open', list: 'open' },
  { key: 'reopened', name: 'Reopened', list: 'open' },
  { key: 'no-change', name: 'No change', list: 'open' },
  { key: 'worse', name: 'Worse', list: 'open' },
  { key: 'verifying', name: 'Verifying', list: 'verifying' },
  { key: 'verified', name: 'Verified', list: 'verified' },
  { key: 'ignored', name: 'Ignored', list: 'ignored' },
] as const;
export type FindingState = (typeof FINDING_STATES)[number]['key'];
export type FindingList = (typeof FINDING_STATES)[number]['list'];

/** What requests of one endpoint take. A percentile is undefined when there are too few. */
export interface Measures {
  readonly requests: number;
  readonly meanUs: number;
  readonly p50Us: number | undefined;
  readonly p95Us: number | undefined;
  readonly p99Us: number | undefined;
  readonly callsPerRequest: number;
}

/** What happened to a finding so far. Times are ms since 1970. */
export interface FindingLife {
  readonly state: FindingState;
  readonly since: number;
  /** Oldest first; the last one is `state`. */
  readonly history: readonly FindingChange[];
  /** From the first verifying on: the prediction beside what was measured. */
  readonly verification: Verification | undefined;
}

export interface FindingChange {
  readonly state: FindingState;
  readonly at: number;
  /** A person said so; else wiretime saw it. */
  readonly isByPerson: boolean;
  /** What the person said, or what was seen. */
  readonly note: string;
}

export interface Verification extends EndpointName {
  readonly startedAt: number;
  readonly before: Measures;
  readonly predicted: Measures;
  /** Since the change. */
  readonly measured: Measures;
  /** Requests that are needed before anything is said, and how long that takes at this rate. */
  readonly neededRequests: number;
  readonly secondsLeft: number | undefined;
  /** Of the requests since the change, those that still show it. */
  readonly stillShare: number;
}
