// One endpoint: why are its slow requests slow. In: its name, a range. Out: the facts above the page, the mean request as a tree,
// the slowest requests. The requests themselves come as columns (endpoint-requests.ts).

import type { Condition } from '../../store/query.ts';
import { count, mapRows, max, numbersOf, quantile, sum } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { EndpointAnswer, EndpointName, Percentiles, Range } from '../api.ts';
import { ownCodeOf } from '../code-lines.ts';
import { callTree } from './endpoint-tree.ts';
import { SHARES, percentile } from '../percentiles.ts';
import { inCommon } from './in-common.ts';
import { timeCondition, windowOf } from '../range.ts';
import { traces } from '../traces/traces.ts';

const SLOWEST = 8;

export async function endpoint(store: AskStore, name: EndpointName, range: Range): Promise<EndpointAnswer> {
  const where = endpointConditions(name, range);
  const [window, totals, allUs, [ownCode]] = await Promise.all([
    windowOf(store, range),
    totalsOf(store, where),
    entryUs(store, range),
    ownCodeOf(store, range, name),
  ]);
  const { requests, operations, ...facts } = totals;
  const [tree, shared, { traces: slowest }] = await Promise.all([
    callTree(store, where, requests, requests === 0 ? 0 : operations / requests),
    inCommon(store, name, range, where),
    traces(store, { ...name, ...range, limit: SLOWEST }),
  ]);
  return {
    ...name,
    window,
    requests,
    ...facts,
    share: allUs === 0 ? 0 : facts.totalUs / allUs,
    operationsPerRequest: requests === 0 ? 0 : operations / requests,
    tree: tree.nodes,
    treeRequests: tree.requests,
    ...(tree.tail && { tail: { ...tree.tail, inCommon: shared } }),
    ...(ownCode && { ownCode }),
    slowest,
  };
}

export function endpointConditions({ service, method, route }: EndpointName, range: Range): Condition[] {
  return [
    timeCondition(range),
    { column: 'service', is: service },
    { column: 'method', is: method },
    { column: 'route', is: route },
  ];
}

interface Totals {
  readonly requests: number;
  readonly errors: number;
  readonly operations: number;
  readonly totalUs: number;
  readonly duration: Percentiles;
}

async function totalsOf(store: AskStore, where: readonly Condition[]): Promise<Totals> {
  const table = await store.ask({
    from: 'requests',
    select: {
      requests: count(),
      errors: sum('isError'),
      operations: sum('treeOperationCount'),
      totalUs: sum('durationUs'),
      maxUs: max('durationUs'),
      p50: quantile('durationUs', SHARES.p50),
      p95: quantile('durationUs', SHARES.p95),
      p99: quantile('durationUs', SHARES.p99),
    },
    where,
  });
  const [totals] = mapRows(table, ({ number }): Totals => {
    const requests = number('requests');
    return {
      requests,
      errors: number('errors'),
      operations: number('operations'),
      totalUs: number('totalUs'),
      duration: {
        meanUs: requests === 0 ? 0 : number('totalUs') / requests,
        p50Us: percentile('p50', number('p50'), requests),
        p95Us: percentile('p95', number('p95'), requests),
        p99Us: percentile('p99', number('p99'), requests),
        maxUs: requests === 0 ? 0 : number('maxUs'),
      },
    };
  });
  if (totals === undefined) throw new Error('a sum of everything is one row');
  return totals;
}

async function entryUs(store: AskStore, range: Range): Promise<number> {
  const table = await store.ask({
    from: 'requests',
    select: { totalUs: sum('durationUs') },
    where: [timeCondition(range), { column: 'isEntry', is: 1 }],
  });
  return numbersOf(table, 'totalUs')[0] ?? 0;
}
