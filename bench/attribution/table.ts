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

/** Replaces the table in the document: one line per driver and workload, one column per Node version. */
export function writeTable(rows: readonly Row[]): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const before = text.slice(0, text.indexOf(BEGIN) + BEGIN.length);
  const after = text.slice(text.indexOf(END));
  writeFileSync(DOCUMENT, `${before}\n${markdown(rows)}\n${after}`);
}

function markdown(rows: readonly Row[]): string {
  const nodes = [...new Set(rows.map(({ node }) => node))];
  const names = [...new Set(rows.map(({ driver, workload }) => `${driver} | ${workload}`))];
  const head = ['driver', 'used as', 'operations', 'call sites', ...nodes.map((node) => `Node ${node}`)];
  const body = names.map((name) => {
    const same = rows.filter(({ driver, workload }) => `${driver} | ${workload}` === name);
    const cells = nodes.map((node) => cell(same.find((row) => row.node === node)));
    const operations = same.reduce((sum, { markers }) => sum + markers, 0);
    const sites = [...new Set(same.map(sitesOf))].join(', ');
    return `| ${name} | ${operations} | ${sites} | ${cells.join(' | ')} |`;
  });
  return [`| ${head.join(' | ')} |`, `|${head.map(() => ' --- |').join('')}`, ...body].join('\n');
}

/** Right, then hidden and wrong when there are any. */
function cell(row: Row | undefined): string {
  if (row === undefined) return '–';
  const parts = [share(row.right, row.markers)];
  if (row.hidden > 0) parts.push(`${share(row.hidden, row.markers)} hidden`);
  if (row.wrong > 0) parts.push(`${share(row.wrong, row.markers)} wrong`);
  return parts.join(', ');
}
