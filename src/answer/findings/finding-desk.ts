// Everything that can be asked and said about findings. In: a store, the source of findings. Out: answers, and lives that have changed.

import type { FindingLife, FindingState } from '../../model/finding.ts';
import type { AskStore } from '../../store/store.ts';
import type { FindingAction } from '../api.ts';
import type { FindingAnswers } from './finding-answers.ts';
import { findingLists, lifeOf } from './finding-lists.ts';
import { findingPage } from './finding-page.ts';
import { keptOf } from './finding-progress.ts';
import type { FindingsSource } from './findings.ts';

const STATE_AFTER: Readonly<Record<FindingAction, FindingState>> = {
  verify: 'verifying',
  ignore: 'ignored',
  reopen: 'open',
};

export function createFindingDesk(store: AskStore, source: FindingsSource): FindingAnswers {
  return {
    findingLists: (range) => findingLists(store, source, range),
    finding: (id, range) => findingPage(store, source, id, range),
    actOnFinding: (id, action, reason) => act(source, id, action, reason),
  };
}

async function act(
  source: FindingsSource,
  id: string,
  action: FindingAction,
  reason: string,
): Promise<FindingLife | undefined> {
  const { progress } = source;
  const { lives, now } = progress;
  const found = await source.findings({});
  const finding = found.findings.find((each) => each.id === id);
  // As it is now, if it is there: that is what the change is compared with.
  const kept = finding && keptOf(finding, found);
  const change = { state: STATE_AFTER[action], at: now(), isByPerson: true, note: reason };
  const life = await lives.change(id, change, kept === undefined ? {} : { kept });
  if (life === undefined) return undefined;
  source.forget();
  return lifeOf(progress, life.kept.finding, life);
}
