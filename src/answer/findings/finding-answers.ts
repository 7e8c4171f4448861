// The questions of the pages about findings, and what a person can say about one. In: nothing. Out: their types.

import type { FindingLife } from '../../model/finding.ts';
import type { FindingAction, FindingAnswer, FindingListsAnswer, Range } from '../api.ts';

export interface FindingAnswers {
  findingLists(range: Range): Promise<FindingListsAnswer>;
  /** undefined: nothing is known of it. */
  finding(id: string, range: Range): Promise<FindingAnswer | undefined>;
  /** The life that follows; undefined: nothing is known of it. Rejects with a sentence when it cannot be kept. */
  actOnFinding(id: string, action: FindingAction, reason: string): Promise<FindingLife | undefined>;
}
