// What is different between two sides? In: both sides, their findings. Out: what `wiretime diff --json` prints (docs/diff.md).
// Not here: reading a side (comparison-side.ts), statistics (analysis/comparison/).

import {
  compareLatencies,
  type LatencyChange,
  type QuantileChange,
} from '../../analysis/comparison/compare.ts';
import { meanChange } from '../../analysis/comparison/mean-change.ts';
import { CATEGORIES, type CategoryKey } from '../../model/category.ts';
import type { EndpointName, Finding, FindingKind } from '../../model/finding.ts';
import { keyOf, type ComparisonEndpoint, type ComparisonSide, type StatementUse } from './comparison-side.ts';

interface Both<T> {
  readonly a: T;
  readonly b: T;
}

interface DiffQuantile {
  readonly aMs: number;
  readonly bMs: number;
  /** b / a, with its 95 % interval. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly p: number;
}

export interface DiffEndpoint extends EndpointName {
  readonly verdict: 'slower' | 'faster' | 'no-change' | 'cannot-tell' | 'new' | 'gone';
  /** Why it cannot be told; '' otherwise. */
  readonly reason: string;
  readonly requests: Both<number>;
  readonly errors: Both<number>;
  readonly operationsPerRequest: Both<number>;
  readonly meanMs: Both<number>;
  /** null unless it was compared. */
  readonly latency: {
    readonly p50: DiffQuantile;
    readonly p95: DiffQuantile;
    readonly adjustedP: number;
    readonly blocks: { readonly a: number; readonly b: number; readonly seconds: number };
  } | null;
  /** Per request, largest change first; all of both columns is the change of the mean (of the requests that were read). */
  readonly categories: readonly {
    readonly key: CategoryKey;
    readonly sameWorkMs: number;
    readonly otherWorkMs: number;
  }[];
  /** Statements that one side does not have, or whose number per request differs by more than half a call. */
  readonly statements: readonly {
    readonly statement: string;
    readonly dependency: string;
    readonly perRequest: Both<number>;
  }[];
}

interface DiffFinding extends EndpointName {
  readonly id: string;
  readonly kind: FindingKind;
  readonly title: string;
  readonly callSite: string;
}

export interface DiffReport {
  readonly schema: 'wiretime.diff/1';
  readonly sides: Both<{
    readonly name: string;
    readonly from: string;
    readonly to: string;
    readonly requests: number;
  }>;
  readonly endpoints: readonly DiffEndpoint[];
  readonly findings: { readonly new: readonly DiffFinding[]; readonly gone: readonly DiffFinding[] };
}

export interface NamedSide {
  readonly name: string;
  readonly side: ComparisonSide;
  readonly findings: readonly Finding[];
}

/** Slower first, then faster, new, gone, the same, unknown; within these as the sides have them. */
export function compareSides(a: NamedSide, b: NamedSide): DiffReport {
  const before = new Map(a.side.endpoints.map((each) => [keyOf(each), each]));
  const after = new Map(b.side.endpoints.map((each) => [keyOf(each), each]));
  const pairs = b.side.endpoints.flatMap((is) => {
    const was = before.get(keyOf(is));
    return was === undefined ? [] : [{ was, is }];
  });
  const changes = compareLatencies(pairs.map(({ was, is }) => ({ a: was.sample, b: is.sample })));
  const endpoints = [
    ...pairs.map(({ was, is }, index) => comparedEndpoint(was, is, changes[index])),
    ...b.side.endpoints.filter((each) => !before.has(keyOf(each))).map((each) => onlyIn('new', each)),
    ...a.side.endpoints.filter((each) => !after.has(keyOf(each))).map((each) => onlyIn('gone', each)),
  ];
  return {
    schema: 'wiretime.diff/1',
    sides: { a: headOf(a), b: headOf(b) },
    endpoints: endpoints.sort((x, y) => ORDER.indexOf(x.verdict) - ORDER.indexOf(y.verdict)),
    findings: { new: onlyFindings(b, a), gone: onlyFindings(a, b) },
  };
}

const ORDER: readonly DiffEndpoint['verdict'][] = [
  'slower',
  'faster',
  'new',
  'gone',
  'no-change',
  'cannot-tell',
];

function headOf({ name, side: { window, requests } }: NamedSide): DiffReport['sides']['a'] {
  return {
    name,
    from: new Date(window.from).toISOString(),
    to: new Date(window.to).toISOString(),
    requests,
  };
}

function onlyFindings(has: NamedSide, lacks: NamedSide): readonly DiffFinding[] {
  const known = new Set(lacks.findings.map(({ id }) => id));
  return has.findings
    .filter(({ id }) => !known.has(id))
    .map(({ id, kind, title, callSite, endpoint }) => ({ id, kind, title, callSite, ...endpoint }));
}

function ms(us: number): number {
  return Math.round(us) / 1000;
}

function quantileOf({ aUs, bUs, ratio, low, high, p }: QuantileChange): DiffQuantile {
  return { aMs: ms(aUs), bMs: ms(bUs), ratio, low, high, p };
}

function comparedEndpoint(
  a: ComparisonEndpoint,
  b: ComparisonEndpoint,
  change: LatencyChange | undefined,
): DiffEndpoint {
  const isCompared = change?.kind === 'compared';
  return {
    ...countsOf(b, a, b),
    verdict: isCompared ? change.verdict : 'cannot-tell',
    reason: change?.kind === 'cannot-tell' ? change.reason : '',
    latency: isCompared
      ? {
          p50: quantileOf(change.median),
          p95: quantileOf(change.p95),
          adjustedP: change.adjustedP,
          blocks: change.blocks,
        }
      : null,
    categories: categoriesOf(a, b),
    statements: changedStatements(a, b),
  };
}

function onlyIn(verdict: 'new' | 'gone', endpoint: ComparisonEndpoint): DiffEndpoint {
  const [a, b] = verdict === 'new' ? [undefined, endpoint] : [endpoint, undefined];
  return { ...countsOf(endpoint, a, b), verdict, reason: '', latency: null, categories: [], statements: [] };
}

function countsOf(
  { service, method, route }: EndpointName,
  a: ComparisonEndpoint | undefined,
  b: ComparisonEndpoint | undefined,
): Pick<DiffEndpoint, keyof EndpointName | 'requests' | 'errors' | 'operationsPerRequest' | 'meanMs'> {
  const both = (of: (each: ComparisonEndpoint) => number) => ({
    a: a === undefined ? 0 : of(a),
    b: b === undefined ? 0 : of(b),
  });
  return {
    service,
    method,
    route,
    requests: both(({ requests }) => requests),
    errors: both(({ errors }) => errors),
    operationsPerRequest: both(({ operationsPerRequest }) => operationsPerRequest),
    meanMs: both(({ meanUs }) => ms(meanUs)),
  };
}

function categoriesOf(a: ComparisonEndpoint, b: ComparisonEndpoint): DiffEndpoint['categories'] {
  const { sameWorkUs, otherWorkUs } = meanChange(a.sample, b.sample);
  return CATEGORIES.map(({ key }, index) => ({
    key,
    sameWorkMs: ms(sameWorkUs[index] ?? 0),
    otherWorkMs: ms(otherWorkUs[index] ?? 0),
  }))
    .filter(({ sameWorkMs, otherWorkMs }) => sameWorkMs !== 0 || otherWorkMs !== 0)
    .sort((x, y) => Math.abs(y.sameWorkMs + y.otherWorkMs) - Math.abs(x.sameWorkMs + x.otherWorkMs));
}

/** Retries and caches move the mean a little without any change of code. */
const LEAST_CALLS = 0.5;
/** Once in a hundred requests is no part of what an endpoint does. */
const RARE_CALLS = 0.01;

function isChanged({ a, b }: Both<number>): boolean {
  const isOneSided = (a === 0 || b === 0) && Math.max(a, b) >= RARE_CALLS;
  return isOneSided || Math.abs(b - a) > LEAST_CALLS;
}

function changedStatements(a: ComparisonEndpoint, b: ComparisonEndpoint): DiffEndpoint['statements'] {
  const nameOf = ({ statement, dependency }: StatementUse) => `${dependency}\0${statement}`;
  const uses = new Map([...a.statements, ...b.statements].map((use) => [nameOf(use), use]));
  const callsOf = (endpoint: ComparisonEndpoint) =>
    new Map(endpoint.statements.map((use) => [nameOf(use), use.count / endpoint.requests]));
  const [before, after] = [callsOf(a), callsOf(b)];
  return [...uses]
    .map(([name, { statement, dependency }]) => ({
      statement,
      dependency,
      perRequest: { a: before.get(name) ?? 0, b: after.get(name) ?? 0 },
    }))
    .filter(({ perRequest }) => isChanged(perRequest))
    .sort((x, y) => Math.abs(y.perRequest.b - y.perRequest.a) - Math.abs(x.perRequest.b - x.perRequest.a));
}
