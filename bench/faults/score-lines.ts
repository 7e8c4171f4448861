// The figures as they are printed, and written into docs/accuracy.md. In: a score, the cells behind it. Out: Markdown.

import { formatShare } from '../../src/base/numbers.ts';
import type { Judged } from './app-judge.ts';
import { LEVELS, type Level } from './app-truth.ts';
import type { BaselineScore, Score } from './score.ts';

export function scoreLines(score: Score, cells: readonly Judged[]): string {
  const { savingError, savings, baselines } = score;
  return [
    detectorTable(score),
    '',
    `- Recall: ${levels(score.recall)} of ${score.faults} faults; ${levels(score.recallOfCostly)} of the ${score.costly} that measurably cost a request a millisecond or more.`,
    `- Precision: ${share(score.precision)} of findings of medium and high confidence, ${share(score.precisionOfAll)} of all.`,
    `- False ones on the clean sides: ${score.falsePer100k.toFixed(1)} per 100 000 requests; ${score.falsePer100kOfAll.toFixed(1)} with those of low confidence.`,
    `- Place: within three lines ${share(score.fileLine)} of those found. Order: NDCG@5 ${score.ndcg5.toFixed(2)}.`,
    `- Saving: median error ${share(savingError.structural)} where measured time goes, ${share(savingError.connection)} for connections and the event loop, of ${savings.compared} savings that were measured to 15 %; ${savings.leftOut} were not. ${share(score.coverage)} of the measured means agree with the 90 % interval.`,
    `- wiretime diff, from with to without: ${countsLine(score.diff.mended)} where a fault cost a request a millisecond or more; ${countsLine(score.diff.unchanged)} where nothing was changed.`,
    baselineLine('longest in all', baselines.longestInAll),
    baselineLine('fixed limits', baselines.fixedLimits),
    ...cells.flatMap(misfitLines),
    ...cells.flatMap(missedLine),
  ].join('\n');
}

function levels(recall: Readonly<Record<Level, number>>): string {
  return LEVELS.toReversed()
    .map((level) => `${level} ${share(recall[level])}`)
    .join(', ');
}

function countsLine(counts: Readonly<Record<string, number>>): string {
  const words = Object.entries(counts).map(([verdict, count]) => `${count} ${verdict.replace('-', ' ')}`);
  return words.length === 0 ? 'nothing' : words.join(', ');
}

function misfitLines({ name, misfits }: Judged): string[] {
  return misfits.map(
    ({ finding, recording, isRepeated }) =>
      `- ${isRepeated ? 'Again' : 'False'} in ${name}/${recording}: “${finding.title}” at ${finding.callSite || 'no line'} (${finding.kind}, confidence ${finding.confidence}).`,
  );
}

/** With what each costs a request on average, so that one sees which were there at all. */
function missedLine({ name, outcomes }: Judged): string[] {
  const missed = outcomes
    .filter(({ finding }) => finding === undefined)
    .map(
      ({ fault, level, mean }) =>
        `${fault.name} (${level}, ${mean.ms.toFixed(1)} ± ${mean.errorMs.toFixed(1)} ms)`,
    );
  return missed.length === 0 ? [] : [`- Missed in ${name}: ${missed.join(', ')}.`];
}

const HEAD = [
  'kind',
  'high',
  'medium',
  'low',
  'line',
  'error of the saving',
  'too much or too little',
  'false or again',
];

function detectorTable({ perDetector }: Score): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(HEAD),
    row(HEAD.map(() => '---')),
    ...perDetector.map(({ kind, recall, fileLine, savingError, savingBias, falseOnes }) =>
      row([
        kind,
        share(recall.high),
        share(recall.medium),
        share(recall.low),
        share(fileLine),
        share(savingError),
        Number.isNaN(savingBias) ? '–' : `${savingBias > 0 ? '+' : ''}${(savingBias * 100).toFixed(1)}%`,
        String(falseOnes),
      ]),
    ),
  ].join('\n');
}

function baselineLine(name: string, { recall, precision, fileLine, ndcg5 }: BaselineScore): string {
  return `- For comparison, ${name}: recall ${share(recall)}, precision ${share(precision)}, line ${share(fileLine)}, NDCG@5 ${ndcg5.toFixed(2)}.`;
}

function share(value: number): string {
  return Number.isNaN(value) ? '–' : formatShare(value);
}
