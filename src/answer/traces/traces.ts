// Which requests there were. In: a filter. Out: entry requests, slowest or newest first.

import type { Condition, Expression, RowReader } from '../../store/query.ts';
import {
  CATEGORY_COLUMNS,
  columns,
  count,
  mapRows,
  max,
  min,
  numbersOf,
  textsOf,
} from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import { parseFilter } from '../../model/request-filter.ts';
import type { DurationHistogram, Range, TraceListRow, TracesAnswer } from '../api.ts';
import { timeCondition, windowOf } from '../range.ts';
import { findingFilter, shownIn, type FindingsOf } from './traces-findings.ts';
import { operationFilter } from './traces-by-operation.ts';
import { filterConditions } from './traces-filter.ts';

/** Absent fields do not filter. */
export interface TracesFilter extends Range {
  /** The language of model/request-filter.ts. */
  readonly q?: string;
  readonly service?: string;
  readonly method?: string;
  readonly route?: string;
  /** The slowest first, which is the default, or the newest. */
  readonly sort?: '-duration' | '-at';
  /** At most so many; 100 by default. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 100;

const LIST_COLUMNS: Record<string, Expression> = columns(
  'id',
  'traceId',
  'atUs',
  'service',
  'method',
  'route',
  'status',
  'isError',
  'durationUs',
  'treeOperationCount',
  ...CATEGORY_COLUMNS,
);

/** `findings`: those of a range; without `isNeeded` only if they are there. */
export async function traces(
  store: AskStore,
  filter: TracesFilter,
  findings: FindingsOf = async () => undefined,
): Promise<TracesAnswer> {
  const { service, method, route } = filter;
  const parsed = parseFilter(filter.q ?? '');
  const exact = {
    ...(service !== undefined && { service }),
    ...(method !== undefined && { method }),
    ...(route !== undefined && { route }),
  };
  const asked = parsed.terms.filter((term) => term.kind === 'finding');
  const [ofRequests, ofOperations, found] = await Promise.all([
    filterConditions(store, parsed, exact, filter),
    operationFilter(store, parsed.terms, filter),
    findings(filter, asked.length > 0),
  ]);
  const requests = asked.length === 0 ? 0 : await entryRequests(store, filter);
  const ofFindings = findingFilter(asked, found, requests);
  const where = [...ofRequests, ...ofOperations.where, ...ofFindings.where];
  const [window, facts, table] = await Promise.all([
    windowOf(store, filter),
    store.ask({
      from: 'requests',
      select: { total: count(), low: min('durationUs'), high: max('durationUs') },
      where,
    }),
    store.ask({
      from: 'requests',
      select: LIST_COLUMNS,
      where,
      orderBy: [{ by: filter.sort === '-at' ? 'atUs' : 'durationUs', descending: true }],
      limit: filter.limit ?? DEFAULT_LIMIT,
    }),
  ]);
  const [total = 0] = numbersOf(facts, 'total');
  const rows = mapRows(table, (row) => ({ ...listRow(row), id: row.number('id') }));
  const shown = found && shownIn(found, rows);
  const [low = 0, high = 0] = [numbersOf(facts, 'low')[0], numbersOf(facts, 'high')[0]];
  const [histogram, services] = await Promise.all([
    total === 0 ? NO_HISTOGRAM : histogramOf(store, where, total, low, high),
    servicesIn(store, rows),
  ]);
  return {
    window,
    total,
    traces: rows.map(({ id, ...row }) => ({
      ...row,
      services: services.get(row.traceId) ?? 1,
      findings: shown?.byRequest.get(id) ?? [],
    })),
    ...(shown && { findings: shown.names }),
    histogram,
    problems: [...parsed.problems, ...ofOperations.problems, ...ofFindings.problems],
  };
}

async function entryRequests(store: AskStore, range: Range): Promise<number> {
  const table = await store.ask({
    from: 'requests',
    select: { requests: count() },
    where: [timeCondition(range), { column: 'isEntry', is: 1 }],
  });
  return numbersOf(table, 'requests')[0] ?? 0;
}

/** Trace id → how many services. */
async function servicesIn(store: AskStore, rows: readonly TraceListRow[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  if (rows.length === 0) return found;
  const table = await store.ask({
    from: 'requests',
    select: { ...columns('traceId', 'service'), requests: count() },
    where: [{ column: 'traceId', isIn: [...new Set(rows.map(({ traceId }) => traceId))] }],
  });
  for (const traceId of textsOf(table, 'traceId')) found.set(traceId, (found.get(traceId) ?? 0) + 1);
  return found;
}

const STEPS = 60;
/** More durations say nothing more about the shape; the counts are scaled to all. */
const MOST_DURATIONS = 50_000;
const NO_HISTOGRAM: DurationHistogram = { lowUs: 1, highUs: 1, counts: [] };

async function histogramOf(
  store: AskStore,
  where: readonly Condition[],
  total: number,
  low: number,
  high: number,
): Promise<DurationHistogram> {
  const oneIn = Math.ceil(total / MOST_DURATIONS);
  const table = await store.ask({
    from: 'requests',
    select: columns('durationUs'),
    where: [...where, ...(oneIn > 1 ? [{ column: 'id', oneIn }] : [])],
    limit: 2 * MOST_DURATIONS,
  });
  const lowUs = Math.max(1, low);
  const highUs = Math.max(lowUs * 2, high);
  const counts = Array.from({ length: STEPS }, () => 0);
  for (const us of numbersOf(table, 'durationUs')) {
    const share = Math.log(Math.max(lowUs, us) / lowUs) / Math.log(highUs / lowUs);
    const step = Math.min(STEPS - 1, Math.floor(share * STEPS));
    counts[step] = (counts[step] ?? 0) + 1;
  }
  return { lowUs, highUs, counts: counts.map((each) => each * (total / (table.rowCount || 1))) };
}

function listRow(row: RowReader): TraceListRow {
  return {
    traceId: row.text('traceId'),
    at: Math.floor(row.number('atUs') / 1000),
    service: row.text('service'),
    method: row.text('method'),
    route: row.text('route'),
    status: row.number('status'),
    isError: row.number('isError') === 1,
    durationUs: row.number('durationUs'),
    categories: CATEGORY_COLUMNS.map(row.number),
    operations: row.number('treeOperationCount'),
  };
}

/** Entry requests of these traces, in the order of the ids; those that are no longer stored are left out. */
export async function tracesByIds(store: AskStore, ids: readonly string[]): Promise<TraceListRow[]> {
  if (ids.length === 0) return [];
  const table = await store.ask({
    from: 'requests',
    select: LIST_COLUMNS,
    where: [
      { column: 'traceId', isIn: ids },
      { column: 'isEntry', is: 1 },
    ],
  });
  const byId = new Map(mapRows(table, listRow).map((row) => [row.traceId, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
