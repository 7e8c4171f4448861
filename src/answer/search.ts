// All there is to find. In: a range. Out: endpoints, statements, call sites and dependencies with their sizes, most time first.
// Small enough to be searched where it is typed.

import type { RowReader } from '../store/query.ts';
import { columns, mapRows, sum } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { EndpointName, Range, SearchAnswer, SearchPlace } from './api.ts';
import { categoryNamed } from './dependencies.ts';
import { endpointRows } from './endpoints/endpoints.ts';
import { minuteCondition } from './range.ts';

/** A recording of the demo has 40 statements; of 500 somebody searches one of the larger. */
const MOST = 500;

export async function search(store: AskStore, range: Range): Promise<SearchAnswer> {
  const [endpoints, table] = await Promise.all([
    endpointRows(store, range),
    store.ask({
      from: 'rollups',
      select: {
        ...columns('service', 'method', 'route', 'category', 'statement', 'dependency', 'callSite'),
        calls: sum('count'),
        us: sum('totalUs'),
      },
      where: [minuteCondition(range), { column: 'role', is: 'work' }],
    }),
  ]);
  const uses = mapRows(table, useOf);
  return {
    endpoints: endpoints.slice(0, MOST).map(({ service, method, route, requests, duration }) => ({
      service,
      method,
      route,
      requests,
      p95Us: duration.p95Us,
    })),
    statements: placesBy(uses, ({ statement }) => statement),
    callSites: placesBy(uses, ({ callSite }) => callSite),
    dependencies: placesBy(uses, ({ dependency }) => dependency),
  };
}

interface Use extends Omit<SearchPlace, 'text' | 'endpoint'> {
  readonly statement: string;
  readonly dependency: string;
  readonly callSite: string;
  readonly us: number;
  readonly endpoint: EndpointName | undefined;
}

function useOf({ text, number }: RowReader): Use {
  const [service, method, route] = [text('service'), text('method'), text('route')];
  return {
    service,
    category: categoryNamed(text('category')),
    statement: text('statement'),
    dependency: text('dependency'),
    callSite: text('callSite'),
    calls: number('calls'),
    us: number('us'),
    endpoint: method === '' && route === '' ? undefined : { service, method, route },
  };
}

/** Each text once, with the endpoint where most of its time is. */
function placesBy(uses: readonly Use[], textOf: (use: Use) => string): SearchPlace[] {
  const found = new Map<string, { calls: number; us: number; largest: Use }>();
  for (const use of uses) {
    const text = textOf(use);
    if (text === '') continue;
    const known = found.get(text) ?? { calls: 0, us: 0, largest: use };
    known.calls += use.calls;
    known.us += use.us;
    if (use.us > known.largest.us) known.largest = use;
    found.set(text, known);
  }
  return [...found]
    .toSorted((a, b) => b[1].us - a[1].us)
    .slice(0, MOST)
    .map(([text, { calls, largest }]) => ({
      text,
      service: largest.service,
      category: largest.category,
      calls,
      endpoint: largest.endpoint,
    }));
}
