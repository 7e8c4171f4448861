// Rows for people. In: rows. Out: a line on the terminal, and the table of docs/attribution.md.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Row } from './measure.ts';

const DOCUMENT = 'docs/attribution.md';
const BEGIN = '<!-- table -->';
const END = '<!-- end of table -->';

function share(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(part === whole || part === 0 ? 0 : 1)} %`;
}

function line(row: Row): string {
  const { markers, right, hidden, wrong, called, granted } = row;
  const shares = [right, hidden, wrong].map((part) => share(part, markers).padStart(7));
  const calls = `${share(called, right).padStart(7)} ${share(granted, right).padStart(7)}`;
  return `${row.node.padEnd(3)} ${row.driver.padEnd(24)} ${row.workload.padEnd(34)} ${String(markers).padStart(6)} ${shares.join(' ')} ${calls} ${sitesOf(row).padStart(7)}`;
}

/** Share of the sampled call sites that are right; `none`: nothing was left on the stack; '': the workload does not say which are right. */
function sitesOf({ sites }: Row): string {
  if (sites === undefined) return '';
  const sampled = sites.right + sites.wrong;
  return sampled === 0 ? 'none' : share(sites.right, sampled);
}

/** One row as it is measured, and what is wrong with it. */
export function printRow(row: Row, progress: string): void {
  console.log(`${progress.padStart(9)}  ${line(row)} ${row.problems.length === 0 ? 'ok' : 'FAILED'}`);
  for (const problem of row.problems.slice(0, 6)) console.log(`      ${problem}`);
}

/** What was measured, and the rows that failed once more. */
export function printSummary(rows: readonly Row[]): void {
  const failed = rows.filter(({ problems }) => problems.length > 0);
  console.log(
    `\n${'node driver'.padEnd(29)}${'used as'.padEnd(34)} operations  right  hidden   wrong  called granted  sites`,
  );
  for (const row of failed) console.log(`${line(row)} FAILED: ${row.problems[0]}`);
  const sum = (key: 'markers' | 'right' | 'hidden' | 'wrong'): number =>
    rows.reduce((total, row) => total + row[key], 0);
  console.log(
    `${rows.length} runs, ${failed.length} failed; ${sum('markers')} operations: ${sum('right')} right, ${sum('hidden')} hidden, ${sum('wrong')} wrong`,
  );
}

/** One line per driver and workload: its first columns by name, then one per Node version. */
type Lines = Map<string, Map<string, string>>;

const NAMES = ['driver', 'used as'] as const;
const DETAILS = ['operations', 'call sites'] as const;

/** Puts the rows in the table of the document; lines and versions of Node that were not measured this time stay. */
export function writeTable(rows: readonly Row[]): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const from = text.indexOf(BEGIN) + BEGIN.length;
  const to = text.indexOf(END);
  const lines = linesOf(text.slice(from, to));
  for (const row of rows) {
    const same = rows.filter(({ driver, workload }) => driver === row.driver && workload === row.workload);
    note(lines, row, sitesOfAll(same));
  }
  writeFileSync(DOCUMENT, `${text.slice(0, from)}\n${markdown(lines)}\n${text.slice(to)}`);
}

function linesOf(table: string): Lines {
  const [head = [], , ...body] = table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return new Map(
    body.map((cells) => {
      const line = new Map(head.map((column, index) => [column, cells[index] ?? '']));
      return [keyOf(line.get('driver') ?? '', line.get('used as') ?? ''), line];
    }),
  );
}

function keyOf(driver: string, workload: string): string {
  return `${driver} | ${workload}`;
}

/** `100 %`, or `none (Node 20, 22), 100 % (Node 26)`: newer ones remember more of a stack. */
function sitesOfAll(rows: readonly Row[]): string {
  const texts = [...new Set(rows.map(sitesOf))];
  if (texts.length < 2) return texts[0] ?? '';
  const nodesOf = (text: string): string =>
    rows
      .filter((row) => sitesOf(row) === text)
      .map(({ node }) => node)
      .join(', ');
  return texts.map((text) => `${text} (Node ${nodesOf(text)})`).join(', ');
}

function note(lines: Lines, row: Row, sites: string): void {
  const key = keyOf(row.driver, row.workload);
  const line =
    lines.get(key) ??
    new Map([
      ['driver', row.driver],
      ['used as', row.workload],
    ]);
  line.set('operations', String(row.markers));
  line.set('call sites', sites);
  line.set(`Node ${row.node}`, cell(row));
  lines.set(key, line);
}

function markdown(lines: Lines): string {
  const all = [...lines.values()];
  const nodes = [
    ...new Set(all.flatMap((line) => [...line.keys()].filter((column) => column.startsWith('Node ')))),
  ];
  const columns = [...NAMES, ...DETAILS, ...nodes.toSorted()];
  const body = all.map((line) => columns.map((column) => line.get(column) ?? '–').join(' | '));
  return [columns.join(' | '), columns.map(() => '---').join(' | '), ...body]
    .map((line) => `| ${line} |`)
    .join('\n');
}

/** Right, then hidden and wrong when there are any. */
function cell(row: Row): string {
  const parts = [share(row.right, row.markers)];
  if (row.hidden > 0) parts.push(`${share(row.hidden, row.markers)} hidden`);
  if (row.wrong > 0) parts.push(`${share(row.wrong, row.markers)} wrong`);
  return parts.join(', ');
}
