// What comes out over all apps. In: judged cells, and the shop's verdicts when it was run. Out: the figures (JSON). Not here: how they are printed
// (score-lines.ts).

import type { Confidence, FindingKind } from '../../src/model/finding.ts';
import type { Judged, Outcome } from './app-judge.ts';
import type { Level } from './app-truth.ts';
import { isKnownWell, isThere } from './measured.ts';
import type { Simple } from './simple.ts';
import type { WayName } from './spans.ts';
import type { Result } from './table.ts';

/** NaN (JSON: null) where nothing was measured. */
export interface Score {
  readonly apps: readonly string[];
  /** Faults that were there, each strength and recording counted. */
  readonly faults: number;
  readonly recall: Readonly<Record<Level, number>>;
  /** Of those that measurably cost a request a millisecond or more. */
  readonly recallOfCostly: Readonly<Record<Level, number>>;
  readonly costly: number;
  /** Of findings of medium and high confidence; the second of all. A second finding of a fault is none of them. */
  readonly precision: number;
  readonly precisionOfAll: number;
  /** Of medium and high confidence on the sides without faults. */
  readonly falsePer100k: number;
  readonly falsePer100kOfAll: number;
  readonly fileLine: number;
  readonly ndcg5: number;
  /** Median of |predicted − measured| / measured, of savings that were measured to 15 %. */
  readonly savingError: { readonly structural: number; readonly connection: number };
  /** Found faults whose saving could be compared, and those that were measured too badly. */
  readonly savings: { readonly compared: number; readonly leftOut: number };
  /** Measured means that agree with the predicted 90 % interval. */
  readonly coverage: number;
  /** What `wiretime diff` says of endpoints with a fault that measurably costs, once it is mended, and of those that never had one. */
  readonly diff: {
    readonly mended: Readonly<Record<string, number>>;
    readonly unchanged: Readonly<Record<string, number>>;
  };
  readonly perDetector: readonly DetectorScore[];
  readonly baselines: Readonly<Record<WayName, BaselineScore>>;
  readonly outcomes: readonly OutcomeScore[];
}

interface DetectorScore {
  readonly kind: FindingKind;
  readonly recall: Readonly<Record<Level, number>>;
  readonly fileLine: number;
  readonly savingError: number;
  /** Median of (predicted − measured) / measured: below zero, too little is promised. */
  readonly savingBias: number;
  readonly falseOnes: number;
}

export interface BaselineScore {
  readonly recall: number;
  readonly precision: number;
  readonly fileLine: number;
  readonly ndcg5: number;
}

/** One fault in one recording: for whoever wants to know why. Milliseconds. */
interface OutcomeScore {
  readonly recording: string;
  readonly fault: string;
  readonly level: Level;
  readonly found: FindingKind | undefined;
  readonly confidence: Confidence | undefined;
  readonly isAtLine: boolean;
  readonly measured: number;
  readonly measuredError: number;
  readonly predicted: number | undefined;
  readonly mean: number;
  readonly meanError: number;
  readonly meanLow: number | undefined;
  readonly meanHigh: number | undefined;
}

export function scoreOf(cells: readonly Judged[], shop: Result | undefined): Score {
  const outcomes = cells.flatMap((cell) => cell.outcomes);
  const costly = outcomes.filter(isCostly);
  const found = outcomes.filter(isFound);
  return {
    apps: [...new Set(cells.map(({ cell }) => String(cell.app))), ...(shop === undefined ? [] : ['shop'])],
    faults: outcomes.length + seededInShop(shop),
    recall: recallOf(outcomes, shop),
    recallOfCostly: recallOf(costly, undefined),
    costly: costly.length,
    ...precisionsOf(cells),
    fileLine: ratio(found.filter(({ isAtLine }) => isAtLine).length, found.length),
    ndcg5: meanOf(cells.map(({ ndcg }) => ndcg)),
    savingError: { structural: errorOf(outcomes, 'structural'), connection: errorOf(outcomes, 'connection') },
    savings: {
      compared: found.filter(isComparable).length,
      leftOut: found.filter((each) => each.fault.fix !== 'ceiling' && !isComparable(each)).length,
    },
    coverage: coverageOf(outcomes),
    diff: {
      mended: countsOf(costly.filter(({ fault }) => fault.group === 'calls').map(({ diff }) => diff)),
      unchanged: countsOf(cells.flatMap(({ decoyDiffs }) => decoyDiffs)),
    },
    perDetector: detectorsOf(cells, outcomes),
    baselines: {
      longestInAll: baselineOf(cells, ({ simple }) => simple.longestInAll),
      fixedLimits: baselineOf(cells, ({ simple }) => simple.fixedLimits),
    },
    outcomes: cells.flatMap(({ name, outcomes: own }) => own.map((each) => outcomeScore(name, each))),
  };
}

type Precisions = Pick<Score, 'precision' | 'precisionOfAll' | 'falsePer100k' | 'falsePer100kOfAll'>;

function precisionsOf(cells: readonly Judged[]): Precisions {
  const sure = (findings: readonly { readonly confidence: Confidence }[]): number =>
    findings.filter(({ confidence }) => confidence !== 'low').length;
  const misfits = cells.flatMap((cell) => cell.misfits);
  const wrong = misfits.map(({ finding }) => finding);
  const onClean = misfits.filter(({ recording }) => recording === 'without').map(({ finding }) => finding);
  const reported = cells.flatMap((cell) => cell.reported);
  const requests = cells.reduce((sum, cell) => sum + cell.requests, 0) / 2;
  return {
    precision: ratio(sure(reported) - sure(wrong), sure(reported)),
    precisionOfAll: ratio(reported.length - wrong.length, reported.length),
    falsePer100k: ratio(sure(onClean), requests) * 100_000,
    falsePer100kOfAll: ratio(onClean.length, requests) * 100_000,
  };
}

function detectorsOf(cells: readonly Judged[], outcomes: readonly Outcome[]): DetectorScore[] {
  const wrong = cells.flatMap((cell) => cell.misfits.map(({ finding }) => finding.kind));
  const kinds = new Set([...outcomes.flatMap(({ fault }) => fault.kinds[0] ?? []), ...wrong]);
  return [...kinds].map((kind) => {
    const own = outcomes.filter(({ fault }) => fault.kinds[0] === kind);
    const found = own.filter(isFound);
    return {
      kind,
      recall: recallOf(own, undefined),
      fileLine: ratio(found.filter(({ isAtLine }) => isAtLine).length, found.length),
      savingError: errorOf(own, undefined),
      savingBias: medianOf(own.filter(isComparable).map(relativeError)),
      falseOnes: wrong.filter((each) => each === kind).length,
    };
  });
}

function countsOf(values: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...new Set(values)].map((value) => [value, values.filter((each) => each === value).length]),
  );
}

function isFound({ finding }: Outcome): boolean {
  return finding !== undefined;
}

const COSTLY_MS = 1;

function isCostly({ mean }: Outcome): boolean {
  return isThere(mean) && mean.ms >= COSTLY_MS;
}

function seededInShop(shop: Result | undefined): number {
  return shop?.verdicts.reduce((sum, { recordings }) => sum + recordings, 0) ?? 0;
}

/** The shop's faults have one strength, and it is high. */
function recallOf(outcomes: readonly Outcome[], shop: Result | undefined): Record<Level, number> {
  const of = (level: Level): number => {
    const own = outcomes.filter((each) => each.level === level);
    const isShops = level === 'high';
    const foundInShop = isShops ? (shop?.verdicts.reduce((sum, each) => sum + each.found, 0) ?? 0) : 0;
    return ratio(own.filter(isFound).length + foundInShop, own.length + (isShops ? seededInShop(shop) : 0));
  };
  return { high: of('high'), medium: of('medium'), low: of('low') };
}

/** A ceiling says how much it could be at most: it has no error. */
function isComparable({ fault, predictedMs, measured }: Outcome): boolean {
  return fault.fix !== 'ceiling' && predictedMs !== undefined && isKnownWell(measured);
}

function relativeError({ predictedMs = 0, measured }: Outcome): number {
  return (predictedMs - measured.ms) / measured.ms;
}

function errorOf(outcomes: readonly Outcome[], fix: 'structural' | 'connection' | undefined): number {
  const own = outcomes.filter((each) => isComparable(each) && (fix ?? each.fault.fix) === each.fault.fix);
  return medianOf(own.map((each) => Math.abs(relativeError(each))));
}

/** Half of 90 % of a normal distribution. */
const HALF_OF_90 = 1.645;

function coverageOf(outcomes: readonly Outcome[]): number {
  const known = outcomes.filter(
    ({ fault, finding, mean }) => fault.fix !== 'ceiling' && finding !== undefined && isKnownWell(mean),
  );
  return ratio(known.filter(isCovered).length, known.length);
}

/** Both are uncertain: their distance is held against both intervals together. */
function isCovered({ finding, mean }: Outcome): boolean {
  if (finding === undefined) return false;
  const { meanUs, lowUs, highUs } = finding.saving;
  const halfUs = mean.ms * 1000 < meanUs ? meanUs - lowUs : highUs - meanUs;
  const distanceUs = Math.abs(mean.ms * 1000 - meanUs);
  return distanceUs <= Math.hypot(Math.max(0, halfUs), HALF_OF_90 * mean.errorMs * 1000);
}

function outcomeScore(recording: string, outcome: Outcome): OutcomeScore {
  const { fault, level, finding, isAtLine, measured, predictedMs, mean } = outcome;
  const ms = (us: number | undefined): number | undefined => (us === undefined ? undefined : us / 1000);
  return {
    recording,
    fault: fault.name,
    level,
    found: finding?.kind,
    confidence: finding?.confidence,
    isAtLine,
    measured: measured.ms,
    measuredError: measured.errorMs,
    predicted: predictedMs,
    mean: mean.ms,
    meanError: mean.errorMs,
    meanLow: ms(finding?.saving.lowUs),
    meanHigh: ms(finding?.saving.highUs),
  };
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

/** NaN of nothing. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
