// Where the time of one endpoint goes, in a few words: `Postgres 55%, loop wait 9%`. In: its categories and what it talks to.
// Out: plain text. A category is called by the name of its dependency when one makes up nearly all of it.

import type { DependencyRow, EndpointRow, ReportEndpoint } from '../../answer/api.ts';
import { formatWholeShare } from '../../base/numbers.ts';
import { CATEGORIES, type CategoryKey } from '../../model/category.ts';

export const SHORT_NAMES: Readonly<Record<CategoryKey, string>> = {
  own: 'own',
  loop: 'loop wait',
  pool: 'pool wait',
  conn: 'connecting',
  db: 'database',
  cache: 'cache',
  http: 'HTTP',
  ext: 'external',
  msg: 'messaging',
  other: 'not attributed',
};

/** Named after a dependency: the others go by their own name. */
const IS_NAMED: ReadonlySet<CategoryKey> = new Set(['db', 'cache', 'ext', 'msg']);

/** A part below this says nothing about where to look. */
const LEAST_SHARE = 0.02;
/** From here on a category is called by the one dependency. */
const NEARLY_ALL = 0.9;

/** The largest parts, largest first; as many as the caller has room for are kept by cutting the text. */
export function partsOf(
  endpoint: EndpointRow,
  dependencies: readonly DependencyRow[],
  detail: ReportEndpoint | undefined,
): string {
  return CATEGORIES.map(({ key }, index) => ({ key, us: endpoint.categories[index] ?? 0 }))
    .filter(({ us }) => us > 0 && us >= endpoint.totalUs * LEAST_SHARE)
    .sort((a, b) => b.us - a.us)
    .map(({ key, us }) => `${nameOf(key, dependencies, detail)} ${formatWholeShare(us / endpoint.totalUs)}`)
    .join(', ');
}

function nameOf(
  key: CategoryKey,
  dependencies: readonly DependencyRow[],
  detail: ReportEndpoint | undefined,
): string {
  if (!IS_NAMED.has(key)) return SHORT_NAMES[key];
  const candidates = dependencies.filter(({ category }) => category === key);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return productOf(only);
  return mainDependency(new Set(candidates.map(({ name }) => name)), detail) ?? SHORT_NAMES[key];
}

/** `Postgres shop` is just Postgres when there is no other. */
function productOf({ name, protocol }: DependencyRow): string {
  return protocol === 'http' ? name : (name.split(' ')[0] ?? name);
}

function mainDependency(names: ReadonlySet<string>, detail: ReportEndpoint | undefined): string | undefined {
  const times = new Map<string, number>();
  for (const { dependency, perRequest, ms } of detail?.operations ?? [])
    if (names.has(dependency)) times.set(dependency, (times.get(dependency) ?? 0) + perRequest * ms.mean);
  const all = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times].find(([, time]) => all > 0 && time >= all * NEARLY_ALL)?.[0];
}
