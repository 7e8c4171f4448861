// What `wiretime top` lists. In: the answers of the last minute or two. Out: three tables: operations, endpoints, connections; with sort keys
// and the facts of each row. Not here: columns on the screen (top-screen.ts).

import type { ConnectionsAnswer, HomeAnswer, Report, ReportOperation } from '../../answer/api.ts';
import { formatCountShort, formatDuration, formatRate, formatShare } from '../../base/numbers.ts';
import { shortStatement } from '../../base/statement.ts';
import { PHASES } from '../../model/row.ts';
import { formatPercentile } from './canvas.ts';

export interface TopData {
  readonly home: HomeAnswer;
  readonly report: Report;
  readonly connections: ConnectionsAnswer;
}

export type TableName = 'operations' | 'endpoints' | 'connections';

export interface TopTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly TopRow[];
}

export interface TopRow {
  /** Not safe to print yet. */
  readonly name: string;
  readonly place: string;
  readonly cells: readonly string[];
  /** Larger ones first; one for each cell. */
  readonly keys: readonly number[];
  /** Cells that are worth a look: a long wait, a line, errors. */
  readonly warned: readonly number[];
  /** For the details: name and value. */
  readonly facts: readonly (readonly [string, string])[];
}

/** From here on waiting is worth a colour. */
const WARN_WAIT = 0.05;
/** New connections a call: more than every fifth opens one. */
const WARN_NEW = 0.2;

export function tableOf(name: TableName, data: TopData): TopTable {
  if (name === 'operations') return operations(data);
  return name === 'endpoints' ? endpoints(data) : connections(data);
}

function operations({ report, home }: TopData): TopTable {
  const seconds = secondsOf(home);
  const rows = report.endpoints.flatMap((endpoint) =>
    endpoint.operations.map((operation) =>
      operationRow(operation, operation.perRequest * endpoint.requests, endpoint, seconds, home.totalUs),
    ),
  );
  return { title: 'Operation', columns: ['calls/s', 'p50', 'p95', 'ms/s', 'wait', 'share'], rows };
}

/** `wait`: the part that was in line, or opening a connection. Calls at once may add up to more than all request time. */
function operationRow(
  operation: ReportOperation,
  calls: number,
  endpoint: Report['endpoints'][number],
  seconds: number,
  totalUs: number,
): TopRow {
  const { statement, dependency, callSite, ms, phases, errors, protocol } = operation;
  const wait = ms.mean === 0 ? 0 : (phases.pool + phases.dns + phases.tcp + phases.tls) / ms.mean;
  const msPerSecond = (calls * ms.mean) / seconds;
  const share = totalUs === 0 ? 0 : (calls * ms.mean * 1000) / totalUs;
  return {
    name: statement === '' ? dependency : shortStatement(statement),
    place: callSite.replace(/:\d+$/, ''),
    cells: [
      formatRate(calls / seconds),
      msOrNone(ms.p50),
      msOrNone(ms.p95),
      formatRate(msPerSecond),
      wait === 0 ? '0' : formatShare(wait),
      formatShare(share),
    ],
    keys: [calls, ms.p50 ?? 0, ms.p95 ?? 0, msPerSecond, wait, share],
    warned: wait > WARN_WAIT ? [4] : [],
    facts: [
      ['Asked by', `${endpoint.method} ${endpoint.route} of ${endpoint.service}`],
      ['Where', callSite === '' ? 'not seen' : callSite],
      ['Asks', `${dependency} (${protocol})`],
      ['A request', `${formatRate(operation.perRequest)} calls`],
      ['Errors', formatCountShort(errors)],
      ...PHASES.map(({ key, name }) => [name, formatDuration(phases[key] * 1000)] as const),
    ],
  };
}

function msOrNone(ms: number | null): string {
  return formatPercentile(ms === null ? undefined : ms * 1000);
}

function endpoints({ home }: TopData): TopTable {
  const seconds = secondsOf(home);
  const rows = home.endpoints.map((endpoint): TopRow => {
    const { method, route, service, requests, errors, duration, totalUs, isEntry } = endpoint;
    const share = home.totalUs === 0 ? 0 : totalUs / home.totalUs;
    const perMinute = (requests * 60) / seconds;
    return {
      name: `${method} ${route}`,
      place: service,
      cells: [
        formatCountShort(perMinute),
        formatPercentile(duration.p50Us),
        formatPercentile(duration.p95Us),
        formatPercentile(duration.p99Us),
        errors === 0 ? '0' : formatShare(errors / requests),
        formatShare(share),
      ],
      keys: [
        perMinute,
        duration.p50Us ?? 0,
        duration.p95Us ?? 0,
        duration.p99Us ?? 0,
        errors / requests,
        share,
      ],
      warned: errors > 0 ? [4] : [],
      facts: [
        ['Service', service],
        ['Asked by', isEntry ? 'the outside' : 'traced services'],
        ['Requests', formatCountShort(requests)],
        ['Mean', formatDuration(duration.meanUs)],
        ['Slowest', formatDuration(duration.maxUs)],
      ],
    };
  });
  return { title: 'Endpoint', columns: ['req/min', 'p50', 'p95', 'p99', 'errors', 'share'], rows };
}

function connections({ connections: { pools }, home }: TopData): TopTable {
  const seconds = secondsOf(home);
  const rows = pools.map((pool): TopRow => {
    const { service, dependency, calls, waited, p95WaitUs, newConnections, verdict, protocol } = pool;
    const perMinute = (newConnections * 60) / seconds;
    const waitedShare = calls === 0 ? 0 : waited / calls;
    return {
      name: `${service} → ${dependency}`,
      place: verdict === 'ok' ? '' : verdict,
      cells: [
        formatRate(calls / seconds),
        formatCountShort(pool.connections),
        waited === 0 ? '0' : formatShare(waitedShare),
        formatDuration(p95WaitUs),
        formatCountShort(perMinute),
        formatRate((pool.poolUs + pool.setupUs) / 1000 / seconds),
      ],
      keys: [calls, pool.connections, waitedShare, p95WaitUs, perMinute, pool.poolUs + pool.setupUs],
      warned: [...(waitedShare > WARN_WAIT ? [2] : []), ...(newConnections > calls * WARN_NEW ? [4] : [])],
      facts: [
        ['Protocol', protocol],
        [
          'Waited in line',
          `${formatCountShort(waited)} of ${formatCountShort(calls)} calls, ${formatDuration(pool.poolUs)}`,
        ],
        ['Opening', formatDuration(pool.setupUs)],
      ],
    };
  });
  return {
    title: 'Connections',
    columns: ['calls/s', 'seen', 'in line', 'p95 wait', 'new/min', 'lost ms/s'],
    rows,
  };
}

function secondsOf({ window }: HomeAnswer): number {
  return Math.max(1, window.seconds);
}
