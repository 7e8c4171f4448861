// One trace as a waterfall of text. In: its answer. Out: lines: what took the time, then a row for each request, call and run of equal calls,
// with its phases in the place where they were. `•` marks what the request waited for. Not here: which rows there are (trace-rows.ts).

import type { TimeByOperation, TraceAnswer, TraceOperation, TraceRequest } from '../../answer/api.ts';
import { counted, formatCount, formatDuration, formatShare } from '../../base/numbers.ts';
import { shortStatement } from '../../base/statement.ts';
import { CATEGORIES, type CategoryKey } from '../../model/category.ts';
import { PHASES, type PhaseKey } from '../../model/row.ts';
import { canvasFor, printed, type Canvas } from './canvas.ts';
import { laneOf, type Segment } from './lane.ts';
import { SHORT_NAMES } from './parts.ts';
import { wrap } from './sentence.ts';
import { cut, left, right, safe, widthOf } from './text.ts';
import { traceRows, type TraceRow } from './trace-rows.ts';
import type { TerminalTraits } from './traits.ts';

export interface TraceView {
  /** Every call in a row of its own, and all of them. */
  readonly showsAll: boolean;
  /** Ids of operations that paused for 40 ms. */
  readonly stalls?: ReadonlySet<number>;
}

const DURATION_COLUMNS = 10;
/** Of the line: names need most of a narrow one. */
const NAME_SHARE = 0.5;
/** Deeper levels are not moved further to the right. */
const DEEPEST = 8;
/** More rows than anybody reads; `--all` prints them. */
const MOST_ROWS = 500;
const MOST_OPERATIONS = 8;

export function renderTrace(
  answer: TraceAnswer,
  { showsAll, stalls = NO_STALLS }: TraceView,
  traits: TerminalTraits,
): string {
  const canvas = canvasFor(traits);
  const rows = traceRows(answer, !showsAll);
  const shown = showsAll ? rows : rows.slice(0, MOST_ROWS);
  const layout = { ...layoutFor(answer, rows, traits.width), stalls };
  return printed(
    [
      ...headLines(answer, canvas),
      '',
      ruler(layout, canvas),
      ...shown.map((row) => rowLine(row, layout, canvas)),
      ...rest(
        rows.length - shown.length,
        answer,
        shown.some(({ cycle, run }) => cycle !== undefined || run !== undefined),
        canvas,
      ),
      ...operationLines(answer, canvas),
    ],
    canvas,
  );
}

interface Layout {
  readonly name: number;
  readonly lane: number;
  /** From the start of the trace to its last end: what was not waited for may be later than the root's. */
  readonly totalUs: number;
  readonly hasSeveralServices: boolean;
  readonly stalls: ReadonlySet<number>;
}

const NO_STALLS: ReadonlySet<number> = new Set();

function layoutFor(answer: TraceAnswer, rows: readonly TraceRow[], width: number): Omit<Layout, 'stalls'> {
  let totalUs = answer.durationUs;
  for (const row of rows) {
    const { startUs, lengthUs } = extentOf(row);
    totalUs = Math.max(totalUs, startUs + lengthUs);
  }
  const name = Math.floor(width * NAME_SHARE) - DURATION_COLUMNS;
  const hasSeveralServices = new Set(answer.requests.map(({ service }) => service)).size > 1;
  return { name, lane: width - name - DURATION_COLUMNS - 2, totalUs, hasSeveralServices };
}

function headLines(answer: TraceAnswer, { traits, paint }: Canvas): readonly string[] {
  const [root] = answer.requests;
  const title = root === undefined ? answer.id : `${root.method} ${root.route}`;
  const services = new Set(answer.requests.map(({ service }) => service));
  const facts = [
    root === undefined ? '' : `${root.isError ? '✕ ' : ''}${root.status || ''}`.trim(),
    formatDuration(answer.durationUs),
    [...services].join(', '),
    counted(answer.operations.length, 'operation'),
    `${new Date(answer.at).toISOString().replace('T', ' ')}`,
  ];
  return [
    paint.strong(cut(safe(title), traits.width)),
    paint.weak(cut(safe(facts.filter((fact) => fact !== '').join('  ')), traits.width)),
    paint.weak(cut(`id ${safe(answer.id)}`, traits.width)),
    '',
    ...wrap(answer.sentence, traits.width, paint),
    '',
    ...categoryBar(answer.categories, answer.durationUs, { traits, paint }),
  ];
}

/** One bar and its key: all of the root's time. Also of `wiretime top`. */
export function categoryBar(
  categories: readonly number[],
  totalUs: number,
  { traits, paint }: Canvas,
): readonly string[] {
  let startUs = 0;
  const segments = CATEGORIES.map(({ key }, index): Segment => {
    const lengthUs = categories[index] ?? 0;
    startUs += lengthUs;
    return { key, startUs: startUs - lengthUs, lengthUs };
  }).filter(({ lengthUs }) => lengthUs > 0);
  const key = segments
    .filter(({ lengthUs }) => totalUs > 0 && lengthUs >= totalUs * 0.005)
    .map(({ key: each, lengthUs }) => ({
      each,
      text: `${SHORT_NAMES[each]} ${formatShare(lengthUs / totalUs)}`,
    }));
  return [laneOf(segments, undefined, totalUs, traits.width, paint), ...keyLines(key, { traits, paint })];
}

function keyLines(
  parts: readonly { readonly each: CategoryKey; readonly text: string }[],
  { traits, paint }: Canvas,
): readonly string[] {
  const lines: string[] = [];
  let used = Infinity;
  for (const { each, text } of parts) {
    const drawn = `${paint.tone(each, glyphFor(each))} ${text}`;
    const width = widthOf(text) + 2;
    if (used + 2 + width > traits.width) {
      lines.push(drawn);
      used = width;
    } else {
      lines[lines.length - 1] += `  ${drawn}`;
      used += width + 2;
    }
  }
  return lines;
}

const glyphFor = (key: CategoryKey): string =>
  laneOf([{ key, startUs: 0, lengthUs: 1 }], undefined, 1, 1, PLAIN);
/** No colours: the caller paints. */
const PLAIN = canvasFor({ width: 80, colour: 'none', background: 'dark', isUnicode: true }).paint;

/** The start, the middle and the end of the time that the bars are over. */
function ruler({ name, lane, totalUs }: Layout, { paint }: Canvas): string {
  const middle = formatDuration(totalUs / 2);
  const end = formatDuration(totalUs);
  const half = Math.floor(lane / 2);
  const scale = `0${right(middle, half - 1 + Math.ceil(widthOf(middle) / 2))}`;
  return paint.weak(`${' '.repeat(name + DURATION_COLUMNS + 2)}${scale}${right(end, lane - widthOf(scale))}`);
}

function rowLine(row: TraceRow, layout: Layout, { paint }: Canvas): string {
  const { name, lane, totalUs } = layout;
  const extent = extentOf(row);
  const mark = row.isCritical ? '• ' : '  ';
  const indent = '  '.repeat(Math.min(DEEPEST, row.depth));
  const text = left(`${indent}${nameOf(row, layout)}`, name - 3);
  const bars = laneOf(segmentsOf(row), row.request === undefined ? undefined : extent, totalUs, lane, paint);
  const isError = hasFailed(row);
  const label = row.request === undefined ? text : paint.strong(text);
  return `${paint.tone('accent', mark)}${isError ? paint.tone('bad', label) : label} ${right(formatDuration(shownUs(row)), DURATION_COLUMNS)}  ${bars}`;
}

/** A statement may have 100 KB; no terminal shows more than this of it. */
const LONGEST = 2000;

/** Text of others is made safe here. */
function nameOf(
  { request, run, operations, cycle }: TraceRow,
  { hasSeveralServices, stalls }: Layout,
): string {
  if (cycle !== undefined)
    return `${formatCount(cycle.times)} times these ${formatCount(cycle.calls)} calls:`;
  if (request !== undefined) {
    const service = hasSeveralServices ? `  ${request.service}` : '';
    const times = run === undefined ? '' : `× ${formatCount(run.length)}  `;
    const isError = (run ?? [request]).some((each) => each.isError);
    return safe(`${isError ? '✕ ' : ''}${times}${request.method} ${request.route}${service}`);
  }
  const [first] = operations;
  const times = operations.length > 1 ? `× ${formatCount(operations.length)}${sameWords(operations)}  ` : '';
  const marks = [
    operations.some(({ outcome }) => outcome !== 'ok') ? '✕ ' : '',
    operations.some(({ isRetry }) => isRetry) ? '↻ ' : '',
    operations.some(({ id }) => stalls.has(id)) ? '40 ms stall: ' : '',
  ].join('');
  const named = first?.statement === '' ? first.dependency : (first?.statement ?? '');
  return `${marks}${times}${safe(shortStatement(named.slice(0, LONGEST)))}${first?.isBlocking === false ? ' (in parallel)' : ''}`;
}

/** All of them asked with the same values: each but the first could have been spared. */
function sameWords(operations: readonly TraceOperation[]): string {
  const [first] = operations;
  const isSame = operations.every(({ question }) => question > 0 && question === first?.question);
  return isSame ? ', same values' : '';
}

function hasFailed({ request, run, operations }: TraceRow): boolean {
  if (run !== undefined) return run.some(({ isError }) => isError);
  return request?.isError ?? operations.some(({ outcome }) => outcome === 'error');
}

/** A request as long as its caller waited. */
function extentOf({ request, run, operations }: TraceRow): Segment {
  const requests = run ?? (request === undefined ? [] : [request]);
  const spans: readonly (TraceOperation | TraceRequest)[] = operations.length > 0 ? operations : requests;
  let startUs = Infinity;
  let endUs = 0;
  for (const span of spans) {
    startUs = Math.min(startUs, span.startUs);
    endUs = Math.max(endUs, span.startUs + span.durationUs);
  }
  return { key: 'http', startUs, lengthUs: Math.max(0, endUs - startUs) };
}

/** Of a run the sum of its calls: what is between them is not theirs. A cycle lasts as long as it lasted. */
function shownUs(row: TraceRow): number {
  const { request, operations } = row;
  if (request !== undefined || row.cycle !== undefined || operations.length < 2)
    return extentOf(row).lengthUs;
  return operations.reduce((sum, { durationUs }) => sum + durationUs, 0);
}

function segmentsOf({ request, run, operations }: TraceRow): readonly Segment[] {
  if (request === undefined) return operations.flatMap(phasesOf);
  if (run !== undefined) return run.flatMap(ownOf);
  const network = operations.map(({ startUs, durationUs }): Segment => ({
    key: 'http',
    startUs,
    lengthUs: durationUs,
  }));
  const own = ownOf(request);
  // Before and after the callee ran, its caller's time is the network's.
  const before = network.map((each) => ({ ...each, lengthUs: Math.max(0, request.startUs - each.startUs) }));
  const endUs = request.startUs + request.durationUs;
  const after = network.map((each) => ({
    ...each,
    startUs: endUs,
    lengthUs: Math.max(0, each.startUs + each.lengthUs - endUs),
  }));
  return [...before, ...own, ...after];
}

function ownOf({ own }: TraceRequest): readonly Segment[] {
  return own.map(([startUs, lengthUs, category]) => ({
    key: CATEGORIES[category]?.key ?? 'other',
    startUs,
    lengthUs,
  }));
}

const PHASE_KEYS: Readonly<Partial<Record<PhaseKey, CategoryKey>>> = {
  pool: 'pool',
  dns: 'conn',
  tcp: 'conn',
  tls: 'conn',
  deliver: 'loop',
  own: 'own',
};

/** Own code before sending comes after the line for a connection, whatever its place in the vector. */
function phasesOf({ startUs, phases, category, role }: TraceOperation): readonly Segment[] {
  let at = startUs;
  const order = [0, 1, 2, 3, 8, 4, 5, 6, 7] as const;
  return order.map((index) => {
    const lengthUs = phases[index] ?? 0;
    const work = role === 'setup' ? 'conn' : category;
    const key = PHASE_KEYS[PHASES[index].key] ?? work;
    at += lengthUs;
    return { key, startUs: at - lengthUs, lengthUs };
  });
}

function rest(
  hidden: number,
  answer: TraceAnswer,
  hasCycles: boolean,
  { traits, paint }: Canvas,
): readonly string[] {
  const lines: string[] = [];
  if (hasCycles) lines.push('  What repeats is folded; a row for each call: --all');
  if (hidden > 0) lines.push(`  ${counted(hidden, 'more row')}: --all`);
  if (answer.isCut) lines.push('  There is more of this trace than is shown: it is too large.');
  lines.push('', '• the request waited for it   █ work  ▒ waiting  ░ opening connections');
  if (answer.operations.some(({ isRetry }) => isRetry)) lines.push('↻ asked again after a failure');
  return lines.map((line) => paint.weak(cut(line, traits.width)));
}

/** Exclusive time by operation: adds up to the request. */
function operationLines({ byOperation, durationUs }: TraceAnswer, canvas: Canvas): readonly string[] {
  const { traits, paint } = canvas;
  const sorted = [...byOperation].sort((a, b) => b.us - a.us);
  const others = sorted.slice(MOST_OPERATIONS);
  const share = (us: number): string => right(formatShare(durationUs === 0 ? 0 : us / durationUs), 8);
  const line = (name: string, calls: string, us: number): string =>
    `  ${left(name, traits.width - 2 - 8 - 10 - 8)}${right(calls, 8)}${right(formatDuration(us), 10)}${share(us)}`;
  const otherUs = others.reduce((sum, { us }) => sum + us, 0);
  return [
    '',
    paint.strong(left('Time by operation', traits.width - 26)) +
      paint.weak(`${right('calls', 8)}${right('time', 10)}${right('share', 8)}`),
    ...sorted
      .slice(0, MOST_OPERATIONS)
      .map((row) => line(operationName(row), formatCount(row.calls), row.us)),
    ...(others.length === 0 ? [] : [line(`${counted(others.length, 'other')}`, '', otherUs)]),
  ];
}

function operationName({ statement, category, service, callSite }: TimeByOperation): string {
  if (statement === '') return safe(`${SHORT_NAMES[category]} in ${service}`);
  const place =
    callSite === '' ? '' : `${callSite.split(/[/\\]/).slice(-1).join('/').replace(/:\d+$/, '')}  `;
  return safe(`${place}${shortStatement(statement.slice(0, LONGEST))}`);
}
