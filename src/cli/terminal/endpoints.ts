// The table of endpoints. In: the home answer and the report. Out: lines, largest share of the time first.
// At 80 columns req/min and p99 give way to the route and to where the time goes.

import type { EndpointRow, HomeAnswer, Report, ReportEndpoint } from '../../answer/api.ts';
import { counted, formatCountShort, formatRate, formatShare } from '../../base/numbers.ts';
import { formatPercentile, type Canvas } from './canvas.ts';
import { partsOf } from './parts.ts';
import { cut, left, right, safe } from './text.ts';

const NUMBER_COLUMNS = 9;
const SHARE_COLUMNS = 7;
const METHOD_COLUMNS = 5;
const LONGEST_METHOD = 10;
/** Enough for all columns; below it two are left out. */
const ALL_COLUMNS_FROM = 92;

interface Layout {
  readonly route: number;
  readonly parts: number;
  readonly hasAll: boolean;
}

/** Of every three columns above 100, one goes to the route. */
function layoutFor(width: number): Layout {
  const hasAll = width >= ALL_COLUMNS_FROM;
  const numbers = (hasAll ? 4 : 2) * NUMBER_COLUMNS + SHARE_COLUMNS + 2;
  const left = width - 2 - METHOD_COLUMNS - numbers;
  const route = Math.floor(left * 0.48);
  return { hasAll, route, parts: left - route };
}

export function endpointLines(
  home: HomeAnswer,
  report: Report,
  limit: number,
  canvas: Canvas,
): readonly string[] {
  const entries = home.endpoints.filter(({ isEntry }) => isEntry).sort((a, b) => b.totalUs - a.totalUs);
  const layout = layoutFor(canvas.traits.width);
  const lines = entries.slice(0, limit).map((endpoint) => line(endpoint, home, report, layout, canvas));
  return [heading(layout, canvas), ...lines, ...remainder(entries, limit, home, canvas)];
}

function heading({ route, hasAll }: Layout, { paint }: Canvas): string {
  const names = hasAll ? ['req/min', 'p50', 'p95', 'p99'] : ['p50', 'p95'];
  const columns = names.map((name) => right(name, NUMBER_COLUMNS)).join('');
  const title = 'Endpoints';
  const gap = ' '.repeat(2 + METHOD_COLUMNS + route - title.length);
  return `${paint.strong(title)}${gap}${paint.weak(`${columns}${right('share', SHARE_COLUMNS)}  where it goes`)}`;
}

function line(
  endpoint: EndpointRow,
  home: HomeAnswer,
  report: Report,
  { route, parts, hasAll }: Layout,
  { paint }: Canvas,
): string {
  const { duration } = endpoint;
  const method = safe(endpoint.method).slice(0, LONGEST_METHOD);
  // CONSUME, OPTIONS: the route gives way.
  const longer = Math.max(0, method.length + 1 - METHOD_COLUMNS);
  const rate = right(formatRequestRate(endpoint.requests, home.window.seconds), NUMBER_COLUMNS);
  const p95 = paint.strong(right(formatPercentile(duration.p95Us), NUMBER_COLUMNS));
  const p99 = right(formatPercentile(duration.p99Us), NUMBER_COLUMNS);
  return [
    `  ${paint.weak(left(method, METHOD_COLUMNS + longer))}`,
    left(safe(routeName(endpoint, home.endpoints)), route - longer),
    hasAll ? rate : '',
    right(formatPercentile(duration.p50Us), NUMBER_COLUMNS),
    p95,
    hasAll ? p99 : '',
    right(formatShare(home.totalUs === 0 ? 0 : endpoint.totalUs / home.totalUs), SHARE_COLUMNS),
    '  ',
    whereItGoes(endpoint, home, report, parts, paint),
  ].join('');
}

function whereItGoes(
  endpoint: EndpointRow,
  home: HomeAnswer,
  report: Report,
  width: number,
  paint: Canvas['paint'],
): string {
  const text = safe(partsOf(endpoint, home.dependencies, detailOf(endpoint, report)));
  if (endpoint.errors === 0) return cut(text, width);
  const errors = `✕ ${formatShare(endpoint.errors / endpoint.requests)}`;
  return `${paint.tone('bad', errors)} ${cut(text, width - errors.length - 1)}`;
}

/** The same route in several services carries the service. */
export function routeName(endpoint: EndpointRow, all: readonly EndpointRow[]): string {
  const isAmbiguous = all.some(
    ({ method, route, service }) =>
      method === endpoint.method && route === endpoint.route && service !== endpoint.service,
  );
  return isAmbiguous ? `${endpoint.route} (${endpoint.service})` : endpoint.route;
}

export function detailOf(endpoint: EndpointRow, report: Report): ReportEndpoint | undefined {
  return report.endpoints.find(
    ({ method, route, service }) =>
      method === endpoint.method && route === endpoint.route && service === endpoint.service,
  );
}

export function formatRequestRate(requests: number, seconds: number): string {
  const perMinute = (requests * 60) / Math.max(1, seconds);
  return perMinute < 10 ? formatRate(perMinute) : formatCountShort(perMinute);
}

function remainder(
  entries: readonly EndpointRow[],
  limit: number,
  home: HomeAnswer,
  { paint }: Canvas,
): readonly string[] {
  const rest = entries.slice(limit);
  if (rest.length === 0) return [];
  const us = rest.reduce((sum, { totalUs }) => sum + totalUs, 0);
  const share = formatShare(home.totalUs === 0 ? 0 : us / home.totalUs);
  return [paint.weak(`  ${counted(rest.length, 'more endpoint')} with ${share}: wiretime report`)];
}
