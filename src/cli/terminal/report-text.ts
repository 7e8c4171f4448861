// `wiretime report`: the summary with every endpoint, and what one request of each does. In: answers. Out: text.

import type { HomeAnswer, Report, ReportEndpoint, ReportOperation, TailGap } from '../../answer/api.ts';
import { counted, formatDuration, formatRate } from '../../base/numbers.ts';
import { shortStatement } from '../../base/statement.ts';
import { canvasFor, formatPercentile, printed, type Canvas } from './canvas.ts';
import { coverageLines } from './coverage.ts';
import { endpointLines } from './endpoints.ts';
import { findingDetails } from './findings.ts';
import { SHORT_NAMES } from './parts.ts';
import { fittingPlace } from './place.ts';
import { tailKey, tailLines, type Tails } from './tail.ts';
import { wrap } from './sentence.ts';
import { answer, categoryLines, headline } from './summary.ts';
import { cut, left, right, safe } from './text.ts';
import type { TerminalTraits } from './traits.ts';

/** Operations of one endpoint; the rest is summed in a last line, so that the parts still add up. */
const OPERATION_LIMIT = 20;

const NO_TAILS: Tails = new Map();

export function renderReportText(
  home: HomeAnswer,
  report: Report,
  traits: TerminalTraits,
  tails: Tails = NO_TAILS,
): string {
  const canvas = canvasFor(traits);
  return printed(
    [
      headline(home, canvas),
      '',
      ...answer(home, canvas),
      '',
      ...categoryLines(home, canvas),
      '',
      ...endpointLines(home, report, Infinity, canvas),
      ...coverageLines(home, canvas),
      ...findingDetails(home, canvas),
      ...largestFirst(report.endpoints).flatMap((endpoint) =>
        endpointDetail(endpoint, tails.get(tailKey(endpoint)), canvas),
      ),
    ],
    canvas,
  );
}

export function largestFirst(endpoints: readonly ReportEndpoint[]): readonly ReportEndpoint[] {
  return [...endpoints].sort((a, b) => b.requests * b.ms.mean - a.requests * a.ms.mean);
}

/** Mean time a request spends on this operation, waiting or not, in ms. */
export function msPerRequest({ perRequest, ms }: ReportOperation): number {
  return perRequest * ms.mean;
}

function endpointDetail(
  endpoint: ReportEndpoint,
  tail: TailGap | undefined,
  canvas: Canvas,
): readonly string[] {
  const { traits, paint } = canvas;
  const name = safe(`${endpoint.method} ${endpoint.route}`);
  const facts = `${safe(endpoint.service)}, ${counted(endpoint.requests, 'request')}, mean ${ms(endpoint.ms.mean)}`;
  const operations = [...endpoint.operations].sort((a, b) => msPerRequest(b) - msPerRequest(a));
  return [
    '',
    `${paint.strong(cut(name, traits.width - facts.length - 2))}  ${paint.weak(facts)}`,
    ...wrap([{ text: `= ${meanParts(endpoint)}` }], traits.width - 2, paint).map((line) => `  ${line}`),
    ...(operations.length === 0
      ? []
      : [heading(canvas), ...operations.slice(0, OPERATION_LIMIT).map((one) => line(one, canvas))]),
    ...rest(operations.slice(OPERATION_LIMIT), canvas),
    ...tailLines(tail, canvas),
  ];
}

/** The parts of the mean, largest first: they add up to it, but for those that would not change a digit. */
function meanParts({ categories, ms: { mean } }: ReportEndpoint): string {
  return categories
    .filter(({ msPerRequest }) => msPerRequest > 0 && msPerRequest >= mean * 0.0005)
    .sort((a, b) => b.msPerRequest - a.msPerRequest)
    .map(({ key, msPerRequest }) => `${SHORT_NAMES[key]} ${ms(msPerRequest)}`)
    .join(' + ');
}

const NUMBER_COLUMNS = 9;
const CALLS_COLUMNS = 8;
const ERROR_COLUMNS = 7;
const NUMBERS = CALLS_COLUMNS + 3 * NUMBER_COLUMNS + ERROR_COLUMNS;

/** A third of the text is for where in the code. */
function columnsFor(width: number): { readonly statement: number; readonly place: number } {
  const text = width - 2 - NUMBERS - 2;
  const place = Math.floor(text / 3);
  return { place, statement: text - place };
}

function heading({ traits, paint }: Canvas): string {
  const { statement, place } = columnsFor(traits.width);
  const names = ['mean', 'p95', 'ms/req'].map((name) => right(name, NUMBER_COLUMNS)).join('');
  return paint.weak(
    `  ${left('Operation', statement)}  ${left('called at', place)}${right('per req', CALLS_COLUMNS)}${names}${right('errors', ERROR_COLUMNS)}`,
  );
}

function line(operation: ReportOperation, { traits, paint }: Canvas): string {
  const { statement, place } = columnsFor(traits.width);
  const { perRequest, errors } = operation;
  const p95 = operation.ms.p95 === null ? formatPercentile(undefined) : ms(operation.ms.p95);
  const numbers = [ms(operation.ms.mean), p95, ms(msPerRequest(operation))];
  return [
    `  ${left(safe(named(operation)), statement)}  `,
    paint.weak(left(fittingPlace(operation.callSite, place), place)),
    right(formatRate(perRequest), CALLS_COLUMNS),
    ...numbers.map((number) => right(number, NUMBER_COLUMNS)),
    errors > 0
      ? paint.tone('bad', right(`✕ ${errors}`, ERROR_COLUMNS))
      : paint.weak(right('0', ERROR_COLUMNS)),
  ].join('');
}

/** A path says little without its host; SQL and Redis commands speak for themselves. */
export function named({ protocol, statement, dependency }: ReportOperation): string {
  return protocol === 'http' ? `${statement} → ${dependency}` : shortStatement(statement);
}

/** The end of a path says more than its start: `src/routes/carts.js:41`. The column is for editors. */
export function shortPlace(callSite: string): string {
  const [, place = callSite] = /^(.*:\d+):\d+$/.exec(callSite) ?? [];
  return place.split(/[/\\]/).slice(-2).join('/');
}

function rest(operations: readonly ReportOperation[], { paint }: Canvas): readonly string[] {
  if (operations.length === 0) return [];
  const sum = operations.reduce((total, operation) => total + msPerRequest(operation), 0);
  return [paint.weak(`  ${counted(operations.length, 'more operation')} with ${ms(sum)} a request`)];
}

function ms(value: number): string {
  return formatDuration(value * 1000);
}
