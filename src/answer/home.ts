// Where the time goes. In: a range. Out: the home page: sums by category that add up to the whole, endpoints, dependencies.
// The whole is the time of entry requests: what is inside of them in other services is split there, not counted twice.

import type { CategoryKey } from '../model/category.ts';
import { CATEGORIES } from '../model/category.ts';
import type { CoreWait } from '../model/core-wait.ts';
import { isShortOfCores } from '../model/core-wait.ts';
import { columns, mapRows, sum } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { CategoryTotal, FindingRows, HomeAnswer, Range, ServiceInfo } from './api.ts';
import { coverageOf } from './coverage.ts';
import { dependencyRows } from './dependencies.ts';
import { addVectors, endpointRows, entryDuration } from './endpoints/endpoints.ts';
import type { LiveStatus } from './live.ts';
import { minuteCondition, windowOf } from './range.ts';
import type { CategoryDetail } from './sentence.ts';
import { gainWords } from './findings/finding-words.ts';
import { basisSentence, homeSentence } from './sentence.ts';
import { servicesOf } from './services.ts';

export async function home(
  store: AskStore,
  range: Range,
  project: string,
  live?: LiveStatus,
  /** Asked last, so that looking for them does not slow down what is shown without them. `requests`: in this range. */
  findingRows: (requests: number) => Promise<FindingRows | undefined> = async () => undefined,
): Promise<HomeAnswer> {
  const window = await windowOf(store, range);
  const [services, endpoints, duration, dependencies, coverage, details] = await Promise.all([
    servicesOf(store, range),
    endpointRows(store, range, window),
    entryDuration(store, range),
    dependencyRows(store, range),
    coverageOf(store, range, live),
    detailsOf(store, range),
  ]);
  const entries = endpoints.filter(({ isEntry }) => isEntry);
  const requests = entries.reduce((total, row) => total + row.requests, 0);
  const totalUs = entries.reduce((total, row) => total + row.totalUs, 0);
  const findings = await findingRows(requests);
  const categories = categoryTotals(addVectors(entries.map((row) => row.categories)), totalUs);
  const sentence = homeSentence(
    categories,
    (key) => details.get(key) ?? NO_DETAIL,
    entries.length,
    findings?.rows,
    coreWaitUs(coverage.coreWaits, services),
  );
  const second = [...gainWords(findings), ...basisSentence(requests, window.seconds)];
  return {
    project: project === '' ? (services[0]?.name ?? '') : project,
    window,
    services,
    sentence,
    second,
    requests,
    totalUs,
    ...(duration && { duration }),
    categories,
    endpoints,
    dependencies,
    coverage,
    ...(findings && { findings }),
  };
}

/** Of those who answer requests: a program that only starts others keeps nobody waiting. */
function coreWaitUs(waits: readonly CoreWait[], services: readonly ServiceInfo[]): number {
  const serving = new Set(services.filter(({ requests }) => requests > 0).map(({ name }) => name));
  const short = waits.filter((wait) => serving.has(wait.service) && isShortOfCores(wait));
  return short.reduce((total, { waitedUs }) => total + waitedUs, 0);
}

function categoryTotals(vector: readonly number[], totalUs: number): CategoryTotal[] {
  return CATEGORIES.map(({ key }, index) => {
    const us = vector[index] ?? 0;
    return { key, us, share: totalUs === 0 ? 0 : us / totalUs };
  });
}

const NO_DETAIL: CategoryDetail = {
  dependency: '',
  dependencyShare: 0,
  operations: 0,
  statement: '',
  callSite: '',
  statementShare: 0,
};

interface DetailRow {
  readonly category: string;
  readonly dependency: string;
  readonly statement: string;
  readonly callSite: string;
  readonly us: number;
}

/** What stands behind the categories of the network: how many statements, and whether one dependency has most of the time. */
async function detailsOf(store: AskStore, range: Range): Promise<Map<string, CategoryDetail>> {
  const table = await store.ask({
    from: 'rollups',
    select: { ...columns('category', 'dependency', 'statement', 'callSite'), us: sum('exclusiveUs') },
    where: [minuteCondition(range), { column: 'role', is: 'work' }],
  });
  const rows = mapRows(table, (row): DetailRow => ({
    category: row.text('category'),
    dependency: row.text('dependency'),
    statement: row.text('statement'),
    callSite: row.text('callSite'),
    us: row.number('us'),
  }));
  const keys: CategoryKey[] = CATEGORIES.map(({ key }) => key);
  return new Map(keys.map((key) => [key, detailOf(rows.filter(({ category }) => category === key))]));
}

function detailOf(rows: readonly DetailRow[]): CategoryDetail {
  const totalUs = rows.reduce((total, { us }) => total + us, 0);
  const [dependency] = largestBy(rows, (row) => row.dependency);
  const [statement, statements] = largestBy(rows, (row) => row.statement);
  if (dependency === undefined || statement === undefined || totalUs === 0)
    return { ...NO_DETAIL, operations: statements };
  const [place] = largestBy(
    rows.filter((row) => row.statement === statement.key && row.callSite !== ''),
    (row) => row.callSite,
  );
  return {
    dependency: dependency.key,
    dependencyShare: dependency.us / totalUs,
    operations: statements,
    statement: statement.key,
    callSite: place?.key ?? '',
    statementShare: statement.us / totalUs,
  };
}

/** The key with most time, and how many keys there are. */
function largestBy(
  rows: readonly DetailRow[],
  keyOf: (row: DetailRow) => string,
): [{ readonly key: string; readonly us: number } | undefined, number] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + row.us);
  const [largest] = [...sums].toSorted((a, b) => b[1] - a[1]);
  return [largest === undefined ? undefined : { key: largest[0], us: largest[1] }, sums.size];
}
