// The findings by state. In: a range. Out: lists, with what fixing the open ones gives, and how good predictions were so far.

import type { Findings } from '../../analysis/engine.ts';
import { counted, formatCount, formatWholeShare } from '../../base/numbers.ts';
import { FINDING_STATES, type Finding, type FindingLife, type FindingList } from '../../model/finding.ts';
import { count, numbersOf } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { FindingLine, FindingListsAnswer, Range, Words } from '../api.ts';
import { calibrationOf } from './calibration.ts';
import type { KnownLife } from './finding-lives.ts';
import { verificationOf, type ProgressOptions } from './finding-progress.ts';
import { findingRow } from './finding-words.ts';
import type { FindingsSource } from './findings.ts';
import { timeCondition, windowOf } from '../range.ts';

export async function findingLists(
  store: AskStore,
  source: FindingsSource,
  range: Range,
): Promise<FindingListsAnswer> {
  const found = await source.findings(range);
  const [window, requests, lives] = await Promise.all([
    windowOf(store, range),
    requestsIn(store, range),
    source.progress.lives.all(),
  ]);
  const lists = await listsOf(source.progress, found, lives);
  const lookedAt = [...found.lookedAt.values()].reduce((sum, each) => sum + each, 0);
  const { firstThreeShare, togetherShare } = found;
  return {
    window,
    sentence: sentenceOf(found, requests),
    second: secondOf(found, requests),
    lookedAt,
    requests,
    lists,
    firstThreeShare,
    togetherShare,
    calibration: calibrationOf([...lives.values()]),
  };
}

async function requestsIn(store: AskStore, range: Range): Promise<number> {
  const table = await store.ask({
    from: 'requests',
    select: { requests: count() },
    where: [timeCondition(range), { column: 'isEntry', is: 1 }],
  });
  return numbersOf(table, 'requests')[0] ?? 0;
}

async function listsOf(
  progress: ProgressOptions,
  found: Findings,
  lives: ReadonlyMap<string, KnownLife>,
): Promise<Record<FindingList, FindingLine[]>> {
  const lists: Record<FindingList, FindingLine[]> = { open: [], verifying: [], verified: [], ignored: [] };
  for (const finding of found.findings)
    lists.open.push(...lineOf(finding, await lifeOf(progress, finding, lives.get(finding.id))));
  const others = [...lives.values()].filter(({ state }) => listOf(state) !== 'open');
  for (const life of others.toSorted((a, b) => b.since - a.since))
    lists[listOf(life.state)].push(
      ...lineOf(life.kept.finding, await lifeOf(progress, life.kept.finding, life)),
    );
  return lists;
}

function lineOf(finding: Finding, life: FindingLife): FindingLine[] {
  return findingRow(finding).map((row) => ({ ...row, life }));
}

function listOf(state: KnownLife['state']): FindingList {
  return FINDING_STATES.find(({ key }) => key === state)?.list ?? 'open';
}

/** One that nobody has asked about before begins its life now. */
export async function lifeOf(
  progress: ProgressOptions,
  finding: Finding,
  life: KnownLife | undefined,
): Promise<FindingLife> {
  if (life === undefined) {
    const at = progress.now();
    const first = { state: 'open', at, isByPerson: false, note: finding.title } as const;
    return { state: 'open', since: at, history: [first], verification: undefined };
  }
  const { state, since, history } = life;
  return { state, since, history, verification: await verificationOf(progress, life) };
}

/** Fewer show only what nearly every one of them has. */
const ENOUGH_REQUESTS = 100;

function nothingIn(requests: number): string {
  if (requests === 0) return 'No requests were recorded in this time.';
  if (requests < ENOUGH_REQUESTS) return 'Nothing was found yet.';
  return 'Nothing here saves enough to be worth a change.';
}

function sentenceOf({ findings, firstThreeShare, togetherShare }: Findings, requests: number): Words[] {
  if (findings.length === 0) return [{ text: nothingIn(requests) }];
  const everything: Words[] = [
    { text: 'Fixing everything here would cut request time by ' },
    { text: formatWholeShare(togetherShare), isStrong: true },
  ];
  // What is new has a share of the time since, not of all time.
  if (findings.length <= 3 || findings.slice(0, 3).some(({ newSince }) => newSince !== undefined))
    return [...everything, { text: '.' }];
  return [
    ...everything,
    { text: '; ' },
    { text: `the first three give ${formatWholeShare(firstThreeShare)}`, isStrong: true },
    { text: '.' },
  ];
}

function secondOf({ findings }: Findings, requests: number): Words[] {
  if (findings.length === 0 && requests === 0) return [];
  if (findings.length === 0) {
    const few = requests < ENOUGH_REQUESTS ? `; most patterns need ${ENOUGH_REQUESTS}` : '';
    return [
      { text: `${counted(requests, 'request')} ${requests === 1 ? 'was' : 'were'} looked through${few}.` },
    ];
  }
  const text = `Savings are predicted: requests are recalculated with each fix, for all ${formatCount(requests)}. They overlap, so they do not add up.`;
  return [{ text }];
}
