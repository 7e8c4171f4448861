// A check for a pull request. In: a report. Out: GitHub-flavoured Markdown. Foreign text stands in code spans only.

import { NARROW_SPACE } from '../../base/numbers.ts';
import { code, escaped, table } from '../terminal/markdown.ts';
import { shortPlace } from '../terminal/report-text.ts';
import type { CheckReport, CheckResult } from './check-report.ts';
import { endpointOf, measuredOf, totalOf } from './words.ts';

const MARKS = { broken: '❌', 'cannot-tell': '❔', kept: '✅' } as const;

export function renderCheckMarkdown(report: CheckReport): string {
  const loud = report.results.filter(({ verdict }) => verdict !== 'kept');
  const kept = report.results.filter(({ verdict }) => verdict === 'kept');
  const blocks = [
    `## ${MARKS[report.verdict]} Network budget`,
    escaped(totalOf(report)),
    loud.length === 0 ? '' : resultTable(loud, report),
    kept.length === 0
      ? ''
      : `<details><summary>Kept: ${kept.length}</summary>\n\n${resultTable(kept, report)}\n\n</details>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`.replaceAll(NARROW_SPACE, '\u00a0');
}

function resultTable(results: readonly CheckResult[], report: CheckReport): string {
  const rows = results.map((result) => [
    MARKS[result.verdict],
    code(endpointOf(result, report)),
    code(result.rule),
    escaped(measuredOf(result)),
    result.places
      .map(
        ({ what, callSite }) => `${code(what)}${callSite === '' ? '' : ` at ${code(shortPlace(callSite))}`}`,
      )
      .join('<br>'),
  ]);
  return table(['', 'endpoint', 'budget', 'measured', 'where'], rows, 5);
}
