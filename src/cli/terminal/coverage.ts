// How much was seen, and when. In: the coverage counters and the window. Out: one line, more only when something was missed.
// operations = attributed + noRequest + notVisible, so the three shares add up to all of them.

import type { HomeAnswer } from '../../answer/api.ts';
import { counted, formatCount, formatShare } from '../../base/numbers.ts';
import { coreWaitSentence } from '../../model/core-wait.ts';
import { futureSentence } from '../../model/future.ts';
import { ownCodeSentence } from '../../model/own-code.ts';
import { collectionSentence } from '../../model/told-cpu.ts';
import type { Canvas } from './canvas.ts';
import { wrap } from './sentence.ts';

type Seen = Pick<HomeAnswer, 'coverage' | 'window'>;

/** With an empty line in front, when there is something to say. */
export function coverageLines(seen: Seen, { traits, paint }: Canvas): readonly string[] {
  const lines = coverageSentences(seen).flatMap((text) => wrap([{ text }], traits.width, paint));
  return lines.length === 0 ? [] : ['', ...lines.map((line) => paint.weak(line))];
}

/** For every report: what share of the operations belongs to a request, and what was lost. */
export function coverageSentences(seen: Seen): readonly string[] {
  const { operations, attributed, noRequest, notVisible } = seen.coverage;
  if (operations === 0) return missed(seen);
  const parts = [
    `${formatShare(attributed / operations)} belong to a request`,
    ...(noRequest > 0 ? [`${formatShare(noRequest / operations)} to none`] : []),
    ...(notVisible > 0 ? [`for ${formatShare(notVisible / operations)} it could not be seen`] : []),
  ];
  return [`Of ${counted(operations, 'operation')}, ${parts.join(', ')}.`, ...missed(seen)];
}

/** What passes unseen, and how much of the time that can be at most; '' when nothing does. */
export function unseenSentence(names: readonly string[], share: number): string {
  if (names.length === 0) return '';
  const most = share > 0 ? `: at most ${formatShare(share)} of the time of the requests there` : '';
  return `Not visible: ${names.join(', ')}${most}.`;
}

function missed({ coverage, window }: Seen): readonly string[] {
  const { dropped, notVisibleNames, unseenShare, coreWaits, toldCpu, ownCode } = coverage;
  return [
    ...(dropped > 0
      ? [`${formatCount(dropped)} records were dropped under load: totals are too small.`]
      : []),
    unseenSentence(notVisibleNames, unseenShare),
    coreWaitSentence(coreWaits),
    collectionSentence(toldCpu),
    ownCodeSentence(ownCode),
    futureSentence(window.to, Date.now()),
  ].filter((text) => text !== '');
}
