// The code around a finding, with what its lines cost. In: where the finding is, a range. Out: lines and calls by line, or nothing.
// How a file is read: source-file.ts.

import { hostname } from 'node:os';
import type { EndpointName } from '../../model/finding.ts';
import { columns, count, mapRows, numbersOf, sums } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range, SourcePlace } from '../api.ts';
import { categoryNamed } from '../dependencies.ts';
import { minuteCondition, timeCondition } from '../range.ts';
import { codePlace, readSource } from './source-file.ts';

interface Place {
  readonly service: string;
  readonly endpoint: EndpointName;
  readonly callSite: string;
}

/** undefined: there is no call site, or the file is not where its process ran, or may not be read. */
export async function sourcePlace(
  store: AskStore,
  range: Range,
  { service, endpoint, callSite }: Place,
): Promise<SourcePlace | undefined> {
  const place = codePlace(callSite);
  if (place === undefined) return undefined;
  const { folders, startedAt } = await whereItRan(store, service);
  const source = await readSource(place, folders);
  if (source === undefined) return undefined;
  const { changedAt, ...file } = source;
  const last = file.firstLine + file.lines.length - 1;
  const calls = await callsByLine(store, range, endpoint, place.file);
  return {
    ...file,
    isChanged: changedAt > startedAt,
    calls: calls.filter(({ line }) => line >= file.firstLine && line <= last),
  };
}

interface WhereItRan {
  /** Latest first. */
  readonly folders: readonly string[];
  /** ms since 1970, of the latest process. */
  readonly startedAt: number;
}

/** Of processes of this host only: the same path elsewhere is another file. */
async function whereItRan(store: AskStore, service: string): Promise<WhereItRan> {
  const table = await store.ask({
    from: 'processes',
    select: columns('cwd', 'startedAtUs', 'host'),
    where: [
      { column: 'service', is: service },
      { column: 'host', is: hostname() },
    ],
    orderBy: [{ by: 'startedAtUs', descending: true }],
    limit: MOST_PROCESSES,
  });
  const found = mapRows(table, (row) => ({
    cwd: row.text('cwd'),
    startedAt: row.number('startedAtUs') / 1000,
  }));
  return {
    folders: [...new Set(found.map(({ cwd }) => cwd))],
    startedAt: found[0]?.startedAt ?? Number.NaN,
  };
}

/** Restarts of a watched program leave many; the latest ones are where it runs. */
const MOST_PROCESSES = 50;

async function callsByLine(
  store: AskStore,
  range: Range,
  { service, method, route }: EndpointName,
  file: string,
): Promise<SourcePlace['calls']> {
  const where = [
    { column: 'service', is: service },
    { column: 'method', is: method },
    { column: 'route', is: route },
  ] as const;
  const [table, requests] = await Promise.all([
    store.ask({
      from: 'rollups',
      select: { ...columns('callSite', 'category'), ...sums('count', 'exclusiveUs') },
      where: [minuteCondition(range), ...where],
    }),
    store.ask({
      from: 'requests',
      select: { requests: count() },
      where: [timeCondition(wholeMinutes(range)), ...where],
    }),
  ]);
  const each = 1 / (numbersOf(requests, 'requests')[0] || 1);
  return mapRows(table, (row) => ({
    place: codePlace(row.text('callSite')),
    perRequest: row.number('count') * each,
    usPerRequest: row.number('exclusiveUs') * each,
    category: categoryNamed(row.text('category')),
  })).flatMap(({ place, ...cost }) => (place?.file === file ? [{ line: place.line, ...cost }] : []));
}

const MINUTE_MS = 60_000;

/** Sums are kept by the minute: the requests they are divided by are those of the same minutes. */
function wholeMinutes({ from, to }: Range): Range {
  return {
    ...(from !== undefined && { from: Math.floor(from / MINUTE_MS) * MINUTE_MS }),
    ...(to !== undefined && { to: Math.floor(to / MINUTE_MS) * MINUTE_MS + MINUTE_MS - 1 }),
  };
}
