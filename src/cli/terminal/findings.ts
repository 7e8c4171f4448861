// What could be made faster. In: the home answer. Out: lines, the finding that saves most first, two lines each.
// Savings are predicted; `at most` where nobody can know, `unsure` where it rests on few requests
// or where the code has to be looked at first.

import type { FindingRow, FindingRows, HomeAnswer } from '../../answer/api.ts';
import { counted, formatDuration, formatSignedShare } from '../../base/numbers.ts';
import { FINDING_KINDS } from '../../model/finding.ts';
import type { NowAndAfter } from '../../model/finding.ts';
import { nothingFound } from '../../model/nothing-found.ts';
import type { Canvas } from './canvas.ts';
import { wrap } from './sentence.ts';
import { fittingPlace } from './place.ts';
import { left, right, safe, widthOf } from './text.ts';

/** `  1  −30.0%  `: the second line begins below the title. */
export const TITLE_START = 13;
/** Place, endpoint and gain share the second line: of 87 columns 36 and 21. */
const PLACE_SHARE = 0.41;
/** With fewer requests a p95 would be one of the slowest five: the median is said instead. */
const LEAST_FOR_P95 = 100;
/** Requests without any finding: so many must have been seen to say that there is none. */
const ENOUGH_REQUESTS = 100;

/** Nothing while there are too few requests to say anything. */
export function findingLines(home: HomeAnswer, limit: number, canvas: Canvas): readonly string[] {
  const { findings } = home;
  if (findings === undefined) return [];
  if (findings.rows.length === 0) return noFinding(home, canvas);
  return [
    '',
    canvas.paint.strong('Make it faster'),
    ...findings.rows.slice(0, limit).flatMap((row, index) => linesOf(row, index + 1, canvas)),
    ...together(findings, limit, canvas),
  ];
}

function noFinding(home: HomeAnswer, { traits, paint }: Canvas): readonly string[] {
  if (home.requests < ENOUGH_REQUESTS) return [];
  const text = nothingFound(home.categories, home.coverage.ownCode);
  return ['', ...wrap([{ text }], traits.width, paint)];
}

/** Two lines: what and which kind; where, for whom, and what it gives. */
export function linesOf(row: FindingRow, number: number, { traits, paint }: Canvas): readonly string[] {
  const kind = kindOf(row);
  const room = traits.width - TITLE_START;
  const title = left(safe(row.title), Math.max(0, room - widthOf(kind) - 2));
  const share = paint.tone('accent', left(formatSignedShare(-row.share), 8));
  const gain = gainOf(row);
  const place = Math.floor(room * PLACE_SHARE);
  const endpoint = room - place - widthOf(gain) - 2;
  const { method, route } = row.effect;
  return [
    `${right(String(number), 3)}  ${share}${title}  ${paint.weak(kind)}`,
    [
      ' '.repeat(TITLE_START),
      paint.weak(left(fittingPlace(row.callSite === '' ? row.service : row.callSite, place - 1), place)),
      endpoint < 8 ? ' '.repeat(Math.max(0, endpoint)) : left(safe(`${method} ${route}`), endpoint),
      `  ${gain}`,
    ].join(''),
  ];
}

/** `N+1 queries`, `slow query, at most`, `sequential calls, unsure`. */
export function kindOf({
  kind,
  isCeiling,
  confidence,
}: Pick<FindingRow, 'kind' | 'isCeiling' | 'confidence'>): string {
  const name = FINDING_KINDS.find(({ key }) => key === kind)?.name ?? kind;
  if (isCeiling) return `${name}, at most`;
  return confidence === 'low' ? `${name}, unsure` : name;
}

/** `p95 237 ms → 99.1 ms`. */
export function gainOf({ effect }: FindingRow): string {
  const isP95 = effect.requests >= LEAST_FOR_P95;
  const { nowUs, afterUs }: NowAndAfter = isP95 ? effect.p95 : effect.p50;
  return `${isP95 ? 'p95' : 'p50'} ${formatDuration(nowUs)} → ${formatDuration(afterUs)}`;
}

function together({ rows, togetherShare }: FindingRows, limit: number, { paint }: Canvas): readonly string[] {
  if (rows.length < 2) return [];
  const more = rows.length > limit ? `${counted(rows.length - limit, 'more finding')}. ` : '';
  return [
    paint.weak(
      `     ${more}All ${rows.length} together: ${formatSignedShare(-togetherShare)}${orderWords(rows.slice(0, limit))}`,
    ),
  ];
}

/** Then the numbers do not fall from row to row, and somebody asks why. */
export function orderWords(rows: readonly FindingRow[]): string {
  const isMixed = rows.some(({ share }, index) => share > (rows[index - 1]?.share ?? share));
  return isMixed ? '. Surer ones stand before unsure ones and upper bounds.' : '';
}

/** All of them, each with what to do: for the report. */
export function findingDetails(home: HomeAnswer, canvas: Canvas): readonly string[] {
  const { findings } = home;
  if (findings === undefined || findings.rows.length === 0) return noFinding(home, canvas);
  const { traits, paint } = canvas;
  const fixOf = (row: FindingRow): readonly string[] =>
    wrap([{ text: `${predicted(row)} ${row.fix}` }], traits.width - TITLE_START, paint).map(
      (line) => ' '.repeat(TITLE_START) + paint.weak(line),
    );
  return [
    '',
    paint.strong('Make it faster'),
    ...findings.rows.flatMap((row, index) => [...linesOf(row, index + 1, canvas), ...fixOf(row)]),
    ...together(findings, findings.rows.length, canvas),
  ];
}

/** `Predicted: 82.5 ms less per request (43 to 149 ms).` */
export function predicted({
  saving,
  isCeiling,
  confidence,
}: Pick<FindingRow, 'saving' | 'isCeiling' | 'confidence'>): string {
  const { meanUs, lowUs, highUs } = saving;
  const range = `${formatDuration(lowUs)} to ${formatDuration(highUs)}`;
  const most = isCeiling ? 'at most ' : '';
  return `Predicted: ${most}${formatDuration(meanUs)} less per request (${range}, confidence ${confidence}).`;
}
