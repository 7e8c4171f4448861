// Is a rule kept? In: a rule, what the endpoint used. Out: kept, broken or cannot tell; what was measured, and where in the code.
// Counts are facts from the first request on; durations vary, so they need more requests before anything is said.

import { CategoryIndex } from '../../model/category.ts';
import type { CallUse, EndpointUse, Place } from './use.ts';
import type { Measure, Rule, Sign } from './rule.ts';

export type Verdict = 'kept' | 'broken' | 'cannot-tell';
type Unit = 'count' | 'us' | 'share';

export interface Judgement {
  readonly verdict: Verdict;
  /** undefined when it cannot be told. */
  readonly measured: number | undefined;
  readonly unit: Unit;
  /** Why it cannot be told; '' otherwise. */
  readonly reason: string;
  /** What a broken rule is about, most of it first. */
  readonly places: readonly Place[];
}

/** Requests that an endpoint must have before something is said about it. */
export interface Minimum {
  readonly counts: number;
  readonly latency: number;
}

/** One request tells how often it asks; 30 are what a median needs before it is shown (ANALYSIS of means starts there, too). */
export const USUAL_MINIMUM: Minimum = { counts: 1, latency: 30 };

/** A pattern is not looked for in fewer requests (gate G1 of analysis/gates.ts, and some more): none found says nothing. */
const LEAST_FOR_FINDINGS = 30;

interface Measurement {
  readonly value: number | undefined;
  readonly unit: Unit;
  readonly places?: readonly Place[];
  readonly missing?: string;
}

export function judge(rule: Rule, use: EndpointUse, minimum: Minimum): Judgement {
  const needed = neededRequests(rule.measure, minimum);
  const { value, unit, places = [], missing } = measurementOf(rule.measure, use);
  const isEnough = use.requests >= needed || isBrokenByOne(rule.measure, value);
  if (value === undefined || !isEnough)
    return {
      verdict: 'cannot-tell',
      measured: undefined,
      unit,
      reason: isEnough ? (missing ?? '') : tooFew(use, needed),
      places: [],
    };
  const isKept = holds(value, rule.sign, rule.limit);
  const verdict = isKept ? 'kept' : 'broken';
  return { verdict, measured: value, unit, reason: '', places: isKept ? [] : places };
}

function tooFew({ requests }: EndpointUse, needed: number): string {
  if (requests === 0) return 'it was not requested';
  return `${requests} ${requests === 1 ? 'request' : 'requests'}, ${needed} are needed`;
}

function neededRequests(measure: Measure, minimum: Minimum): number {
  switch (measure.kind) {
    case 'requests':
      return 0;
    case 'duration':
    case 'category':
      return minimum.latency;
    case 'findings':
      return Math.max(minimum.latency, LEAST_FOR_FINDINGS);
    default:
      return minimum.counts;
  }
}

/** A finding that is there has passed its own conditions. */
function isBrokenByOne(measure: Measure, value: number | undefined): boolean {
  return measure.kind === 'findings' && value !== undefined && value > 0;
}

/** Means are quotients of whole numbers: a difference below this is rounding. */
const ROUNDING = 1e-9;

function holds(value: number, sign: Sign, limit: number): boolean {
  switch (sign) {
    case '≤':
      return value <= limit + ROUNDING;
    case '<':
      return value < limit - ROUNDING;
    case '=':
      return Math.abs(value - limit) <= ROUNDING;
    case '≥':
      return value >= limit - ROUNDING;
    case '>':
      return value > limit + ROUNDING;
    default:
      return unreachable(sign);
  }
}

function unreachable(value: never): never {
  throw new TypeError(`not a sign: ${String(value)}`);
}

function measurementOf(measure: Measure, use: EndpointUse): Measurement {
  switch (measure.kind) {
    case 'requests':
      return { value: use.requests, unit: 'count' };
    case 'errors':
      return measure.isShare
        ? { value: use.errors / Math.max(1, use.requests), unit: 'share' }
        : { value: use.errors, unit: 'count' };
    case 'operations':
      return callsMeasured(use.operations, measure.scope, use.requests);
    case 'calls':
      return callsMeasured(use.calls.get(measure.pattern) ?? NO_CALLS, measure.scope, use.requests);
    case 'new connections':
      return newConnections(measure.scope, use);
    case 'duration':
      return duration(measure.of, use);
    case 'category':
      return category(measure, use);
    default:
      return findings(measure.kinds, use);
  }
}

const NO_CALLS: CallUse = { count: 0, most: 0, places: [] };

function callsMeasured(
  { count, most, places }: CallUse,
  scope: 'most' | 'mean',
  requests: number,
): Measurement {
  if (scope === 'mean') return { value: count / Math.max(1, requests), unit: 'count', places };
  return { value: most, unit: 'count', places, missing: 'too many calls to count them by request: use mean' };
}

function newConnections(scope: 'most' | 'mean', use: EndpointUse): Measurement {
  const value = scope === 'mean' ? use.newConnections / Math.max(1, use.requests) : use.newConnections;
  return { value, unit: 'count', places: use.newConnectionPlaces };
}

function duration(of: 'mean' | 'p50' | 'p95' | 'p99' | 'max', use: EndpointUse): Measurement {
  const value = { mean: use.meanUs, p50: use.p50Us, p95: use.p95Us, p99: use.p99Us, max: use.maxUs }[of];
  const missing = `${use.requests} requests are too few for a ${of}`;
  return { value, unit: 'us', missing, places: use.operations.places };
}

function category({ key, isShare }: Measure & { kind: 'category' }, use: EndpointUse): Measurement {
  const us = use.categories[CategoryIndex[key]] ?? 0;
  if (!isShare) return { value: us / Math.max(1, use.requests), unit: 'us' };
  const all = use.categories.reduce((sum, each) => sum + each, 0);
  return { value: all === 0 ? 0 : us / all, unit: 'share' };
}

function findings(kinds: readonly string[], use: EndpointUse): Measurement {
  const found = use.findings.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
  return { value: found.length, unit: 'count', places: found };
}
