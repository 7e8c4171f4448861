// Budgets over endpoints made by hand: which rule holds where, and what one request more or less changes.

import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { judgeBudget, matchesPattern, type BudgetEntry, type Selector } from './budget.ts';
import { judge, USUAL_MINIMUM } from './judge.ts';
import { parseRule, type Rule } from './rule.ts';
import type { EndpointUse } from './use.ts';

function rule(text: string): Rule {
  const parsed = parseRule(text);
  if (parsed.kind === 'problem') throw new Error(parsed.problem);
  return parsed.rule;
}

function use(parts: Partial<EndpointUse> = {}): EndpointUse {
  return {
    service: 'shop',
    method: 'GET',
    route: '/cart/:id',
    requests: 40,
    errors: 2,
    meanUs: 20_000,
    p50Us: 18_000,
    p95Us: undefined,
    p99Us: undefined,
    maxUs: 90_000,
    categories: [200_000, 0, 0, 0, 600_000, 0, 0, 0, 0, 0],
    operations: { count: 80, most: 7, places: [{ what: 'SELECT', callSite: 'src/a.ts:1:2' }] },
    newConnections: 4,
    newConnectionPlaces: [],
    calls: new Map([['SELECT *', { count: 60, most: 3, places: [] }]]),
    findings: [{ kind: 'n-plus-one', what: 'it', callSite: 'src/a.ts:1:2' }],
    ...parts,
  };
}

const verdictOf = (text: string, parts?: Partial<EndpointUse>) =>
  judge(rule(text), use(parts), USUAL_MINIMUM).verdict;

for (const [text, verdict, measured] of [
  ['operations ≤ 7', 'kept', 7],
  ['operations <= 6', 'broken', 7],
  ['operations < 7', 'broken', 7],
  ['operations > 6', 'kept', 7],
  ['mean operations = 2', 'kept', 2],
  ['new connections = 0', 'broken', 4],
  ['mean new connections ≤ 0.1', 'kept', 0.1],
  ['calls of "SELECT *" ≤ 2', 'broken', 3],
  ['mean calls of `SELECT *` ≤ 1.5', 'kept', 1.5],
  ['calls of "UPDATE *" = 0', 'kept', 0],
  ['requests ≥ 41', 'broken', 40],
  ['errors = 0', 'broken', 2],
  ['errors ≤ 5 %', 'kept', 0.05],
  ['errors ≤ 4.9%', 'broken', 0.05],
  ['mean ≤ 20 ms', 'kept', 20_000],
  ['p50 ≤ 17.9ms', 'broken', 18_000],
  ['max ≤ 0.09 s', 'kept', 90_000],
  ['p95 ≤ 1 s', 'cannot-tell', undefined],
  ['database ≤ 15 ms', 'kept', 15_000],
  ['db ≤ 14.999 ms', 'broken', 15_000],
  ['own ≤ 25 %', 'kept', 0.25],
  ['findings: none', 'broken', 1],
  ['findings none of n-plus-one, duplicate-call', 'broken', 1],
  ['findings: none of duplicate-call', 'kept', 0],
] as const)
  test(`${text}: ${verdict}`, () => {
    const judgement = judge(rule(text), use(), USUAL_MINIMUM);
    deepEqual([judgement.verdict, judgement.measured], [verdict, measured]);
  });

test('one request is enough for counts, 29 are not for times', () => {
  equal(verdictOf('operations ≤ 6', { requests: 1 }), 'broken');
  equal(verdictOf('operations ≤ 6', { requests: 0 }), 'cannot-tell');
  equal(verdictOf('mean ≤ 1 ms', { requests: 29 }), 'cannot-tell');
  equal(verdictOf('mean ≤ 1 ms', { requests: 30 }), 'broken');
});

test('a finding that is there counts at once; none of few requests says nothing', () => {
  equal(verdictOf('findings: none', { requests: 25 }), 'broken');
  equal(verdictOf('findings: none', { requests: 25, findings: [] }), 'cannot-tell');
});

test('a broken rule points into the code', () => {
  deepEqual(judge(rule('operations ≤ 1'), use(), USUAL_MINIMUM).places, [
    { what: 'SELECT', callSite: 'src/a.ts:1:2' },
  ]);
});

test('signs inside of a statement are not compared', () => {
  const { measure, sign, limit } = rule('calls of "SELECT a FROM b WHERE c <= $1 AND d > $2" ≤ 2');
  deepEqual(measure, { kind: 'calls', scope: 'most', pattern: 'SELECT a FROM b WHERE c <= $1 AND d > $2' });
  deepEqual([sign, limit], ['≤', 2]);
});

for (const text of [
  'operations',
  'operations ≤',
  'operations ≤ six',
  'operations ≤ 6 ms',
  'operations ≤ -1',
  'p95 ≤ 200',
  'p95 ≤ 2 %',
  'quickness ≤ 1',
  'findings: some',
  'findings: none of n-plus-two',
  'calls of SELECT ≤ 1',
  '',
])
  test(`"${text}" is a mistake`, () => equal(parseRule(text).kind, 'problem'));

test('any text is a rule or a mistake', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => parseRule(text).kind.length > 0));
});

const selector = (method: string, route: string, service?: string): Selector => ({ service, method, route });

test('the entry that names the endpoint more closely holds, thing by thing', () => {
  const entry = (of: Selector, line: number, ...texts: readonly string[]): BudgetEntry => ({
    selector: of,
    rules: texts.map((text) => ({ ...rule(text), line })),
  });
  const entries = [
    entry(selector('GET', '/cart/:id'), 1, 'operations ≤ 8'),
    entry(selector('*', '*'), 2, 'operations ≤ 1', 'errors ≤ 3'),
    entry(selector('GET', '/cart/*'), 3, 'operations ≤ 2', 'mean ≤ 1 s'),
    entry(selector('POST', '/gone'), 4, 'operations ≤ 2', 'requests ≥ 1'),
  ];
  const results = judgeBudget({ minimum: USUAL_MINIMUM, entries }, [use()]);
  deepEqual(
    results.map(({ route, rule: { text, line }, verdict }) => [route, text, line, verdict]),
    [
      ['/cart/:id', 'operations ≤ 8', 1, 'kept'],
      ['/cart/:id', 'errors ≤ 3', 2, 'kept'],
      ['/cart/:id', 'mean ≤ 1 s', 3, 'kept'],
      ['/gone', 'operations ≤ 2', 4, 'cannot-tell'],
      ['/gone', 'requests ≥ 1', 4, 'broken'],
    ],
  );
});

test('patterns match as the same regular expression does', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(letters, text, (pattern, value) => {
      equal(matchesPattern(pattern, value), new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(value));
    }),
  );
});
