// The findings by state. In: the lists. Out: lines, three each: what, where and how much, and what has become of it.
// Not here: one finding (finding-detail.ts).

import type { FindingLine, FindingListsAnswer } from '../../answer/api.ts';
import { formatCount, formatDuration, formatSignedShare } from '../../base/numbers.ts';
import { FINDING_STATES, type FindingList, type FindingLife } from '../../model/finding.ts';
import { canvasFor, formatPercentile, printed, type Canvas } from './canvas.ts';
import { linesOf, orderWords, TITLE_START } from './findings.ts';
import { wrap } from './sentence.ts';
import { safe } from './text.ts';
import type { TerminalTraits } from './traits.ts';

const LIST_NAMES: Readonly<Record<FindingList, string>> = {
  open: 'Open',
  verifying: 'Verifying',
  verified: 'Verified',
  ignored: 'Ignored',
};
export const LISTS: readonly FindingList[] = ['open', 'verifying', 'verified', 'ignored'];
const INDENT = ' '.repeat(TITLE_START);

/** `shown`: which lists; the others are only counted. */
export function renderFindingLists(
  answer: FindingListsAnswer,
  shown: readonly FindingList[],
  traits: TerminalTraits,
): string {
  const canvas = canvasFor(traits);
  const head = wrap([...answer.sentence, { text: ' ' }, ...answer.second], traits.width, canvas.paint);
  const lists = LISTS.filter((list) => shown.includes(list)).flatMap((list) =>
    listLines(answer, list, canvas),
  );
  return printed(
    [
      ...head,
      ...lists,
      ...together(answer, shown, canvas),
      ...calibrationLines(answer, shown, canvas),
      ...counts(answer, shown, canvas),
    ],
    canvas,
  );
}

function listLines({ lists }: FindingListsAnswer, list: FindingList, canvas: Canvas): readonly string[] {
  const rows = lists[list];
  if (rows.length === 0) return [];
  return [
    '',
    canvas.paint.strong(LIST_NAMES[list]),
    ...rows.flatMap((row, index) => [...linesOf(row, index + 1, canvas), ...lifeLines(row, canvas)]),
  ];
}

/** `n-plus-one-1a2b3c4d`, and what happened. */
function lifeLines({ id, life }: FindingLine, { traits, paint }: Canvas): readonly string[] {
  const facts = lifeWords(life);
  const text = facts === '' ? id : `${id}: ${facts}`;
  return wrap([{ text }], traits.width - TITLE_START, paint).map((line) => INDENT + paint.weak(line));
}

/** What has become of it, in words; '' for one that is just open. */
export function lifeWords({ state, history, verification }: FindingLife): string {
  const note = safe(history.at(-1)?.note ?? '');
  const said = note === '' ? '' : ` (${note})`;
  const name = FINDING_STATES.find(({ key }) => key === state)?.name.toLowerCase() ?? state;
  if (state === 'open') return '';
  // Who ignores a finding does not wait for what was to be measured.
  if (verification === undefined || state === 'ignored') return `${name}${said}`;
  const { measured, predicted, before, neededRequests, secondsLeft } = verification;
  if (state === 'verifying') {
    const left = secondsLeft === undefined ? '' : `; ${formatDuration(secondsLeft * 1e6)} at this rate`;
    return `verifying: ${formatCount(measured.requests)} of ${formatCount(neededRequests)} requests since the change${left}`;
  }
  const p95 = `p95 ${formatPercentile(before.p95Us)} → ${formatPercentile(measured.p95Us)} measured`;
  return `${name}${said}: ${p95}, ${formatPercentile(predicted.p95Us)} predicted`;
}

function together(
  { lists, togetherShare }: FindingListsAnswer,
  shown: readonly FindingList[],
  { paint }: Canvas,
): readonly string[] {
  if (!shown.includes('open') || lists.open.length < 2) return [];
  return [
    '',
    paint.weak(
      `All ${lists.open.length} open ones together: ${formatSignedShare(-togetherShare)}${orderWords(lists.open)}`,
    ),
  ];
}

/** How good predictions were: beside those that are known. */
function calibrationLines(
  { calibration }: FindingListsAnswer,
  shown: readonly FindingList[],
  { traits, paint }: Canvas,
): readonly string[] {
  if (!shown.includes('verified') || calibration.words === '') return [];
  return ['', ...wrap([{ text: calibration.words }], traits.width, paint)];
}

/** Lists that are not shown are not forgotten. */
function counts(
  { lists }: FindingListsAnswer,
  shown: readonly FindingList[],
  { paint }: Canvas,
): readonly string[] {
  const others = LISTS.filter((list) => !shown.includes(list) && lists[list].length > 0);
  if (others.length === 0) return [];
  const parts = others.map((list) => `${formatCount(lists[list].length)} ${list}`);
  return ['', paint.weak(`Also ${parts.join(', ')}: wiretime findings --state ${others[0]}`)];
}
