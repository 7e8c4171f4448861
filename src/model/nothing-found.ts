// What is said when no finding is worth showing. In: shares of the categories. Out: one or two sentences.

import { formatWholeShare } from '../base/numbers.ts';
import type { CategoryKey } from './category.ts';

export const NOTHING_FOUND = 'No finding saves more than 1%: no pattern that is looked for takes more.';

/** From here on, calls are not where the time goes. */
const MOST = 0.5;

/** wiretime does not look into functions: who has most of the time there is told what does. */
export function nothingFound(
  categories: readonly { readonly key: CategoryKey; readonly share: number }[],
): string {
  const own = categories.find(({ key }) => key === 'own')?.share ?? 0;
  if (own < MOST) return NOTHING_FOUND;
  return `${NOTHING_FOUND} ${formatWholeShare(own)} is your own code: a CPU profiler shows in which functions (node --cpu-prof, py-spy).`;
}
