// A comparison in the terminal. In: a report, what the terminal can show. Out: text, 80 to 120 columns wide.

import type { DiffEndpoint, DiffReport } from '../../answer/traces/compare.ts';
import { counted, formatCount } from '../../base/numbers.ts';
import { canvasFor, printed, type Canvas } from '../terminal/canvas.ts';
import { shortPlace } from '../terminal/report-text.ts';
import { cut, left, right, safe, widthOf } from '../terminal/text.ts';
import type { TerminalTraits } from '../terminal/traits.ts';
import { endpointOf, factsOf, quantileWords, totalOf, VERDICTS } from './words.ts';

export function renderDiffText(report: DiffReport, traits: TerminalTraits): string {
  const canvas = canvasFor(traits);
  return printed(
    [
      ...sideLines(report, canvas),
      '',
      ...report.endpoints.flatMap((endpoint) => endpointLines(endpoint, report, canvas)),
      ...findingLines(report, canvas),
      '',
      canvas.paint.strong(totalOf(report)),
    ],
    canvas,
  );
}

/** A line each; where a name would lose its end, its facts stand below it. */
function sideLines({ sides }: DiffReport, { traits, paint }: Canvas): readonly string[] {
  const facts = [sides.a, sides.b].map(factsOfSide);
  const names = [sides.a, sides.b].map(({ name }) => safe(name));
  const widest = Math.max(...names.map(widthOf)) + 3;
  const fits = facts.every((text) => widest + 2 + widthOf(text) <= traits.width);
  return names.flatMap((name, index) => {
    const letter = 'AB'[index] ?? '';
    const fact = paint.weak(facts[index] ?? '');
    if (fits) return [`${left(`${letter}  ${name}`, widest)}  ${fact}`];
    return [cut(`${letter}  ${name}`, traits.width), `   ${fact}`];
  });
}

/** `2026-11-25 23:07:23 to 23:08:03 UTC, 6 029 requests`. */
function factsOfSide({ from, to, requests }: DiffReport['sides']['a']): string {
  const [day = '', begin = ''] = from.slice(0, 19).split('T');
  const [lastDay = '', end = ''] = to.slice(0, 19).split('T');
  const until = day === lastDay ? end : `${lastDay} ${end}`;
  return `${day} ${begin} to ${until} UTC, ${counted(requests, 'request')}`;
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
