// What each endpoint used, for budgets. In: a store, the patterns of statements that are asked for. Out: one value per endpoint.
// Counts are exact: from every request, and from sums over all traffic (by whole minutes). Not here: what is allowed (analysis/budget/).

import { matchesPattern } from '../../analysis/budget/budget.ts';
import type { CallUse, EndpointUse, Place } from '../../analysis/budget/use.ts';
import type { Findings } from '../../analysis/engine.ts';
import { formatRate } from '../../base/numbers.ts';
import type { Query, RowReader } from '../../store/query.ts';
import { CATEGORY_COLUMNS, columns, count, mapRows, max, quantile, sum, sums } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range } from '../api.ts';
import { groupKey } from '../histograms.ts';
import { SHARES, percentile } from '../percentiles.ts';
import { minuteCondition, timeCondition } from '../range.ts';

/** Calls that are counted by request; 100 MB. A test run has fewer, and the mean is known for any number. */
const MOST_CALLS = 1_000_000;
const PLACES = 5;
const ENDPOINT = ['service', 'method', 'route'] as const;

interface Call extends Place {
  readonly endpoint: string;
  readonly statement: string;
  readonly count: number;
  readonly newConnections: number;
}

export interface UsesQuestion {
  readonly range: Range;
  /** Statements whose calls are counted; `*` stands for any text. */
  readonly patterns: readonly string[];
}

/** By total time, largest first. `findings` of the same range. */
export async function endpointUses(
  store: AskStore,
  { range, patterns }: UsesQuestion,
  { findings }: Pick<Findings, 'findings'>,
): Promise<readonly EndpointUse[]> {
  const [table, calls] = await Promise.all([store.ask(totalsQuery(range)), callsOf(store, range)]);
  const requested = new Map<string, ReadonlyMap<string, number> | undefined>();
  for (const pattern of patterns) requested.set(pattern, await mostCalls(store, range, pattern, calls));
  return mapRows(table, (row) => useOf(row, calls, requested, findings));
}

const totalsQuery = (range: Range): Query => ({
  from: 'requests',
  where: [timeCondition(range)],
  select: {
    ...columns(...ENDPOINT),
    requests: count(),
    errors: sum('isError'),
    us: sum('durationUs'),
    maxUs: max('durationUs'),
    p50: quantile('durationUs', SHARES.p50),
    p95: quantile('durationUs', SHARES.p95),
    p99: quantile('durationUs', SHARES.p99),
    operations: sum('operationCount'),
    mostOperations: max('operationCount'),
    ...sums(...CATEGORY_COLUMNS),
  },
  orderBy: [{ by: 'us', descending: true }, { by: 'route' }],
});

function endpointKey(row: RowReader): string {
  return groupKey(ENDPOINT.map(row.text));
}

/** By count, largest first. */
async function callsOf(store: AskStore, range: Range): Promise<readonly Call[]> {
  const table = await store.ask({
    from: 'rollups',
    select: { ...columns(...ENDPOINT, 'statement', 'callSite'), ...sums('count', 'newConnections') },
    where: [minuteCondition(range)],
    orderBy: [{ by: 'count', descending: true }],
  });
  return mapRows(table, (row) => ({
    endpoint: endpointKey(row),
    statement: row.text('statement'),
    what: row.text('statement'),
    callSite: row.text('callSite'),
    count: row.number('count'),
    newConnections: row.number('newConnections'),
  }));
}

/** Endpoint → most calls of the pattern in one of its requests; undefined when there are too many to count. */
async function mostCalls(
  store: AskStore,
  range: Range,
  pattern: string,
  calls: readonly Call[],
): Promise<ReadonlyMap<string, number> | undefined> {
  const matching = calls.filter(({ statement }) => matchesPattern(pattern, statement));
  if (matching.length === 0) return new Map();
  if (matching.reduce((all, each) => all + each.count, 0) > MOST_CALLS) return undefined;
  const statements = [...new Set(matching.map(({ statement }) => statement))];
  const table = await store.ask({
    from: 'operations',
    select: { ...columns('request'), calls: count() },
    where: [timeCondition(range), { column: 'statement', isIn: statements }],
  });
  const byRequest = new Map(mapRows(table, ({ number }) => [number('request'), number('calls')] as const));
  return mostByEndpoint(store, range, byRequest);
}

async function mostByEndpoint(
  store: AskStore,
  range: Range,
  byRequest: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<string, number>> {
  const table = await store.ask({
    from: 'requests',
    select: columns('id', ...ENDPOINT),
    where: [timeCondition(range)],
  });
  const most = new Map<string, number>();
  mapRows(table, (row) => {
    const calls = byRequest.get(row.number('id')) ?? 0;
    const key = endpointKey(row);
    if (calls > (most.get(key) ?? 0)) most.set(key, calls);
  });
  return most;
}

function useOf(
  row: RowReader,
  calls: readonly Call[],
  requested: ReadonlyMap<string, ReadonlyMap<string, number> | undefined>,
  findings: Findings['findings'],
): EndpointUse {
  const key = endpointKey(row);
  const requests = row.number('requests');
  const own = calls.filter(({ endpoint }) => endpoint === key);
  return {
    service: row.text('service'),
    method: row.text('method'),
    route: row.text('route'),
    requests,
    errors: row.number('errors'),
    meanUs: row.number('us') / requests,
    p50Us: percentile('p50', row.number('p50'), requests),
    p95Us: percentile('p95', row.number('p95'), requests),
    p99Us: percentile('p99', row.number('p99'), requests),
    maxUs: row.number('maxUs'),
    categories: CATEGORY_COLUMNS.map(row.number),
    operations: {
      count: row.number('operations'),
      most: row.number('mostOperations'),
      places: placesOf(own, requests),
    },
    newConnections: own.reduce((all, each) => all + each.newConnections, 0),
    newConnectionPlaces: openingPlaces(own),
    calls: new Map(
      [...requested].map(([pattern, most]) => [pattern, callUse(own, requests, pattern, most, key)] as const),
    ),
    findings: findings
      .filter(({ endpoint }) => groupKey([endpoint.service, endpoint.method, endpoint.route]) === key)
      .map(({ kind, title, callSite }) => ({ kind, what: title, callSite })),
  };
}

function callUse(
  own: readonly Call[],
  requests: number,
  pattern: string,
  most: ReadonlyMap<string, number> | undefined,
  key: string,
): CallUse {
  const matching = own.filter(({ statement }) => matchesPattern(pattern, statement));
  return {
    count: matching.reduce((all, each) => all + each.count, 0),
    most: most === undefined ? undefined : (most.get(key) ?? 0),
    places: placesOf(matching, requests),
  };
}

function placesOf(calls: readonly Call[], requests: number): readonly Place[] {
  return calls.slice(0, PLACES).map(({ statement, callSite, count: times }) => ({
    what: `${statement}, ${formatRate(times / requests)} per request`,
    callSite,
  }));
}

function openingPlaces(calls: readonly Call[]): readonly Place[] {
  return calls
    .filter(({ newConnections }) => newConnections > 0)
    .sort((a, b) => b.newConnections - a.newConnections)
    .slice(0, PLACES)
    .map(({ statement, callSite, newConnections }) => ({
      what: `${statement}, ${newConnections} new ${newConnections === 1 ? 'connection' : 'connections'}`,
      callSite,
    }));
}
