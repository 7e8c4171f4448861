// How much was seen. In: the coverage counters. Out: one line, more only when something was missed.
// operations = attributed + noRequest + notVisible, so the three shares add up to all of them.

import type { Coverage } from '../../answer/api.ts';
import { formatCount, formatShare } from '../../base/numbers.ts';
import { coreWaitSentence } from '../../model/core-wait.ts';
import { collectionSentence } from '../../model/told-cpu.ts';
import { counted, type Canvas } from './canvas.ts';
import { wrap } from './sentence.ts';

/** With an empty line in front, when there is something to say. */
export function coverageLines(coverage: Coverage, { traits, paint }: Canvas): readonly string[] {
  const lines = coverageSentences(coverage).flatMap((text) => wrap([{ text }], traits.width, paint));
  return lines.length === 0 ? [] : ['', ...lines.map((line) => paint.weak(line))];
}

/** For every report: what share of the operations belongs to a request, and what was lost. */
export function coverageSentences(coverage: Coverage): readonly string[] {
  const { operations, attributed, noRequest, notVisible } = coverage;
  if (operations === 0) return missed(coverage);
  const parts = [
    `${formatShare(attributed / operations)} belong to a request`,
    ...(noRequest > 0 ? [`${formatShare(noRequest / operations)} to none`] : []),
    ...(notVisible > 0 ? [`for ${formatShare(notVisible / operations)} it could not be seen`] : []),
  ];
  return [`Of ${counted(operations, 'operation')}, ${parts.join(', ')}.`, ...missed(coverage)];
}

/** What passes unseen, and how much of the time that can be at most; '' when nothing does. */
export function unseenSentence(names: readonly string[], share: number): string {
  if (names.length === 0) return '';
  const most = share > 0 ? `: at most ${formatShare(share)} of the time of the requests there` : '';
  return `Not visible: ${names.join(', ')}${most}.`;
}

function missed({ dropped, notVisibleNames, unseenShare, coreWaits, toldCpu }: Coverage): readonly string[] {
  return [
    ...(dropped > 0
      ? [`${formatCount(dropped)} records were dropped under load: totals are too small.`]
      : []),
    unseenSentence(notVisibleNames, unseenShare),
    coreWaitSentence(coreWaits),
    collectionSentence(toldCpu),
  ].filter((text) => text !== '');
}
