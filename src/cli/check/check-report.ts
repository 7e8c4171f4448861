// What a check says, as one value. In: a budget, answers. Out: the object that --json prints (wiretime.check/1, docs/check.md).
// Not here: how it looks as text, Markdown, JUnit or SARIF.

import { judgeBudget, type Budget, type BudgetResult } from '../../analysis/budget/budget.ts';
import type { Verdict } from '../../analysis/budget/judge.ts';
import type { Place } from '../../analysis/budget/use.ts';
import type { Answers } from '../../answer/answers.ts';
import type { Range } from '../../answer/api.ts';

export interface CheckResult {
  readonly verdict: Verdict;
  /** '' for an endpoint that was not requested. */
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly rule: string;
  /** Of the budget file, from 1 on. */
  readonly line: number;
  readonly sign: string;
  /** In `unit`, as `measured`. */
  readonly limit: number;
  /** null: it cannot be told, `reason` says why. */
  readonly measured: number | null;
  readonly unit: 'count' | 'ms' | 'share';
  readonly reason: string;
  /** file:line:column, or ''. */
  readonly places: readonly Place[];
}

export interface CheckReport {
  readonly schema: 'wiretime.check/1';
  /** As it was named. */
  readonly budget: string;
  readonly verdict: Verdict;
  readonly kept: number;
  readonly broken: number;
  readonly cannotTell: number;
  readonly results: readonly CheckResult[];
}

/** Broken results first, then those that cannot be told. */
export async function checkBudget(
  budget: Budget,
  file: string,
  answers: Pick<Answers, 'endpointUses'>,
  range: Range,
): Promise<CheckReport> {
  const measures = budget.entries.flatMap(({ rules }) => rules.map(({ measure }) => measure));
  const patterns = measures.flatMap((measure) => (measure.kind === 'calls' ? [measure.pattern] : []));
  const hasFindings = measures.some(({ kind }) => kind === 'findings');
  const uses = await answers.endpointUses({ range, patterns: [...new Set(patterns)] }, hasFindings);
  return reportOf(judgeBudget(budget, uses).map(resultOf), file);
}

const ORDER: Readonly<Record<Verdict, number>> = { broken: 0, 'cannot-tell': 1, kept: 2 };

function reportOf(results: readonly CheckResult[], budget: string): CheckReport {
  const counted = (verdict: Verdict) => results.filter((each) => each.verdict === verdict).length;
  const [kept, broken, cannotTell] = [counted('kept'), counted('broken'), counted('cannot-tell')];
  return {
    schema: 'wiretime.check/1',
    budget,
    verdict: broken > 0 ? 'broken' : kept > 0 ? 'kept' : 'cannot-tell',
    kept,
    broken,
    cannotTell,
    results: [...results].sort((a, b) => ORDER[a.verdict] - ORDER[b.verdict]),
  };
}

function resultOf({ rule, unit, measured, ...result }: BudgetResult): CheckResult {
  const { verdict, service, method, route, reason, places } = result;
  const isTime = rule.measure.kind === 'duration' || (rule.measure.kind === 'category' && unit === 'us');
  const shown = (value: number) => (isTime ? Math.round(value) / 1000 : value);
  return {
    verdict,
    service,
    method,
    route,
    rule: rule.text,
    line: rule.line,
    sign: rule.sign,
    limit: shown(rule.limit),
    measured: measured === undefined ? null : shown(measured),
    unit: unit === 'us' ? 'ms' : unit,
    reason,
    places,
  };
}
