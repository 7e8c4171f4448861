// Which traces have calls to a database, to a host, from a file. In: terms of a filter. Out: conditions on requests, and what was left out.
// Names are matched here, against the places of a recording, so that every engine can answer.

import { isLike, type FilterTerm } from '../../model/request-filter.ts';
import type { Condition } from '../../store/query.ts';
import { columns, count, mapRows, numbersOf, textsOf } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range } from '../api.ts';
import { minuteCondition, timeCondition } from '../range.ts';

type OperationTerm = Extract<FilterTerm, { kind: 'operation' }>;

export interface OperationFilter {
  readonly where: readonly Condition[];
  readonly problems: readonly string[];
}

/** Requests and traces that are looked through: lists of ids travel to the store. */
const MOST_IDS = 5000;

export async function operationFilter(
  store: AskStore,
  terms: readonly FilterTerm[],
  range: Range,
): Promise<OperationFilter> {
  const wanted = terms.filter((term) => term.kind === 'operation');
  if (wanted.length === 0) return { where: [], problems: [] };
  const places = await placesOf(store, range);
  const found = await Promise.all(wanted.map((term) => tracesWith(store, range, term, places)));
  return {
    where: found.map(({ traceIds }) => ({ column: 'traceId', isIn: traceIds })),
    problems: found.flatMap(({ isCut }, index) =>
      isCut ? [`${wanted[index]?.key}: was looked for in ${MOST_IDS} requests; there are more.`] : [],
    ),
  };
}

interface Place {
  readonly category: string;
  readonly dependency: string;
  readonly callSite: string;
}

async function placesOf(store: AskStore, range: Range): Promise<Place[]> {
  const table = await store.ask({
    from: 'rollups',
    select: { ...columns('category', 'dependency', 'callSite'), rows: count() },
    where: [minuteCondition(range)],
  });
  return mapRows(table, ({ text }) => ({
    category: text('category'),
    dependency: text('dependency'),
    callSite: text('callSite'),
  }));
}

function matches({ key, patterns }: OperationTerm, { category, dependency, callSite }: Place): boolean {
  if (key === 'db' && category !== 'db' && category !== 'cache') return false;
  const text = key === 'file' ? callSite : dependency;
  return text !== '' && patterns.some((pattern) => isLike(`*${pattern}*`, text));
}

async function tracesWith(store: AskStore, range: Range, term: OperationTerm, places: readonly Place[]) {
  const column = term.key === 'file' ? 'callSite' : 'dependency';
  const names = new Set(places.filter((place) => matches(term, place)).map((place) => place[column]));
  if (names.size === 0) return { traceIds: [], isCut: false };
  const uses = await store.ask({
    from: 'operations',
    select: { ...columns('request'), calls: count() },
    where: [timeCondition(range), { column, isIn: [...names] }, { column: 'request', from: 1 }],
    limit: MOST_IDS,
  });
  const requests = await store.ask({
    from: 'requests',
    select: columns('traceId'),
    where: [{ column: 'id', isIn: [...numbersOf(uses, 'request')] }],
  });
  return { traceIds: [...new Set(textsOf(requests, 'traceId'))], isCut: uses.rowCount === MOST_IDS };
}
