// A budget file. In: YAML or JSON text and the file's name. Out: a budget, or all that is wrong with it, each with its line.
// The grammar is in docs/check.md; rules are read by analysis/budget/rule.ts. Not here: reading the file itself.

import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Pair,
  type ParsedNode,
  type YAMLMap,
} from 'yaml';

import type { Budget, BudgetEntry, PlacedRule, Selector } from '../../analysis/budget/budget.ts';
import { USUAL_MINIMUM, type Minimum } from '../../analysis/budget/judge.ts';
import { parseRule } from '../../analysis/budget/rule.ts';
import { ExitCode, Failure } from '../failure.ts';

/** What the reader found so far. Problems are whole lines: `budget.yml:4: …`. */
interface Reading {
  readonly lines: LineCounter;
  readonly file: string;
  readonly problems: string[];
  readonly entries: BudgetEntry[];
  minimum: Minimum;
}

type Node = ParsedNode | null;
type Entries = YAMLMap.Parsed;

/** Throws a Failure that names every line that is wrong. */
export function parseBudget(text: string, file: string): Budget {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const reading: Reading = { lines, file, problems: [], entries: [], minimum: USUAL_MINIMUM };
  for (const { message, pos } of document.errors)
    reading.problems.push(`${file}:${lines.linePos(pos[0]).line}: ${message}${hintFor(message, text)}`);
  if (document.errors.length === 0) readTop(document.contents, reading);
  if (reading.problems.length === 0 && reading.entries.length === 0)
    reading.problems.push(`${file}:1: there is no rule in it`);
  if (reading.problems.length > 0) throw new Failure(reading.problems.join('\n'), ExitCode.usage);
  return { minimum: reading.minimum, entries: reading.entries };
}

/** What YAML makes of the two things that people write without quotes. */
function hintFor(message: string, text: string): string {
  if (/nested mapping/i.test(message))
    return '. Put rules that contain ": " into quotes, or each on a line of its own';
  return /^\s*\*\s*:/m.test(text) ? '. Write "*" in quotes' : '';
}

function lineOf(node: Node, { lines }: Reading): number {
  return node === null ? 1 : lines.linePos(node.range[0]).line;
}

function complain(node: Node, sentence: string, reading: Reading): void {
  reading.problems.push(`${reading.file}:${lineOf(node, reading)}: ${sentence}`);
}

function readTop(top: Node, reading: Reading): void {
  if (!isMap(top)) {
    complain(
      top,
      'this must be a list of endpoints with their rules, such as "GET /cart/:id": operations ≤ 6',
      reading,
    );
    return;
  }
  for (const pair of top.items as Entries['items']) {
    const name = nameOf(pair);
    if (name === 'minimum requests') readMinimum(pair.value, reading);
    else if (name === 'services') readServices(pair.value, reading);
    else readEntry(pair, undefined, reading);
  }
}

function nameOf({ key }: Pair<ParsedNode, Node>): string {
  return isScalar(key) ? String(key.value).trim().replace(/\s+/g, ' ') : '';
}

function readMinimum(value: Node, reading: Reading): void {
  if (isScalar(value)) {
    const all = wholeNumber(value, reading);
    if (all !== undefined) reading.minimum = { counts: all, latency: all };
    return;
  }
  if (!isMap(value)) {
    complain(value, 'minimum requests is a number, or counts: and latency:', reading);
    return;
  }
  for (const pair of value.items as Entries['items']) readOneMinimum(pair, reading);
}

function readOneMinimum(pair: Pair<ParsedNode, Node>, reading: Reading): void {
  const name = nameOf(pair);
  const number = wholeNumber(pair.value, reading);
  if (name !== 'counts' && name !== 'latency')
    complain(pair.key, `minimum requests has counts and latency, not "${name}"`, reading);
  else if (number !== undefined) reading.minimum = { ...reading.minimum, [name]: number };
}

function wholeNumber(node: Node, reading: Reading): number | undefined {
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  complain(node, 'this must be a whole number from 1 on', reading);
  return undefined;
}

function readServices(value: Node, reading: Reading): void {
  if (!isMap(value)) {
    complain(value, 'services are names with their endpoints below', reading);
    return;
  }
  for (const service of value.items as Entries['items'])
    if (isMap(service.value))
      for (const pair of service.value.items as Entries['items']) readEntry(pair, nameOf(service), reading);
    else complain(service.key, `the service ${nameOf(service)} needs endpoints with their rules`, reading);
}

function readEntry(pair: Pair<ParsedNode, Node>, service: string | undefined, reading: Reading): void {
  const selector = selectorOf(nameOf(pair), service);
  if (selector === undefined)
    complain(pair.key, `"${nameOf(pair)}" is no endpoint: write METHOD /route, or "*" for all`, reading);
  const rules = rulesOf(pair.value ?? pair.key, reading);
  if (rules.length === 0 && reading.problems.length === 0)
    complain(pair.key, `${nameOf(pair)} has no rule`, reading);
  if (selector !== undefined) reading.entries.push({ selector, rules });
}

function selectorOf(name: string, service: string | undefined): Selector | undefined {
  if (name === '*') return { service, method: '*', route: '*' };
  const [, method = '', route = ''] = /^(\S+) (.+)$/.exec(name) ?? [];
  return route === '' ? undefined : { service, method, route };
}

/** A text with commas, a list of such texts, or `findings: none` as YAML reads it. */
function rulesOf(node: Node, reading: Reading): readonly PlacedRule[] {
  if (isSeq(node)) return (node.items as Node[]).flatMap((item) => rulesOf(item, reading));
  if (isMap(node))
    return (node.items as Entries['items']).flatMap((pair) =>
      rulesIn(`${nameOf(pair)}: ${isScalar(pair.value) ? String(pair.value.value) : ''}`, pair.key, reading),
    );
  return isScalar(node) ? rulesIn(String(node.value), node, reading) : [];
}

function rulesIn(text: string, node: ParsedNode, reading: Reading): readonly PlacedRule[] {
  const line = lineOf(node, reading);
  return splitRules(text).flatMap((one) => {
    const parsed = parseRule(one);
    if (parsed.kind === 'rule') return [{ ...parsed.rule, line }];
    complain(node, parsed.problem, reading);
    return [];
  });
}

/** At commas outside of quotes; `findings: none of a, b` stays one. */
function splitRules(text: string): readonly string[] {
  const rules: string[] = [];
  for (const [part] of text.matchAll(/(?:calls of (["'`]).+?\1|[^,])+/gsu)) {
    const last = rules.at(-1);
    if (last !== undefined && /^\s*findings\b/.test(last) && /^\s*[a-z0-9-]+\s*$/.test(part))
      rules[rules.length - 1] = `${last},${part}`;
    else rules.push(part);
  }
  return rules;
}
