// A comparison for a pull request. In: a report. Out: GitHub-flavoured Markdown. Foreign text stands in code spans only.

import type { DiffEndpoint, DiffReport } from '../../answer/traces/compare.ts';
import { formatCount, NARROW_SPACE } from '../../base/numbers.ts';
import { code, escaped, table } from '../terminal/markdown.ts';
import { shortPlace } from '../terminal/report-text.ts';
import { endpointOf, factsOf, quantileWords, totalOf, VERDICTS } from './words.ts';

export function renderDiffMarkdown(report: DiffReport): string {
  const { a, b } = report.sides;
  const isQuiet = ({ verdict }: DiffEndpoint) => verdict === 'no-change' || verdict === 'cannot-tell';
  const quiet = report.endpoints.filter(isQuiet);
  const loud = report.endpoints.filter((endpoint) => !isQuiet(endpoint));
  const blocks = [
    '## What changed',
    `A ${code(a.name)}, ${formatCount(a.requests)} requests. B ${code(b.name)}, ${formatCount(b.requests)} requests. ${escaped(totalOf(report))}.`,
    loud.length === 0 ? '' : endpointTable(loud, report),
    findingTable(report),
    quiet.length === 0
      ? ''
      : `<details><summary>No change, or cannot tell: ${quiet.length}</summary>\n\n${endpointTable(quiet, report)}\n\n</details>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`.replaceAll(NARROW_SPACE, '\u00a0');
}

function endpointTable(endpoints: readonly DiffEndpoint[], report: DiffReport): string {
  const rows = endpoints.map((endpoint) => {
    const { verdict, latency, reason, requests } = endpoint;
    return [
      verdict === 'slower' ? `**${VERDICTS[verdict]}**` : VERDICTS[verdict],
      code(endpointOf(endpoint, report)),
      latency === null ? escaped(reason) : escaped(quantileWords(latency.p50)),
      latency === null ? '' : escaped(quantileWords(latency.p95)),
      factsOf(endpoint).map(code).join('<br>'),
      `${formatCount(requests.a)} → ${formatCount(requests.b)}`,
    ];
  });
  return table(['', 'endpoint', 'p50', 'p95', 'what else', 'requests'], rows, 5);
}

function findingTable({ findings }: DiffReport): string {
  const rows = (word: string, list: DiffReport['findings']['new']) =>
    list.map(({ title, method, route, callSite }) => [
      word,
      escaped(title),
      code(`${method} ${route}`),
      callSite === '' ? '' : code(shortPlace(callSite)),
    ]);
  const all = [...rows('new', findings.new), ...rows('gone', findings.gone)];
  return all.length === 0 ? '' : table(['', 'finding', 'endpoint', 'where'], all, 4);
}
