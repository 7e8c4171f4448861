// One rule of a budget: "p95 ≤ 200 ms". In: its text. Out: what is measured, compared how, with what; or what is wrong with it.
// Grammar: docs/check.md. Not here: files and lines (cli/check/budget-file.ts), whether a rule is kept (judge.ts).

import { CATEGORIES, type CategoryKey } from '../../model/category.ts';
import { FINDING_KINDS, type FindingKind } from '../../model/finding.ts';

/** most: the request with most of them. mean: on average per request. */
export type Scope = 'most' | 'mean';
export type DurationName = 'mean' | 'p50' | 'p95' | 'p99' | 'max';
export type Sign = '≤' | '<' | '=' | '≥' | '>';

export type Measure =
  | { readonly kind: 'operations' | 'new connections'; readonly scope: Scope }
  | { readonly kind: 'calls'; readonly scope: Scope; readonly pattern: string }
  | { readonly kind: 'requests' }
  | { readonly kind: 'errors'; readonly isShare: boolean }
  | { readonly kind: 'duration'; readonly of: DurationName }
  | { readonly kind: 'category'; readonly key: CategoryKey; readonly isShare: boolean }
  /** None of these; of any kind when empty. */
  | { readonly kind: 'findings'; readonly kinds: readonly FindingKind[] };

export interface Rule {
  /** As written, with one space between words. */
  readonly text: string;
  readonly measure: Measure;
  readonly sign: Sign;
  /** µs for durations, 0..1 for shares. */
  readonly limit: number;
}

export type ParsedRule =
  | { readonly kind: 'rule'; readonly rule: Rule }
  | { readonly kind: 'problem'; readonly problem: string };

const SIGNS: Readonly<Record<string, Sign>> = {
  '≤': '≤',
  '<=': '≤',
  '<': '<',
  '=': '=',
  '==': '=',
  '≥': '≥',
  '>=': '≥',
  '>': '>',
};
const COMPARISON = /^(?<left>.*?)\s*(?<sign><=|>=|==|[≤≥<>=])\s*(?<right>.*)$/su;
/** Statements contain signs of their own: what stands in quotes is not compared. */
const CALLS_COMPARISON =
  /^(?<left>(?:mean )?calls of (?<quote>["'`]).+\k<quote>)\s*(?<sign><=|>=|==|[≤≥<>=])\s*(?<right>.*)$/su;
const CALLS = /^(?:(mean)\s+)?calls of\s+(["'`])(.+)\2$/su;
const FINDINGS = /^findings\s*:?\s*none(?:\s+of\s+(.+))?$/s;
const US: Readonly<Record<string, number>> = { µs: 1, us: 1, ms: 1e3, s: 1e6 };
const DURATIONS: readonly DurationName[] = ['mean', 'p50', 'p95', 'p99', 'max'];

/** Words of people for the keys of categories. */
const CATEGORY_WORDS: Readonly<Record<string, CategoryKey>> = {
  'own code': 'own',
  'event loop': 'loop',
  'pool wait': 'pool',
  connecting: 'conn',
  database: 'db',
  external: 'ext',
  messaging: 'msg',
};

/** One rule; `text` has no commas but those inside of quotes and of lists of findings. */
export function parseRule(text: string): ParsedRule {
  const spaced = text.trim().replace(/\s+/g, ' ');
  const findings = FINDINGS.exec(spaced);
  if (findings !== null) return findingsRule(spaced, findings[1]);
  const {
    left = '',
    sign = '',
    right = '',
  } = (CALLS_COMPARISON.exec(spaced) ?? COMPARISON.exec(spaced))?.groups ?? {};
  const comparison = SIGNS[sign];
  if (comparison === undefined)
    return problem(`"${spaced}" compares nothing: write it like "operations ≤ 6"`);
  return compared(spaced, left, comparison, right);
}

function problem(sentence: string): ParsedRule {
  return { kind: 'problem', problem: sentence };
}

function findingsRule(text: string, list: string | undefined): ParsedRule {
  const names = list === undefined ? [] : list.split(/[\s,]+/).filter((name) => name !== '');
  const kinds: FindingKind[] = [];
  for (const name of names) {
    const known = FINDING_KINDS.find(({ key }) => key === name);
    if (known === undefined) return problem(unknownKind(name));
    kinds.push(known.key);
  }
  return { kind: 'rule', rule: { text, measure: { kind: 'findings', kinds }, sign: '=', limit: 0 } };
}

function unknownKind(name: string): string {
  return `there is no finding "${name}"; there are ${FINDING_KINDS.map(({ key }) => key).join(', ')}`;
}

function compared(text: string, left: string, sign: Sign, right: string): ParsedRule {
  const number = /^(\d+(?:\.\d+)?)\s*(%|µs|us|ms|s)?$/u.exec(right);
  if (number === null) return problem(`"${right}" is not a number such as 6, 200 ms or 1 %`);
  const unit = number[2] ?? '';
  const measure = measureOf(left, unit === '%');
  if (measure === undefined) return problem(unknownMeasure(left));
  const wanted = unitsOf(measure);
  if (!wanted.includes(unit)) return problem(`${left} needs ${wanted.map(unitWord).join(' or ')}`);
  return { kind: 'rule', rule: { text, measure, sign, limit: Number(number[1]) * factorOf(unit) } };
}

function factorOf(unit: string): number {
  return unit === '%' ? 0.01 : (US[unit] ?? 1);
}

function measureOf(left: string, isShare: boolean): Measure | undefined {
  const calls = CALLS.exec(left);
  if (calls !== null)
    return { kind: 'calls', scope: calls[1] === undefined ? 'most' : 'mean', pattern: calls[3] ?? '' };
  const words = left.toLowerCase();
  if (words === 'requests') return { kind: 'requests' };
  if (words === 'errors') return { kind: 'errors', isShare };
  const [, mean, counted] = /^(mean )?(operations|new connections)$/.exec(words) ?? [];
  if (counted === 'operations' || counted === 'new connections')
    return { kind: counted, scope: mean === undefined ? 'most' : 'mean' };
  const duration = DURATIONS.find((name) => name === words);
  if (duration !== undefined) return { kind: 'duration', of: duration };
  const key = CATEGORY_WORDS[words] ?? CATEGORIES.find((category) => category.key === words)?.key;
  return key === undefined ? undefined : { kind: 'category', key, isShare };
}

function unknownMeasure(left: string): string {
  return (
    `nothing is called "${left}"; there are operations, new connections, calls of "STATEMENT", requests, errors, ` +
    `${DURATIONS.join(', ')}, ${CATEGORIES.map(({ key }) => key).join(', ')}, findings`
  );
}

const TIMES = ['µs', 'us', 'ms', 's'];

function unitsOf(measure: Measure): readonly string[] {
  if (measure.kind === 'duration') return TIMES;
  if (measure.kind === 'category') return [...TIMES, '%'];
  return measure.kind === 'errors' ? ['', '%'] : [''];
}

function unitWord(unit: string): string {
  return unit === '' ? 'a number without unit' : unit;
}

/** Rules about the same thing: of two entries of a budget, the one that is about fewer endpoints holds. */
export function measureName(measure: Measure): string {
  switch (measure.kind) {
    case 'operations':
    case 'new connections':
      return measure.scope === 'mean' ? `mean ${measure.kind}` : measure.kind;
    case 'calls':
      return `${measure.scope} calls of ${measure.pattern}`;
    case 'duration':
      return measure.of;
    case 'category':
      return measure.isShare ? `share of ${measure.key}` : measure.key;
    default:
      return measure.kind;
  }
}
