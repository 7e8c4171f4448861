// What the terminal and docs/accuracy.md show. In: verdicts. Out: lines, Markdown for the document.

import { formatShare } from '../../src/base/numbers.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Verdict } from './judge.ts';

export interface Result {
  readonly verdicts: readonly Verdict[];
  /** Findings that name none of the faults that were there, with the recording. */
  readonly falseOnes: readonly { readonly run: string; readonly finding: Finding }[];
  readonly reported: number;
  readonly requests: number;
  readonly recordings: number;
}

const HEAD = [
  'fault',
  'found',
  'file',
  'line',
  'endpoint',
  'predicted',
  '90 % interval of the mean',
  'measured',
  'error',
  'costs',
];

export function tableOf({ verdicts }: Result): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(HEAD), line(HEAD.map(() => '---')), ...verdicts.map((verdict) => line(cellsOf(verdict)))].join(
    '\n',
  );
}

function cellsOf({ fault, recordings, found, atFile, atLine, saving, trueShare }: Verdict): string[] {
  const of = (count: number): string => `${count} of ${recordings}`;
  const facts = [fault.name, of(found), of(atFile), of(atLine)];
  const costs = formatShare(trueShare);
  if (saving === undefined) return [...facts, '', '', '', '', '', costs];
  const { endpoint, predictedMs, lowMs, highMs, measuredMs, error } = saving;
  return [
    ...facts,
    `\`${endpoint}\``,
    ms(predictedMs),
    `${ms(lowMs)} to ${ms(highMs)}`,
    ms(measuredMs),
    `${error > 0 ? '+' : ''}${(error * 100).toFixed(0)} %`,
    costs,
  ];
}

function ms(value: number): string {
  return `${value.toFixed(Math.abs(value) < 10 ? 2 : 1)} ms`;
}

export function sumsOf(result: Result) {
  const { verdicts, falseOnes, reported, requests } = result;
  const sum = (of: (verdict: Verdict) => number): number =>
    verdicts.reduce((total, each) => total + of(each), 0);
  const seeded = sum(({ recordings }) => recordings);
  const found = sum((each) => each.found);
  return {
    seeded,
    found,
    recall: found / Math.max(1, seeded),
    precision: (reported - falseOnes.length) / Math.max(1, reported),
    falsePer100k: (falseOnes.length / Math.max(1, requests)) * 100_000,
    file: sum(({ atFile }) => atFile) / Math.max(1, found),
    fileLine: sum(({ atLine }) => atLine) / Math.max(1, found),
    savingError: medianError(verdicts),
  };
}

function medianError(verdicts: readonly Verdict[]): number {
  const errors = verdicts.flatMap(({ saving }) => (saving === undefined ? [] : [Math.abs(saving.error)]));
  return errors.toSorted((a, b) => a - b)[Math.floor(errors.length / 2)] ?? Number.NaN;
}

export function linesOf(result: Result): string {
  const { seeded, found, recall, precision, falsePer100k, file, fileLine, savingError } = sumsOf(result);
  return [
    `- Recall: ${found} of ${seeded} (${formatShare(recall)}).`,
    `- Precision: ${formatShare(precision)} of ${result.reported} findings in ${result.recordings} recordings; ${falsePer100k.toFixed(1)} false ones per 100 000 requests (${result.requests} were recorded).`,
    `- Place: right file ${formatShare(file)}, within three lines ${formatShare(fileLine)} of those found.`,
    `- Saving: median error ${formatShare(savingError)}.`,
    ...result.falseOnes.map(
      ({ run, finding }) =>
        `- False in ${run}: “${finding.title}” (${finding.kind}, ${formatShare(finding.share)}, confidence ${finding.confidence}).`,
    ),
  ].join('\n');
}
