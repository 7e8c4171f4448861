// A filter as conditions for the store. In: what was typed, the endpoints there are. Out: conditions that are exact.
// Patterns are matched here, against the few hundred endpoints of a recording, so that every engine can answer.

import { matchesText, type FilterTerm, type RequestFilter } from '../../model/request-filter.ts';
import type { Condition } from '../../store/query.ts';
import { columns, count, mapRows } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { EndpointName, Range } from '../api.ts';
import { timeCondition } from '../range.ts';

interface KnownEndpoint extends EndpointName {
  readonly isEntry: boolean;
}

/** Entry requests only, unless all that is asked for are endpoints that nobody outside asks. */
export async function filterConditions(
  store: AskStore,
  filter: RequestFilter,
  exact: Partial<EndpointName>,
  range: Range,
): Promise<Condition[]> {
  const others = filter.terms.flatMap(conditionOf);
  const texts = filter.terms.filter((term) => term.kind === 'text');
  const isOfEndpoints = texts.length > 0 || Object.values(exact).some((value) => value !== undefined);
  const isEntry: Condition = { column: 'isEntry', is: 1 };
  if (!isOfEndpoints) return [timeCondition(range), isEntry, ...others];
  const known = await endpointsOf(store, range);
  const wanted = known.filter(
    (endpoint) => isExactly(endpoint, exact) && texts.every((term) => matchesText(term, endpoint)),
  );
  const hasEntries = wanted.some((endpoint) => endpoint.isEntry);
  return [
    timeCondition(range),
    ...(hasEntries ? [isEntry] : []),
    ...others,
    { anyOf: alternatives(wanted.filter((endpoint) => endpoint.isEntry || !hasEntries)) },
  ];
}

function isExactly(endpoint: EndpointName, exact: Partial<EndpointName>): boolean {
  return (['service', 'method', 'route'] as const).every(
    (key) => exact[key] === undefined || exact[key] === endpoint[key],
  );
}

async function endpointsOf(store: AskStore, range: Range): Promise<KnownEndpoint[]> {
  const table = await store.ask({
    from: 'requests',
    select: { ...columns('service', 'method', 'route', 'isEntry'), requests: count() },
    where: [timeCondition(range)],
  });
  return mapRows(table, ({ text, number }) => ({
    service: text('service'),
    method: text('method'),
    route: text('route'),
    isEntry: number('isEntry') === 1,
  }));
}

/** One for each service and method, so that there are few. */
function alternatives(endpoints: readonly EndpointName[]): Condition[][] {
  const routes = new Map<string, { readonly first: EndpointName; readonly routes: string[] }>();
  for (const endpoint of endpoints) {
    const key = `${endpoint.service}\0${endpoint.method}`;
    const known = routes.get(key) ?? { first: endpoint, routes: [] };
    known.routes.push(endpoint.route);
    routes.set(key, known);
  }
  return [...routes.values()].map(({ first, routes: isIn }) => [
    { column: 'service', is: first.service },
    { column: 'method', is: first.method },
    { column: 'route', isIn: [...new Set(isIn)] },
  ]);
}

const NUMBER_COLUMNS = { duration: 'durationUs', calls: 'treeOperationCount', status: 'status' } as const;

function conditionOf(term: FilterTerm): Condition[] {
  switch (term.kind) {
    case 'text':
    case 'operation':
    case 'finding':
      return [];
    case 'number':
      return [{ column: NUMBER_COLUMNS[term.key], from: term.from, to: term.to }];
    case 'error':
      return [{ column: 'isError', is: term.isError ? 1 : 0 }];
    case 'category':
      return [{ column: `categories.${term.category}`, from: 1 }];
    case 'trace':
      return [{ column: 'traceId', is: term.id }];
  }
}
