// One side of a comparison. In: a store, a range. Out: each endpoint with its requests, exact counts, and what it asks for.
// Of very many requests an even sample is read; counts are of all. Not here: comparing (analysis/comparison/).

import type { EndpointSample } from '../../analysis/comparison/sample.ts';
import { CATEGORIES } from '../../model/category.ts';
import type { EndpointName } from '../../model/finding.ts';
import { CATEGORY_COLUMNS, columns, count, mapRows, sum, sums, type RowReader } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range, Window } from '../api.ts';
import { endpointConditions } from '../endpoints/endpoint.ts';
import { groupKey } from '../histograms.ts';
import { minuteCondition, timeCondition, windowOf } from '../range.ts';

export interface StatementUse {
  readonly statement: string;
  readonly dependency: string;
  /** Over all requests of the endpoint. */
  readonly count: number;
}

export interface ComparisonEndpoint extends EndpointName {
  readonly requests: number;
  readonly errors: number;
  readonly meanUs: number;
  /** Of its own process, on average. */
  readonly operationsPerRequest: number;
  readonly statements: readonly StatementUse[];
  readonly sample: EndpointSample;
}

export interface ComparisonSide {
  readonly window: Window;
  readonly requests: number;
  readonly endpoints: readonly ComparisonEndpoint[];
}

/** Of an endpoint. 20 blocks of 500: their medians are known to 6 %, all of them to 1.5 %; a megabyte when they travel as JSON. */
const MOST_REQUESTS = 10_000;
const ENDPOINT = ['service', 'method', 'route'] as const;

/** Endpoints by total time, largest first. */
export async function comparisonSide(store: AskStore, range: Range): Promise<ComparisonSide> {
  const [window, totals, statements] = await Promise.all([
    windowOf(store, range),
    totalsOf(store, range),
    statementsOf(store, range),
  ]);
  const endpoints: ComparisonEndpoint[] = [];
  for (const total of totals)
    endpoints.push({
      ...total,
      statements: statements.get(keyOf(total)) ?? [],
      sample: await sampleOf(store, total, range),
    });
  return { window, requests: totals.reduce((all, { requests }) => all + requests, 0), endpoints };
}

export function keyOf({ service, method, route }: EndpointName): string {
  return groupKey([service, method, route]);
}

async function totalsOf(store: AskStore, range: Range) {
  const table = await store.ask({
    from: 'requests',
    select: {
      ...columns(...ENDPOINT),
      requests: count(),
      ...sums('operationCount'),
      errors: sum('isError'),
      us: sum('durationUs'),
    },
    where: [timeCondition(range)],
    orderBy: [{ by: 'us', descending: true }, { by: 'route' }],
  });
  return mapRows(table, ({ number, text }) => ({
    service: text('service'),
    method: text('method'),
    route: text('route'),
    requests: number('requests'),
    errors: number('errors'),
    meanUs: number('us') / number('requests'),
    operationsPerRequest: number('operationCount') / number('requests'),
  }));
}

/** Sums are kept by the minute: a range counts all of the minutes that it touches. Full names: short ones depend on what else a side has. */
async function statementsOf(store: AskStore, range: Range): Promise<ReadonlyMap<string, StatementUse[]>> {
  const table = await store.ask({
    from: 'rollups',
    select: { ...columns(...ENDPOINT, 'statement', 'dependency'), ...sums('count') },
    where: [minuteCondition(range), { column: 'attribution', is: 'request' }, { column: 'role', is: 'work' }],
    orderBy: [{ by: 'count', descending: true }],
  });
  const byEndpoint = new Map<string, StatementUse[]>();
  mapRows(table, ({ number, text }) => {
    const key = groupKey(ENDPOINT.map(text));
    const use = { statement: text('statement'), dependency: text('dependency'), count: number('count') };
    byEndpoint.set(key, [...(byEndpoint.get(key) ?? []), use]);
  });
  return byEndpoint;
}

async function sampleOf(
  store: AskStore,
  endpoint: EndpointName & { readonly requests: number },
  range: Range,
): Promise<EndpointSample> {
  const oneIn = Math.ceil(endpoint.requests / MOST_REQUESTS);
  const table = await store.ask({
    from: 'requests',
    select: columns('atUs', 'durationUs', 'isError', 'treeOperationCount', ...CATEGORY_COLUMNS),
    where: [...endpointConditions(endpoint, range), ...(oneIn > 1 ? [{ column: 'id', oneIn }] : [])],
    orderBy: [{ by: 'atUs' }],
  });
  const rows = mapRows(table, (row) => ({
    at: row.number('atUs'),
    us: row.number('durationUs'),
    categories: CATEGORY_COLUMNS.map(row.number),
    signature: signatureOf(row),
  }));
  return {
    at: rows.map(({ at }) => at),
    durationsUs: rows.map(({ us }) => us),
    categories: rows.map(({ categories }) => categories),
    signatures: rows.map(({ signature }) => signature),
  };
}

/** Kinds of time that come and go with load say nothing about what the request did. */
const WORK = CATEGORIES.map(({ key }) => ['db', 'cache', 'http', 'ext', 'msg'].includes(key));

/** Error or not, about how many operations (1, 2, 3–4, 5–8 …), and which kinds of peers it waited for. */
function signatureOf({ number }: RowReader): string {
  const operations = number('treeOperationCount');
  const size = operations === 0 ? 0 : 1 + Math.ceil(Math.log2(operations));
  const peers = CATEGORY_COLUMNS.filter((name, index) => WORK[index] === true && number(name) > 0);
  return `${number('isError')} ${size} ${peers.join(' ')}`;
}
