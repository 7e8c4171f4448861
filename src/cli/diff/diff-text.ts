// A comparison in the terminal. In: a report, what the terminal can show. Out: text, 80 to 120 columns wide.

import type { DiffEndpoint, DiffReport } from '../../answer/traces/compare.ts';
import { formatCount } from '../../base/numbers.ts';
import { canvasFor, counted, printed, type Canvas } from '../terminal/canvas.ts';
import { shortPlace } from '../terminal/report-text.ts';
import { cut, left, right, safe } from '../terminal/text.ts';
import type { TerminalTraits } from '../terminal/traits.ts';
import { endpointOf, factsOf, quantileWords, totalOf, VERDICTS } from './words.ts';

export function renderDiffText(report: DiffReport, traits: TerminalTraits): string {
  const canvas = canvasFor(traits);
  return printed(
    [
      sideLine('A', report.sides.a, canvas),
      sideLine('B', report.sides.b, canvas),
      '',
      ...report.endpoints.flatMap((endpoint) => endpointLines(endpoint, report, canvas)),
      ...findingLines(report, canvas),
      '',
      canvas.paint.strong(totalOf(report)),
    ],
    canvas,
  );
}

function sideLine(letter: string, side: DiffReport['sides']['a'], { traits, paint }: Canvas): string {
  const facts = `  ${side.from} to ${side.to}, ${counted(side.requests, 'request')}`;
  return `${letter}  ${left(safe(side.name), Math.max(8, traits.width - 4 - facts.length))}${paint.weak(facts)}`;
}

const VERDICT_COLUMNS = 11;
const COUNT_COLUMNS = 28;

function endpointLines(endpoint: DiffEndpoint, report: DiffReport, canvas: Canvas): readonly string[] {
  const { traits, paint } = canvas;
  const { verdict, requests, reason, latency } = endpoint;
  const counts = `${formatCount(requests.a)} → ${counted(requests.b, 'request')}`;
  const name = left(
    safe(endpointOf(endpoint, report)),
    traits.width - 2 - VERDICT_COLUMNS - 1 - COUNT_COLUMNS,
  );
  const head = `${markOf(endpoint, canvas)} ${left(VERDICTS[verdict], VERDICT_COLUMNS)} ${name}${right(counts, COUNT_COLUMNS)}`;
  const isLoud = verdict !== 'no-change' && verdict !== 'cannot-tell';
  const details = [
    ...(reason === '' ? [] : [reason]),
    ...(latency === null ? [] : [`p50 ${quantileWords(latency.p50)}`, `p95 ${quantileWords(latency.p95)}`]),
    ...factsOf(endpoint),
  ];
  return [
    isLoud ? paint.strong(head) : head,
    ...details.map((detail) => paint.weak(`    ${cut(safe(detail), traits.width - 4)}`)),
  ];
}

function markOf({ verdict }: DiffEndpoint, { paint }: Canvas): string {
  if (verdict === 'slower') return paint.tone('bad', '✕');
  if (verdict === 'faster') return paint.tone('accent', '✓');
  return verdict === 'cannot-tell' ? paint.tone('warn', '?') : '·';
}

function findingLines({ findings }: DiffReport, canvas: Canvas): readonly string[] {
  const { traits, paint } = canvas;
  const lines = (word: string, list: DiffReport['findings']['new']) =>
    list.map(({ title, method, route, callSite }) => {
      const place = callSite === '' ? '' : `  ${shortPlace(safe(callSite))}`;
      return `  ${left(word, 5)} ${cut(`${safe(title)}  ${safe(`${method} ${route}`)}${place}`, traits.width - 8)}`;
    });
  const all = [...lines('new', findings.new), ...lines('gone', findings.gone)];
  return all.length === 0 ? [] : ['', paint.strong('Findings'), ...all];
}
