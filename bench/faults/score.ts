// What comes out over all apps. In: judged cells, and the shop's verdicts when it was run. Out: the figures (JSON), and the tables that are printed.

import { formatShare } from '../../src/base/numbers.ts';
import type { FindingKind } from '../../src/model/finding.ts';
import type { Judged, Outcome, Simple } from './app-judge.ts';
import { LEVELS, type Level } from './app-truth.ts';
import type { Result } from './table.ts';

/** NaN where nothing was measured. */
export interface Score {
  readonly apps: readonly string[];
  /** Faults that were there, each strength and recording counted. */
  readonly faults: number;
  readonly recall: Readonly<Record<Level, number>>;
  /** Of findings of medium and high confidence; the second of all. A second finding of a fault is none of them. */
  readonly precision: number;
  readonly precisionOfAll: number;
  /** Of medium and high confidence on the sides without faults. */
  readonly falsePer100k: number;
  readonly falsePer100kOfAll: number;
  readonly fileLine: number;
  readonly ndcg5: number;
  /** Median of |predicted − measured| / measured. */
  readonly savingError: { readonly structural: number; readonly connection: number };
  /** Measured means within the predicted 90 % interval. */
  readonly coverage: number;
  readonly perDetector: readonly DetectorScore[];
  readonly baselines: Readonly<Record<keyof Judged['simple'], BaselineScore>>;
}

interface DetectorScore {
  readonly kind: FindingKind;
  readonly recall: Readonly<Record<Level, number>>;
  readonly fileLine: number;
  readonly savingError: number;
  readonly falseOnes: number;
}

interface BaselineScore {
  readonly recall: number;
  readonly precision: number;
  readonly fileLine: number;
  readonly ndcg5: number;
}

export function scoreOf(cells: readonly Judged[], shop: Result | undefined): Score {
  const outcomes = cells.flatMap((cell) => cell.outcomes);
  const misfits = cells.flatMap((cell) => cell.misfits);
  const reported = cells.flatMap((cell) => cell.reported);
  const falseOnes = misfits.filter(({ isRepeated }) => !isRepeated);
  const onClean = falseOnes.filter(({ recording }) => recording === 'without');
  const requests = cells.reduce((sum, cell) => sum + cell.requests, 0) / 2;
  const sure = <T extends { readonly confidence: string }>(findings: readonly T[]): number =>
    findings.filter(({ confidence }) => confidence !== 'low').length;
  const wrong = misfits.map(({ finding }) => finding);
  const kinds = [
    ...new Set([...outcomes.flatMap(({ fault }) => fault.kinds[0] ?? []), ...wrong.map(({ kind }) => kind)]),
  ];
  const found = outcomes.filter(({ isFound }) => isFound);
  return {
    apps: [...new Set(cells.map(({ cell }) => String(cell.app))), ...(shop === undefined ? [] : ['shop'])],
    faults: outcomes.length + seededInShop(shop),
    recall: recallOf(outcomes, shop),
    precision: ratio(sure(reported) - sure(wrong), sure(reported)),
    precisionOfAll: ratio(reported.length - wrong.length, reported.length),
    falsePer100k: ratio(sure(onClean.map(({ finding }) => finding)), requests) * 100_000,
    falsePer100kOfAll: ratio(onClean.length, requests) * 100_000,
    fileLine: ratio(found.filter(({ isAtLine }) => isAtLine).length, found.length),
    ndcg5: meanOf(cells.map(({ ndcg }) => ndcg)),
    savingError: { structural: errorOf(outcomes, 'structural'), connection: errorOf(outcomes, 'connection') },
    coverage: coverageOf(outcomes),
    perDetector: kinds.map((kind) => {
      const own = outcomes.filter(({ fault }) => fault.kinds[0] === kind);
      const ownFound = own.filter(({ isFound }) => isFound);
      return {
        kind,
        recall: recallOf(own, undefined),
        fileLine: ratio(ownFound.filter(({ isAtLine }) => isAtLine).length, ownFound.length),
        savingError: errorOf(own, undefined),
        falseOnes: wrong.filter((finding) => finding.kind === kind).length,
      };
    }),
    baselines: {
      longestInAll: baselineOf(cells, ({ simple }) => simple.longestInAll),
      fixedLimits: baselineOf(cells, ({ simple }) => simple.fixedLimits),
    },
  };
}

function seededInShop(shop: Result | undefined): number {
  return shop?.verdicts.reduce((sum, { recordings }) => sum + recordings, 0) ?? 0;
}

/** The shop's faults have one strength, and it is high. */
function recallOf(outcomes: readonly Outcome[], shop: Result | undefined): Record<Level, number> {
  const of = (level: Level): number => {
    const own = outcomes.filter((each) => each.level === level);
    const isShops = level === 'high';
    const found = own.filter(({ isFound }) => isFound).length;
    const foundInShop = isShops ? (shop?.verdicts.reduce((sum, each) => sum + each.found, 0) ?? 0) : 0;
    return ratio(found + foundInShop, own.length + (isShops ? seededInShop(shop) : 0));
  };
  return { high: of('high'), medium: of('medium'), low: of('low') };
}

/** A ceiling says how much it could be at most: it has no error. */
function errorOf(outcomes: readonly Outcome[], fix: 'structural' | 'connection' | undefined): number {
  const errors = outcomes
    .filter(({ fault }) => (fix === undefined ? fault.fix !== 'ceiling' : fault.fix === fix))
    .flatMap(({ predictedMs, measuredMs }) =>
      predictedMs === undefined || measuredMs <= 0 ? [] : [Math.abs(predictedMs - measuredMs) / measuredMs],
    )
    .toSorted((a, b) => a - b);
  return errors[Math.floor(errors.length / 2)] ?? Number.NaN;
}

function coverageOf(outcomes: readonly Outcome[]): number {
  const known = outcomes.filter(({ fault, isCovered }) => fault.fix !== 'ceiling' && isCovered !== undefined);
  return ratio(known.filter(({ isCovered }) => isCovered).length, known.length);
}

function baselineOf(cells: readonly Judged[], of: (cell: Judged) => Simple): BaselineScore {
  const sum = (value: (simple: Simple) => number): number =>
    cells.reduce((total, cell) => total + value(of(cell)), 0);
  const faults = cells.reduce((total, { outcomes }) => total + outcomes.length, 0);
  const found = sum((simple) => simple.found);
  return {
    recall: ratio(found, faults),
    precision: ratio(
      found,
      sum(({ reported }) => reported),
    ),
    fileLine: ratio(
      sum(({ atLine }) => atLine),
      found,
    ),
    ndcg5: meanOf(cells.map((cell) => of(cell).ndcg)),
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? Number.NaN : part / whole;
}

function meanOf(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return ratio(
    known.reduce((sum, value) => sum + value, 0),
    known.length,
  );
}

export function scoreLines(score: Score, cells: readonly Judged[]): string {
  const { recall, precision, precisionOfAll, falsePer100k, falsePer100kOfAll, savingError, baselines } =
    score;
  return [
    detectorTable(score),
    '',
    `- Recall: ${LEVELS.map((level) => `${level} ${share(recall[level])}`).join(', ')} of ${score.faults} faults.`,
    `- Precision: ${share(precision)} of findings of medium and high confidence, ${share(precisionOfAll)} of all.`,
    `- False ones on the clean sides: ${falsePer100k.toFixed(1)} per 100 000 requests; ${falsePer100kOfAll.toFixed(1)} with those of low confidence.`,
    `- Place: within three lines ${share(score.fileLine)} of those found. Order: NDCG@5 ${score.ndcg5.toFixed(2)}.`,
    `- Saving: median error ${share(savingError.structural)} where measured time goes, ${share(savingError.connection)} for connections and the event loop; ${share(score.coverage)} of the measured means are in the 90 % interval.`,
    baselineLine('Longest in all', baselines.longestInAll),
    baselineLine('Fixed limits', baselines.fixedLimits),
    ...cells.flatMap(({ cell, misfits }) =>
      misfits.map(
        ({ finding, recording, isRepeated }) =>
          `- ${isRepeated ? 'Again' : 'False'} in ${cell.app}-${cell.group}-${cell.level}/${recording}: “${finding.title}” at ${finding.callSite || 'no line'} (${finding.kind}, confidence ${finding.confidence}).`,
      ),
    ),
    ...cells.flatMap(missedLine),
  ].join('\n');
}

/** With what each costs a request, so that one sees which were there at all. */
function missedLine({ cell, outcomes }: Judged): string[] {
  const missed = outcomes
    .filter(({ isFound }) => !isFound)
    .map(({ fault, measuredMs }) => `${fault.name} (${measuredMs.toFixed(1)} ms)`);
  const place = `${cell.app}-${cell.group}-${cell.level}`;
  return missed.length === 0 ? [] : [`- Missed in ${place}: ${missed.join(', ')}.`];
}

function detectorTable({ perDetector }: Score): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const head = ['kind', 'high', 'medium', 'low', 'line', 'error of the saving', 'false or again'];
  return [
    row(head),
    row(head.map(() => '---')),
    ...perDetector.map(({ kind, recall, fileLine, savingError, falseOnes }) =>
      row([
        kind,
        share(recall.high),
        share(recall.medium),
        share(recall.low),
        share(fileLine),
        share(savingError),
        String(falseOnes),
      ]),
    ),
  ].join('\n');
}

function baselineLine(name: string, { recall, precision, fileLine, ndcg5 }: BaselineScore): string {
  return `- For comparison, ${name.toLowerCase()}: recall ${share(recall)}, precision ${share(precision)}, line ${share(fileLine)}, NDCG@5 ${ndcg5.toFixed(2)}.`;
}

function share(value: number): string {
  return Number.isNaN(value) ? '–' : formatShare(value);
}
