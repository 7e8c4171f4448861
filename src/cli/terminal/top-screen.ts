// One frame of `wiretime top`. In: answers, what was chosen, the size of the terminal. Out: lines, as many as there are rows, none wider than
// the terminal. Pure: the clock and the terminal are elsewhere (full-screen.ts).

import type { HomeAnswer } from '../../answer/api.ts';
import { formatCount, formatDuration, formatRate, formatShare } from '../../base/numbers.ts';
import { canvasFor, type Canvas } from './canvas.ts';
import { cut, left, printable, right, safe, widthOf } from './text.ts';
import { tableOf, type TopData, type TopRow, type TopTable } from './top-tables.ts';
import type { TopView } from './top-view.ts';
import { categoryBar } from './trace.ts';
import type { TerminalTraits } from './traits.ts';

export interface TopFrame {
  /** undefined: nothing has been answered yet. */
  readonly data: TopData | undefined;
  readonly view: TopView;
  /** What is wrong: who is asked does not answer. */
  readonly problem: string | undefined;
  readonly rows: number;
}

const CELL_COLUMNS = 10;
const KEYS = 'j k select  enter details  o sort  / filter  e endpoints  c connections  p pause  q quit';
export const LEAST = { columns: 80, rows: 20 } as const;

export function topLines(frame: TopFrame, traits: TerminalTraits): readonly string[] {
  const canvas = canvasFor(traits);
  const { data, view, rows } = frame;
  const head = headLines(frame, canvas);
  const foot = footLine(view, canvas);
  const room = rows - head.length - 2;
  const body = data === undefined ? [] : bodyLines(data, view, room, canvas);
  const gap = Array.from({ length: Math.max(0, rows - 1 - head.length - body.length) }, () => '');
  return [...head, ...body, ...gap, foot].map((line) => printable(line, traits.isUnicode));
}

/** As listed now: filtered, sorted. */
export function listed(data: TopData | undefined, view: TopView): readonly TopRow[] {
  return data === undefined ? [] : rowsOf(tableOf(view.table, data), view);
}

function rowsOf(table: TopTable, { filter, sort }: TopView): readonly TopRow[] {
  const wanted = filter.toLowerCase();
  return table.rows
    .filter(({ name, place }) => wanted === '' || `${name} ${place}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => (b.keys[sort] ?? 0) - (a.keys[sort] ?? 0));
}

function headLines({ data, problem, view }: TopFrame, canvas: Canvas): readonly string[] {
  const { traits, paint } = canvas;
  const line = (text: string) => paint.inverse(left(text, traits.width));
  if (problem !== undefined)
    return [paint.tone('bad', line(` wiretime top  ${safe(problem)}`)), ...bars(data, canvas)];
  if (data === undefined) return [line(' wiretime top  asking …')];
  const { home } = data;
  const seconds = Math.max(1, home.window.seconds);
  const errors = home.endpoints.reduce((sum, each) => sum + (each.isEntry ? each.errors : 0), 0);
  const facts = [
    'wiretime top',
    home.project,
    `${formatCount((home.requests * 60) / seconds)} req/min`,
    percentileWords(home),
    `${formatRate(home.totalUs / 1e6 / seconds)} in flight`,
    home.requests === 0 ? '' : `${formatShare(errors / home.requests)} errors`,
    `last ${Math.round(seconds)} s`,
    view.isPaused ? 'PAUSED' : '',
  ];
  return [line(` ${safe(facts.filter((fact) => fact !== '').join('   '))}`), ...bars(data, canvas)];
}

/** `p50 46.2 ms  p95 272 ms  p99 452 ms`, as far as there are enough requests. */
function percentileWords({ duration }: HomeAnswer): string {
  const all = [
    ['p50', duration?.p50Us],
    ['p95', duration?.p95Us],
    ['p99', duration?.p99Us],
  ] as const;
  return all.flatMap(([name, us]) => (us === undefined ? [] : [`${name} ${formatDuration(us)}`])).join('  ');
}

function bars(data: TopData | undefined, canvas: Canvas): readonly string[] {
  if (data === undefined) return [];
  const { categories, totalUs, requests } = data.home;
  if (requests === 0) return ['', 'No request in this time. Send your backend one, and it appears here.'];
  return [
    ...categoryBar(
      categories.map(({ us }) => us),
      totalUs,
      canvas,
    ),
    '',
  ];
}

function bodyLines(data: TopData, view: TopView, room: number, canvas: Canvas): readonly string[] {
  const table = tableOf(view.table, data);
  const rows = rowsOf(table, view);
  const selected = Math.min(view.selected, rows.length - 1);
  const details = view.showsDetails ? detailLines(rows[selected], canvas) : [];
  const shown = Math.max(1, room - details.length - 1);
  const first = Math.max(0, Math.min(selected - Math.floor(shown / 2), rows.length - shown));
  return [
    heading(table, view, canvas),
    ...rows.slice(first, first + shown).map((row, index) => rowLine(row, first + index === selected, canvas)),
    ...details,
  ].slice(0, room);
}

function nameColumns({ width }: TerminalTraits): { readonly name: number; readonly place: number } {
  const all = width - 1 - 6 * CELL_COLUMNS;
  // At 80 columns there is room for one of them.
  const place = all < 36 ? 0 : Math.floor(all * 0.3);
  return { name: all - place, place };
}

function heading(
  { title, columns, rows }: TopTable,
  { sort, filter }: TopView,
  { traits, paint }: Canvas,
): string {
  const { name, place } = nameColumns(traits);
  const about = filter === '' ? ` ${title} (${rows.length})` : ` ${title} with "${safe(filter)}"`;
  const cells = columns.map((column, index) => right(index === sort ? `↓${column}` : column, CELL_COLUMNS));
  return paint.strong(left(about, name + place + 1)) + paint.weak(cells.join(''));
}

function rowLine(row: TopRow, isSelected: boolean, { traits, paint }: Canvas): string {
  const { name, place } = nameColumns(traits);
  const names = left(safe(row.name.slice(0, 300)), name - 1);
  const where =
    place === 0 ? '' : left(safe(row.place.slice(-300).split(/[/\\]/).slice(-1).join('')), place - 1);
  const cells = row.cells.map((cell, index) => {
    const text = right(cell, CELL_COLUMNS);
    return row.warned.includes(index) && !isSelected ? paint.tone('pool', text) : text;
  });
  const mark = isSelected ? '>' : ' ';
  const text = `${mark}${names} ${place === 0 ? '' : `${isSelected ? where : paint.weak(where)} `}${cells.join('')}`;
  return isSelected ? paint.inverse(text) : text;
}

function detailLines(row: TopRow | undefined, { traits, paint }: Canvas): readonly string[] {
  if (row === undefined) return [];
  const facts = row.facts.map(([name, value]) => `${left(name, 24)}${safe(value)}`);
  return [
    '',
    paint.strong(cut(` ${safe(row.name)}`, traits.width)),
    ...facts.map((fact) => cut(`   ${fact}`, traits.width)),
  ];
}

function footLine({ isTyping, filter }: TopView, { traits, paint }: Canvas): string {
  if (!isTyping) return paint.weak(cut(` ${KEYS}`, traits.width));
  const typed = ` filter: ${safe(filter)}_`;
  return cut(widthOf(typed) > traits.width ? ` filter: …${safe(filter.slice(-20))}_` : typed, traits.width);
}
