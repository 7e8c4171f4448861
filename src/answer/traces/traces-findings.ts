// Which findings listed requests show, and which requests show a finding. In: findings with their requests. Out: ids by request; conditions
// for the store. Findings come from a sample: of a large recording, requests that were not looked at are not told of.

import type { Findings } from '../../analysis/engine.ts';
import { formatCount } from '../../base/numbers.ts';
import { FINDING_KINDS, type Finding } from '../../model/finding.ts';
import { isLike, type FilterTerm } from '../../model/request-filter.ts';
import type { Condition } from '../../store/query.ts';
import type { FindingName, Range } from '../api.ts';

/** undefined: they are not there yet, and nobody needs them. */
export type FindingsOf = (range: Range, isNeeded: boolean) => Promise<Findings | undefined>;

type FindingTerm = Extract<FilterTerm, { kind: 'finding' }>;

export interface ShownFindings {
  /** Request → ids of findings, in their order. */
  readonly byRequest: ReadonlyMap<number, readonly string[]>;
  readonly names: readonly FindingName[];
}

export function shownIn(
  { findings, details }: Findings,
  rows: readonly { readonly id: number }[],
): ShownFindings {
  const byRequest = new Map<number, string[]>(rows.map(({ id }) => [id, []]));
  const names = findings.flatMap(({ id, kind, title, share }): FindingName[] => {
    let isShown = false;
    for (const request of details.get(id)?.requestIds ?? []) {
      byRequest.get(request)?.push(id);
      isShown ||= byRequest.has(request);
    }
    return isShown ? [{ id, kind, title, share }] : [];
  });
  return { byRequest, names };
}

interface FindingFilter {
  readonly where: readonly Condition[];
  readonly problems: readonly string[];
}

/** Each term holds for requests that show one of the findings it names. `requests`: entry requests of the range. */
export function findingFilter(
  terms: readonly FindingTerm[],
  found: Findings | undefined,
  requests: number,
): FindingFilter {
  const all = terms.map((term) => {
    const meant = found?.findings.filter((finding) => isMeant(term, finding)) ?? [];
    const ids = meant.flatMap(({ id }) => [...(found?.details.get(id)?.requestIds ?? [])]);
    return { term, isKnown: meant.length > 0, where: { column: 'id', isIn: [...new Set(ids)] } };
  });
  const lookedAt = [...(found?.lookedAt.values() ?? [])].reduce((sum, each) => sum + each, 0);
  return {
    where: all.map(({ where }) => where),
    problems: all.flatMap(({ term, isKnown }) => {
      if (!isKnown)
        return [`finding: there is no open finding like ${term.patterns.join(', ')} in this time.`];
      if (lookedAt >= requests) return [];
      return [`finding: was looked for in ${formatCount(lookedAt)} requests; there are more.`];
    }),
  };
}

function isMeant({ patterns }: FindingTerm, { id, kind, title }: Finding): boolean {
  const name = FINDING_KINDS.find(({ key }) => key === kind)?.name ?? kind;
  return patterns.some(
    (pattern) =>
      isLike(pattern, id) ||
      isLike(pattern, kind) ||
      isLike(`*${pattern}*`, name) ||
      isLike(`*${pattern}*`, title),
  );
}
