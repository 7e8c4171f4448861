// What findings say in lists and on their page. In: findings. Out: short texts. Pure.

import type { FindingRow } from '../../answer/api.ts';
import { FINDING_KINDS, type Finding, type FindingEffect } from '../../model/finding.ts';

/** With fewer requests a p95 would be one of the slowest five. */
const LEAST_FOR_P95 = 100;

/** `N+1 queries` */
export function kindName({ kind }: Pick<Finding, 'kind'>): string {
  const name = FINDING_KINDS.find(({ key }) => key === kind)?.name ?? kind;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** `at most` where nobody can know, `unsure` where the code has to be looked at first. */
export function kindWords(finding: Pick<FindingRow, 'kind' | 'isCeiling' | 'confidence'>): string {
  const name = kindName(finding);
  if (finding.isCeiling) return `${name}, at most`;
  return finding.confidence === 'low' ? `${name}, unsure` : name;
}

/** Why a finding is as sure as it is. */
export const CONFIDENCE_WORDS = {
  high: 'High: the saving is time that was measured and goes',
  medium: 'Medium: it depends on another system, or on what the wire does not show',
  low: 'Low: few requests support it, or you have to check the code first',
} as const;

/** The percentile that the requests allow, now and after. */
export function shownPercentile({ requests, p50, p95 }: FindingEffect) {
  return requests >= LEAST_FOR_P95 ? { name: 'p95', ...p95 } : { name: 'p50', ...p50 };
}

/** The end of the path says most; without the column. */
export function placeOf(callSite: string): string {
  return withoutColumn(callSite).split(/[/\\]/).slice(-4).join('/');
}

/** `file:line` */
export function withoutColumn(callSite: string): string {
  return callSite.replace(/^(.*:\d+):\d+$/, '$1');
}

/** Routes of one backend mostly begin alike. */
export function shortRoute(route: string): string {
  return route.replace(/^\/api(?=\/)/, '');
}

/** The page of a finding. */
export function findingPath(id: string): string {
  return `/finding/${encodeURIComponent(id)}`;
}

interface Place {
  readonly statement: string;
  readonly dependency: string;
  readonly callSite: string;
}

/** Whether a finding is about calls with this statement from this place. */
export function isAbout(finding: Place, { statement, dependency, callSite }: Place): boolean {
  return (
    statement === finding.statement &&
    dependency === finding.dependency &&
    (finding.callSite === '' || withoutColumn(callSite) === withoutColumn(finding.callSite))
  );
}
