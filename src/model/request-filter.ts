// The filter language of requests: `service:cart endpoint:"GET /cart/*" duration:>200ms status:5xx checkout`. In: what was
// typed. Out: terms that all hold, and a sentence for each part that could not be understood. Pure; never throws.

import { CATEGORIES, type CategoryKey } from './category.ts';

export type TextKey = 'service' | 'method' | 'endpoint' | 'any';
export type NumberKey = 'duration' | 'calls' | 'status';

export type FilterTerm =
  /** One of the patterns matches; `*` is anything. */
  | { readonly kind: 'text'; readonly key: TextKey; readonly patterns: readonly string[] }
  /** Both ends inclusive; durations in µs. */
  | { readonly kind: 'number'; readonly key: NumberKey; readonly from?: number; readonly to?: number }
  | { readonly kind: 'error'; readonly isError: boolean }
  /** Some of its time was of this kind. */
  | { readonly kind: 'category'; readonly category: CategoryKey }
  /** Some operation in its trace has such a dependency, or was called from such a file; `*` is anything. */
  | { readonly kind: 'operation'; readonly key: 'db' | 'host' | 'file'; readonly patterns: readonly string[] }
  | { readonly kind: 'trace'; readonly id: string }
  /** It shows such a finding: id, kind or words of its title; `*` is anything. */
  | { readonly kind: 'finding'; readonly patterns: readonly string[] };

export interface RequestFilter {
  readonly terms: readonly FilterTerm[];
  readonly problems: readonly string[];
}

/** What can stand before a colon, with an example each. */
export const FILTER_KEYS = [
  { key: 'service', example: 'service:cart' },
  { key: 'endpoint', example: 'endpoint:"GET /cart/*"' },
  { key: 'method', example: 'method:POST' },
  { key: 'status', example: 'status:5xx' },
  { key: 'error', example: 'error:yes' },
  { key: 'duration', example: 'duration:>200ms' },
  { key: 'calls', example: 'calls:>20' },
  { key: 'category', example: 'category:pool' },
  { key: 'db', example: 'db:Postgres' },
  { key: 'host', example: 'host:payments' },
  { key: 'file', example: 'file:carts.js' },
  { key: 'finding', example: 'finding:n-plus-one' },
  { key: 'trace', example: 'trace:4bf92f35…' },
] as const;

/** More is no filter; what is beyond is not read. */
const LONGEST = 2000;
/** A word, or a key with a quoted value, or something in quotes. */
const WORD = /(?:[a-z]+:)?"[^"]*"?|\S+/gi;

export function parseFilter(text: string): RequestFilter {
  const terms: FilterTerm[] = [];
  const problems: string[] = [];
  for (const [word] of text.slice(0, LONGEST).matchAll(WORD)) {
    const term = termOf(word);
    if (typeof term === 'string') problems.push(term);
    else terms.push(term);
  }
  return { terms, problems };
}

function termOf(word: string): FilterTerm | string {
  const colon = /^([a-z]+):(.*)$/is.exec(word);
  if (colon === null) return { kind: 'text', key: 'any', patterns: [unquoted(word)] };
  const key = (colon[1] ?? '').toLowerCase();
  const value = unquoted(colon[2] ?? '');
  if (value === '') return `${key}: needs a value.`;
  if (key === 'service' || key === 'method' || key === 'endpoint')
    return { kind: 'text', key, patterns: value.split(',').filter((pattern) => pattern !== '') };
  if (key === 'db' || key === 'host' || key === 'file')
    return { kind: 'operation', key, patterns: value.split(',').filter((pattern) => pattern !== '') };
  if (key === 'finding')
    return { kind: 'finding', patterns: value.split(',').filter((pattern) => pattern !== '') };
  if (key === 'trace') return { kind: 'trace', id: value.toLowerCase() };
  if (key === 'error') return errorTerm(value);
  if (key === 'category') return categoryTerm(value);
  if (key === 'status') return statusTerm(value);
  if (key === 'duration' || key === 'calls') return numberTerm(key, value);
  return `There is no ${key}: to filter by; there are ${FILTER_KEYS.map((each) => each.key).join(', ')}.`;
}

function unquoted(text: string): string {
  return text.replace(/^"([^"]*)"?$/, '$1');
}

function errorTerm(value: string): FilterTerm | string {
  if (/^(yes|true|1)$/i.test(value)) return { kind: 'error', isError: true };
  if (/^(no|false|0)$/i.test(value)) return { kind: 'error', isError: false };
  return 'error: is yes or no.';
}

function categoryTerm(value: string): FilterTerm | string {
  const category = CATEGORIES.find(({ key }) => key === value.toLowerCase())?.key;
  if (category !== undefined) return { kind: 'category', category };
  return `category: is one of ${CATEGORIES.map(({ key }) => key).join(', ')}.`;
}

function statusTerm(value: string): FilterTerm | string {
  const hundred = /^([1-5])xx$/i.exec(value)?.[1];
  if (hundred === undefined) return numberTerm('status', value);
  return { kind: 'number', key: 'status', from: Number(hundred) * 100, to: Number(hundred) * 100 + 99 };
}

/** `>20`, `>=20`, `<1s`, `100ms..2s`, `20`. */
const COMPARISON = /^(>=|<=|>|<)?([^.<>=]+(?:\.\d[^.<>=]*)?)$/;
const BETWEEN = /^(.+?)\.\.(.+)$/;

function numberTerm(key: NumberKey, value: string): FilterTerm | string {
  const between = BETWEEN.exec(value);
  const comparison = COMPARISON.exec(value);
  const [first, second] = between
    ? [amountOf(key, between[1] ?? ''), amountOf(key, between[2] ?? '')]
    : [amountOf(key, comparison?.[2] ?? ''), undefined];
  if (first === undefined || (between && second === undefined)) return `${key}: is like ${exampleOf(key)}.`;
  if (second !== undefined) return { kind: 'number', key, from: first, to: second };
  const sign = comparison?.[1] ?? '';
  if (sign === '>') return { kind: 'number', key, from: first + 1 };
  if (sign === '>=') return { kind: 'number', key, from: first };
  if (sign === '<') return { kind: 'number', key, to: first - 1 };
  if (sign === '<=') return { kind: 'number', key, to: first };
  return key === 'duration'
    ? { kind: 'number', key, from: first }
    : { kind: 'number', key, from: first, to: first };
}

function exampleOf(key: NumberKey): string {
  return key === 'duration'
    ? '>200ms, <1s or 100ms..2s'
    : key === 'status'
      ? '5xx, 404 or >=400'
      : '>20 or 5..10';
}

const UNITS: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1e3, s: 1e6, min: 60e6, m: 60e6 };

/** A count; of durations whole µs, `ms` when no unit is given. */
function amountOf(key: NumberKey, text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)\s*(µs|us|ms|s|min|m)?$/i.exec(text.trim());
  if (found === null) return undefined;
  const unit = found[2]?.toLowerCase();
  if (key === 'duration') return Math.round(Number(found[1]) * (UNITS[unit ?? 'ms'] ?? 1));
  return unit === undefined ? Math.round(Number(found[1])) : undefined;
}

/** Does one pattern match? Without a `*`, a service or method must be equal, an endpoint its route or `METHOD route`. */
export function matchesText(
  term: Extract<FilterTerm, { kind: 'text' }>,
  endpoint: { readonly service: string; readonly method: string; readonly route: string },
): boolean {
  const { service, method, route } = endpoint;
  const whole = `${method} ${route}`;
  return term.patterns.some((pattern) => {
    if (term.key === 'service') return isLike(pattern, service);
    if (term.key === 'method') return isLike(pattern, method);
    if (term.key === 'any') return isLike(`*${pattern}*`, `${service} ${whole}`);
    return isLike(pattern, whole) || isLike(pattern, route);
  });
}

/** Case does not matter. Two pointers, so that no pattern takes longer than pattern × text. */
export function isLike(pattern: string, text: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), text.toLowerCase()];
  let [at, star, mark] = [0, -1, 0];
  let from = 0;
  while (from < given.length) {
    if (wanted[at] === '*') {
      star = at++;
      mark = from;
    } else if (at < wanted.length && wanted[at] === given[from]) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++mark;
    } else return false;
  }
  while (wanted[at] === '*') at++;
  return at === wanted.length;
}

/** A value as it is written in a filter. */
export function quotedValue(value: string): string {
  return /^[^\s",]+$/.test(value) ? value : `"${value.replaceAll('"', '*')}"`;
}
