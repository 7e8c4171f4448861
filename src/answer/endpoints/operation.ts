// One operation beyond its trace: how long others with its statement take, and the code that made the call. In: its id, a range.

import { quantileUs } from '../../base/histogram.ts';
import type { Condition } from '../../store/query.ts';
import { columns, mapRows } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { OperationAnswer, Range } from '../api.ts';
import { percentile, SHARES } from '../percentiles.ts';
import { minuteCondition, windowOf } from '../range.ts';
import { histogramsBy } from '../histograms.ts';
import { sourcePlace } from '../findings/source-place.ts';

/** undefined: there is no such operation, or not any more. */
export async function operation(
  store: AskStore,
  id: number,
  range: Range,
): Promise<OperationAnswer | undefined> {
  const table = await store.ask({
    from: 'operations',
    select: columns('request', 'service', 'statement', 'dependency', 'callSite'),
    where: [{ column: 'id', is: id }],
    limit: 1,
  });
  const [found] = mapRows(table, (row) => ({
    request: row.number('request'),
    service: row.text('service'),
    statement: row.text('statement'),
    dependency: row.text('dependency'),
    callSite: row.text('callSite'),
  }));
  if (found === undefined) return undefined;
  const { service, statement, dependency, callSite } = found;
  const [window, histogram, endpoint] = await Promise.all([
    windowOf(store, range),
    histogramOf(store, range, [
      { column: 'service', is: service },
      { column: 'statement', is: statement },
      { column: 'dependency', is: dependency },
    ]),
    endpointOf(store, found.request),
  ]);
  const calls = [...histogram.values()].reduce((sum, count) => sum + count, 0);
  return {
    window,
    calls,
    p50Us: percentile('p50', quantileUs(histogram, SHARES.p50), calls),
    p95Us: percentile('p95', quantileUs(histogram, SHARES.p95), calls),
    source: endpoint && (await sourcePlace(store, range, { service, endpoint, callSite })),
  };
}

async function histogramOf(
  store: AskStore,
  range: Range,
  where: readonly Condition[],
): Promise<ReadonlyMap<number, number>> {
  const histograms = await histogramsBy(store, ['service'], [minuteCondition(range), ...where]);
  return [...histograms.values()][0] ?? new Map();
}

async function endpointOf(store: AskStore, request: number) {
  const table = await store.ask({
    from: 'requests',
    select: columns('service', 'method', 'route'),
    where: [{ column: 'id', is: request }],
    limit: 1,
  });
  return mapRows(table, ({ text }) => ({
    service: text('service'),
    method: text('method'),
    route: text('route'),
  }))[0];
}
