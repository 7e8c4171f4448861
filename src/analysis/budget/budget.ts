// A budget and all endpoints of a recording. In: entries with their rules, what each endpoint used. Out: one result for each rule of each
// endpoint. Of two entries with a rule about the same thing, the one that names the endpoint more closely holds.

import { judge, type Judgement, type Minimum } from './judge.ts';
import { measureName, type Rule } from './rule.ts';
import type { EndpointUse } from './use.ts';

/** What an entry is about; `*` stands for any text. */
export interface Selector {
  /** undefined: of any service. */
  readonly service: string | undefined;
  readonly method: string;
  readonly route: string;
}

export interface PlacedRule extends Rule {
  /** In the budget file, from 1 on. */
  readonly line: number;
}

export interface BudgetEntry {
  readonly selector: Selector;
  readonly rules: readonly PlacedRule[];
}

export interface Budget {
  readonly minimum: Minimum;
  readonly entries: readonly BudgetEntry[];
}

export interface BudgetResult extends Judgement {
  /** '' for an endpoint of any service that was not requested. */
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly rule: PlacedRule;
}

/** By endpoint, in the order of `uses`; entries whose endpoint was not requested come last. */
export function judgeBudget({ minimum, entries }: Budget, uses: readonly EndpointUse[]): BudgetResult[] {
  const seen = uses.flatMap((use) =>
    rulesFor(use, entries).map((rule) => ({
      service: use.service,
      method: use.method,
      route: use.route,
      rule,
      ...judge(rule, use, minimum),
    })),
  );
  const absent = entries.filter(
    ({ selector }) => !isPattern(selector) && !uses.some((use) => matches(selector, use)),
  );
  return [...seen, ...absent.flatMap((entry) => absentResults(entry, minimum))];
}

function rulesFor(use: EndpointUse, entries: readonly BudgetEntry[]): readonly PlacedRule[] {
  const fitting = entries
    .filter(({ selector }) => matches(selector, use))
    .sort((a, b) => closeness(a.selector) - closeness(b.selector));
  const byMeasure = new Map<string, PlacedRule>();
  for (const { rules } of fitting) for (const rule of rules) byMeasure.set(measureName(rule.measure), rule);
  return [...byMeasure.values()].sort((a, b) => a.line - b.line);
}

function isPattern({ method, route }: Selector): boolean {
  return method.includes('*') || route.includes('*');
}

/** Letters that must be there; a named service counts more than any route. */
function closeness(selector: Selector): number {
  const letters = `${selector.method}${selector.route}`.replaceAll('*', '').length;
  const exact = isPattern(selector) ? 0 : 10_000;
  return letters + exact + (selector.service === undefined ? 0 : 5000);
}

function matches({ service, method, route }: Selector, use: EndpointUse): boolean {
  return (
    (service === undefined || matchesPattern(service, use.service)) &&
    matchesPattern(method, use.method) &&
    matchesPattern(route, use.route)
  );
}

/** `*` stands for any text; letters count as written. */
export function matchesPattern(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function absentResults({ selector, rules }: BudgetEntry, minimum: Minimum): readonly BudgetResult[] {
  const { service = '', method, route } = selector;
  const name = { service, method, route };
  return rules.map((rule) => ({ ...name, rule, ...judge(rule, { ...NOTHING, ...name }, minimum) }));
}

const NO_CALLS = { count: 0, most: 0, places: [] };
const NOTHING: Omit<EndpointUse, 'service' | 'method' | 'route'> = {
  requests: 0,
  errors: 0,
  meanUs: 0,
  p50Us: undefined,
  p95Us: undefined,
  p99Us: undefined,
  maxUs: 0,
  categories: [],
  operations: NO_CALLS,
  newConnections: 0,
  newConnectionPlaces: [],
  calls: new Map(),
  findings: [],
};
