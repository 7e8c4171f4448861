// The time between the operations of a request: when its process had the ball. In: a request. Out: stretches in order, with how much
// of each was its own code. Rows keep only sums of own code and loop wait: each gap gets its part in proportion.

import { CategoryIndex } from '../../model/category.ts';
import { attribute } from '../time/attribute.ts';
import { piecesOf } from '../time/breakdown.ts';
import type { RequestNode, SampledOperation } from './request-tree.ts';

export interface Stretch {
  readonly startUs: number;
  readonly endUs: number;
  /** Of its own code. */
  readonly ownUs: number;
  /** Index of the last operation that ended before it; -1: it is the beginning of the request. */
  readonly after: number;
}

export function stretchesOf({ request, operations }: RequestNode): Stretch[] {
  const endUs = request.atUs + request.durationUs;
  const pieces = operations.flatMap((operation, owner) => piecesOf(phased(operation), owner));
  const segments = attribute(request.atUs, endUs, pieces);
  const gaps = segments.filter(({ owner }) => owner < 0);
  const gapUs = gaps.reduce((sum, gap) => sum + gap.endUs - gap.startUs, 0);
  const ownUs = request.ownCategories[CategoryIndex.own] ?? 0;
  const share = gapUs === 0 ? 0 : Math.min(1, ownUs / gapUs);
  let after = -1;
  return segments.flatMap((segment): Stretch[] => {
    if (segment.owner >= 0) {
      after = segment.owner;
      return [];
    }
    const { startUs, endUs: until } = segment;
    return [{ startUs, endUs: until, ownUs: (until - startUs) * share, after }];
  });
}

function phased({ atUs, durationUs, phases }: SampledOperation) {
  return { startUs: atUs, endUs: atUs + durationUs, lengths: phases };
}
