// The report: what `wiretime report --format json` prints, documented field by field in docs/report.md.
// In: a range. Out: the numbers of the home page in ms, and what one request of each endpoint asks for.

import { apportion } from '../analysis/time/apportion.ts';
import { NO_FINDINGS, type Findings } from '../analysis/engine.ts';
import { quantileUs } from '../base/histogram.ts';
import { CATEGORIES, CategoryIndex } from '../model/category.ts';
import type { Attribution } from '../model/operation.ts';
import { protocolNamed } from '../model/protocol.ts';
import type { PhaseKey } from '../model/row.ts';
import { PHASES } from '../model/row.ts';
import type { RowReader } from '../store/query.ts';
import { PHASE_COLUMNS, columns, mapRows, sum, sums } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type {
  DependencyRow,
  EndpointRow,
  HomeAnswer,
  Range,
  Report,
  ReportEndpoint,
  ReportOperation,
} from './api.ts';
import { groupKey, histogramsBy } from './histograms.ts';
import { home } from './home.ts';
import type { LiveStatus } from './live.ts';
import { SHARES, percentile } from './percentiles.ts';
import { withUnplaced, type PlacedSums } from './endpoints/placed-sums.ts';
import { minuteCondition } from './range.ts';
import { reportFinding } from './findings/report-findings.ts';

const KEYS = [
  'service',
  'method',
  'route',
  'protocol',
  'statement',
  'dependency',
  'callSite',
  'attribution',
] as const;

export async function report(
  store: AskStore,
  range: Range,
  live?: LiveStatus,
  findings: Promise<Findings> = Promise.resolve(NO_FINDINGS),
): Promise<Report> {
  const answer = await home(store, range, '', live);
  const operations = await operationsByEndpoint(store, range, answer.endpoints);
  const {
    notVisibleNames: _names,
    unseenShare: _share,
    coreWaits,
    toldCpu,
    ownCode,
    ...coverage
  } = answer.coverage;
  return {
    schema: 'wiretime.report/1',
    window: windowOf(answer),
    services: answer.services.map(({ name, runtime, instances }) => ({ name, runtime, instances })),
    coverage,
    coreWaits: coreWaits.map(({ service, ranUs, waitedUs, throttledUs }) => ({
      service,
      ranMs: ms(ranUs),
      waitedMs: ms(waitedUs),
      throttledMs: ms(throttledUs),
    })),
    cpu: toldCpu.map(({ service, gcCount, gcPausedUs, gcBusyUs, agentUs, processUs }) => ({
      service,
      ...(gcBusyUs > 0 && {
        garbageCollection: { count: gcCount, pausedMs: ms(gcPausedUs), busyMs: ms(gcBusyUs) },
      }),
      agentMs: ms(agentUs),
      processMs: ms(processUs),
    })),
    ownCode: ownCode.map(({ service, us, lines }) => ({
      service,
      cpuMs: ms(us),
      lines: lines.map(({ us: lineUs, ...line }) => ({ ...line, ms: ms(lineUs) })),
    })),
    categories: answer.categories.map(({ key, us, share }) => ({
      key,
      name: nameOf(key),
      ms: ms(us),
      share,
    })),
    endpoints: answer.endpoints.map((row) => endpointOf(row, operations.get(endpointKey(row)) ?? [])),
    dependencies: answer.dependencies.map(dependencyOf),
    findings: (await findings).findings.map(reportFinding),
  };
}

function windowOf({ window }: HomeAnswer): Report['window'] {
  const { from, to, seconds } = window;
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), seconds };
}

/** Whole µs as ms: exact to the µs. */
function ms(us: number): number {
  return us / 1000;
}

function msOrNull(us: number | undefined): number | null {
  return us === undefined ? null : Math.round(us) / 1000;
}

function nameOf(key: DependencyRow['category']): string {
  return CATEGORIES[CategoryIndex[key]].name;
}

function endpointKey({ service, method, route }: { service: string; method: string; route: string }): string {
  return groupKey([service, method, route]);
}

function endpointOf(row: EndpointRow, operations: readonly ReportOperation[]): ReportEndpoint {
  const { service, method, route, requests, errors, duration } = row;
  const meanUs = Math.round(duration.meanUs);
  const categoriesUs = apportion(meanUs, row.categories);
  return {
    service,
    method,
    route,
    requests,
    errors,
    ms: {
      mean: ms(meanUs),
      p50: msOrNull(duration.p50Us),
      p95: msOrNull(duration.p95Us),
      p99: msOrNull(duration.p99Us),
      max: ms(duration.maxUs),
    },
    categories: CATEGORIES.map(({ key }, index) => ({ key, msPerRequest: ms(categoriesUs[index] ?? 0) })),
    operations,
  };
}

function dependencyOf(row: DependencyRow): Report['dependencies'][number] {
  return {
    name: row.name,
    protocol: row.protocol,
    calls: row.calls,
    ms: { p50: msOrNull(row.p50Us), p95: msOrNull(row.p95Us) },
    poolWaitMs: ms(row.poolUs),
    newConnections: row.newConnections,
  };
}

/** What each endpoint asks for, from the sums over all traffic; by time, largest first. */
async function operationsByEndpoint(
  store: AskStore,
  range: Range,
  endpoints: readonly EndpointRow[],
): Promise<Map<string, ReportOperation[]>> {
  const minutes = minuteCondition(range);
  const [table, histograms] = await Promise.all([
    store.ask({
      from: 'rollups',
      select: { ...columns(...KEYS), ...sums('count', 'errors', ...PHASE_COLUMNS), us: sum('totalUs') },
      where: [minutes],
      orderBy: [{ by: 'us', descending: true }],
    }),
    histogramsBy(store, KEYS, [minutes]),
  ]);
  const requests = requestsByEndpoint(endpoints);
  const byEndpoint = new Map<string, ReportOperation[]>();
  for (const row of withUnplaced(mapRows(table, (one) => sumsOf(one, histograms)))) {
    const operation = operationOf(row, requests.get(row.endpoint) ?? 0);
    byEndpoint.set(row.endpoint, [...(byEndpoint.get(row.endpoint) ?? []), operation]);
  }
  return byEndpoint;
}

type OperationSums = PlacedSums &
  Pick<ReportOperation, 'protocol' | 'statement' | 'dependency' | 'attribution'> & {
    readonly endpoint: string;
  };

function sumsOf(row: RowReader, histograms: ReadonlyMap<string, ReadonlyMap<number, number>>): OperationSums {
  return {
    key: groupKey(KEYS.filter((name) => name !== 'callSite').map(row.text)),
    endpoint: groupKey([row.text('service'), row.text('method'), row.text('route')]),
    protocol: protocolNamed(row.text('protocol')),
    statement: row.text('statement'),
    dependency: row.text('dependency'),
    callSite: row.text('callSite'),
    attribution: attributionNamed(row.text('attribution')),
    count: row.number('count'),
    errors: row.number('errors'),
    us: row.number('us'),
    phases: PHASE_COLUMNS.map(row.number),
    histogram: histograms.get(groupKey(KEYS.map(row.text))) ?? new Map<number, number>(),
  };
}

function requestsByEndpoint(endpoints: readonly EndpointRow[]): Map<string, number> {
  const requests = new Map<string, number>();
  for (const row of endpoints)
    requests.set(endpointKey(row), (requests.get(endpointKey(row)) ?? 0) + row.requests);
  return requests;
}

function operationOf(sums: OperationSums, requests: number): ReportOperation {
  const { protocol, statement, dependency, callSite, attribution, count, errors, histogram } = sums;
  const meanUs = Math.round(sums.us / count);
  return {
    protocol,
    statement,
    dependency,
    callSite,
    attribution,
    perRequest: requests === 0 ? 0 : count / requests,
    ms: {
      mean: ms(meanUs),
      p50: msOrNull(percentile('p50', quantileUs(histogram, SHARES.p50), count)),
      p95: msOrNull(percentile('p95', quantileUs(histogram, SHARES.p95), count)),
    },
    phases: phasesOf(sums.phases, meanUs),
    errors,
  };
}

/** Mean ms of each phase; rounded so that they add up to the mean, to the µs. */
function phasesOf(phases: readonly number[], meanUs: number): Record<PhaseKey, number> {
  const us = apportion(meanUs, phases);
  const means = PHASES.map(({ key }, index) => [key, ms(us[index] ?? 0)] as const);
  // Object.fromEntries forgets that every key is there.
  return Object.fromEntries(means) as Record<PhaseKey, number>;
}

function attributionNamed(name: string): Attribution {
  return name === 'request' || name === 'none' ? name : 'hidden';
}
