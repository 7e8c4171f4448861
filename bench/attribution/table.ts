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
  return `${row.node.padEnd(3)} ${row.driver.padEnd(22)} ${row.workload.padEnd(34)} ${String(markers).padStart(6)} ${shares.join(' ')} ${calls}`;
}

/** One row as it is measured, and what is wrong with it. */
export function printRow(row: Row): void {
  console.log(`${line(row)} ${row.problems.length === 0 ? 'ok' : 'FAILED'}`);
  for (const problem of row.problems.slice(0, 6)) console.log(`      ${problem}`);
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
  const head = ['driver', 'used as', 'operations', ...nodes.map((node) => `Node ${node}`)];
  const body = names.map((name) => {
    const same = rows.filter(({ driver, workload }) => `${driver} | ${workload}` === name);
    const cells = nodes.map((node) => cell(same.find((row) => row.node === node)));
    return `| ${name} | ${same.reduce((sum, { markers }) => sum + markers, 0)} | ${cells.join(' | ')} |`;
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
