// What is said when no finding is worth showing. In: shares of the categories, and what a profiler saw. Out: sentences.

import { formatWholeShare } from '../base/numbers.ts';
import type { CategoryKey } from './category.ts';
import type { OwnCode } from './own-code.ts';

export const NOTHING_FOUND = 'No finding saves more than 1%: no pattern that is looked for takes more.';

/** From here on, calls are not where the time goes. */
const MOST = 0.5;

/** Who has most of the time in own code is told how to see which lines take it. */
export function nothingFound(
  categories: readonly { readonly key: CategoryKey; readonly share: number }[],
  ownCode: readonly OwnCode[] = [],
): string {
  const own = categories.find(({ key }) => key === 'own')?.share ?? 0;
  if (own < MOST) return NOTHING_FOUND;
  if (ownCode.length > 0)
    return `${NOTHING_FOUND} ${formatWholeShare(own)} is your own code, of which the profile names the lines.`;
  return `${NOTHING_FOUND} ${formatWholeShare(own)} is your own code: wiretime run --profile shows which lines (of Python: py-spy).`;
}
