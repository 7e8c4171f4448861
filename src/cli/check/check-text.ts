// A check in the terminal. In: a report, what the terminal can show. Out: text, 80 to 120 columns wide.

import { canvasFor, printed, type Canvas } from '../terminal/canvas.ts';
import { shortPlace } from '../terminal/report-text.ts';
import { cut, left, right, safe, widthOf } from '../terminal/text.ts';
import type { TerminalTraits } from '../terminal/traits.ts';
import type { CheckReport, CheckResult } from './check-report.ts';
import { endpointOf, measuredOf, totalOf } from './words.ts';

/** The first places say where to look; --json has all. */
const PLACES = 3;

export function renderCheckText(report: CheckReport, traits: TerminalTraits): string {
  const canvas = canvasFor(traits);
  const lines = report.results.flatMap((result) => resultLines(result, report, canvas));
  return printed([...lines, '', summary(report, canvas)], canvas);
}

function summary(report: CheckReport, { paint }: Canvas): string {
  const text = safe(totalOf(report));
  return report.broken > 0 ? paint.tone('bad', text) : paint.strong(text);
}

function resultLines(result: CheckResult, report: CheckReport, canvas: Canvas): readonly string[] {
  const { traits, paint } = canvas;
  const width = traits.width - 2;
  const endpoint = Math.floor(width * 0.32);
  const measured = Math.floor(width * 0.3);
  const rule = width - endpoint - measured - 2;
  const cells = [
    left(safe(endpointOf(result, report)), endpoint),
    left(signed(safe(result.rule), canvas), rule),
    right(safe(measuredOf(result)), measured),
  ];
  const line = `${markOf(result, canvas)} ${cells.join(' ')}`;
  return [result.verdict === 'kept' ? paint.weak(line) : line, ...placeLines(result, canvas)];
}

function markOf({ verdict }: CheckResult, { paint }: Canvas): string {
  if (verdict === 'broken') return paint.tone('bad', '✕');
  return verdict === 'kept' ? '✓' : paint.tone('warn', '?');
}

/** Comparison signs of two letters, where there are only ASCII letters: a column too many is cut later. */
function signed(rule: string, { traits }: Canvas): string {
  return traits.isUnicode ? rule : rule.replaceAll('≤', '<=').replaceAll('≥', '>=');
}

function placeLines({ verdict, places }: CheckResult, { traits, paint }: Canvas): readonly string[] {
  if (verdict !== 'broken') return [];
  return places.slice(0, PLACES).map(({ what, callSite }) => {
    const place = callSite === '' ? '' : `  ${shortPlace(safe(callSite))}`;
    const room = Math.max(20, traits.width - 4 - widthOf(place));
    return `    ${cut(safe(what), room)}${paint.weak(cut(place, traits.width - 24))}`;
  });
}
