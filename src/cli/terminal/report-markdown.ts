// `wiretime report --format markdown`: for a pull request or an issue. In: answers. Out: GitHub-flavoured Markdown.
// Foreign text (routes, statements, names) only ever stands in code spans, so it cannot become markup.

import type { EndpointRow, HomeAnswer, Report, ReportEndpoint } from '../../answer/api.ts';
import {
  counted,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
  formatSignedShare,
  NARROW_SPACE,
} from '../../base/numbers.ts';
import { CATEGORIES } from '../../model/category.ts';
import { formatPercentile } from './canvas.ts';
import { coverageSentences } from './coverage.ts';
import { detailOf, formatRequestRate, routeName } from './endpoints.ts';
import { gainOf, kindOf } from './findings.ts';
import { code, escaped, htmlCode, table } from './markdown.ts';
import { partsOf } from './parts.ts';
import { largestFirst, msPerRequest, named, shortPlace } from './report-text.ts';

const OPERATION_LIMIT = 10;

export function renderReportMarkdown(home: HomeAnswer, report: Report): string {
  const blocks = [
    '## Where the time goes',
    `${sentence(home)}`,
    categoryTable(home),
    '### Endpoints',
    endpointTable(home, report),
    ...findingBlocks(home),
    ...largestFirst(report.endpoints)
      .filter(({ operations }) => operations.length > 0)
      .map(operationBlock),
    coverageSentences(home).map(escaped).join(' '),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`.replaceAll(NARROW_SPACE, '\u00a0');
}

function sentence({ sentence: first, second }: HomeAnswer): string {
  return [...first, { text: ' ' }, ...second]
    .map((piece) =>
      'isStrong' in piece && piece.isStrong ? `**${escaped(piece.text)}**` : escaped(piece.text),
    )
    .join('');
}

function categoryTable({ categories, totalUs }: HomeAnswer): string {
  const shown = categories.filter(({ share }) => share >= 0.0005).sort((a, b) => b.us - a.us);
  const rows = shown.map(({ key, us, share }) => [
    CATEGORIES.find((category) => category.key === key)?.name ?? key,
    formatShare(share),
    formatDuration(us),
  ]);
  return table(['', 'share', `of ${formatDuration(totalUs)}`], [...rows], 1);
}

function endpointTable(home: HomeAnswer, report: Report): string {
  const entries = home.endpoints.filter(({ isEntry }) => isEntry).sort((a, b) => b.totalUs - a.totalUs);
  return table(
    ['endpoint', 'where it goes', 'req/min', 'p50', 'p95', 'p99', 'share', 'errors'],
    entries.map((endpoint) => endpointCells(endpoint, home, report)),
    2,
  );
}

function endpointCells(endpoint: EndpointRow, home: HomeAnswer, report: Report): readonly string[] {
  const { duration, requests, errors } = endpoint;
  return [
    code(`${endpoint.method} ${routeName(endpoint, home.endpoints)}`),
    escaped(partsOf(endpoint, home.dependencies, detailOf(endpoint, report))),
    formatRequestRate(requests, home.window.seconds),
    formatPercentile(duration.p50Us),
    formatPercentile(duration.p95Us),
    formatPercentile(duration.p99Us),
    formatShare(home.totalUs === 0 ? 0 : endpoint.totalUs / home.totalUs),
    errors === 0 ? '0' : formatShare(errors / requests),
  ];
}

/** What to change, one line each: the place, what it saves, and how. */
function findingBlocks({ findings }: HomeAnswer): readonly string[] {
  if (findings === undefined || findings.rows.length === 0) return [];
  const rows = findings.rows.map((row) => [
    escaped(row.title),
    escaped(kindOf(row)),
    row.callSite === '' ? '' : code(shortPlace(row.callSite)),
    `${code(`${row.effect.method} ${row.effect.route}`)} ${escaped(gainOf(row))}`,
    escaped(row.fix),
    formatSignedShare(-row.share),
  ]);
  const together = `All together, overlaps counted once: ${formatSignedShare(-findings.togetherShare)}.`;
  return [
    '### Make it faster',
    table(['what', 'kind', 'where', 'gains most', 'fix', 'saves'], rows, 5),
    together,
  ];
}

function operationBlock(endpoint: ReportEndpoint): string {
  const sorted = [...endpoint.operations].sort((a, b) => msPerRequest(b) - msPerRequest(a));
  const rows = sorted
    .slice(0, OPERATION_LIMIT)
    .map((operation) => [
      code(named(operation)),
      operation.callSite === '' ? '' : code(shortPlace(operation.callSite)),
      formatRate(operation.perRequest),
      formatDuration(operation.ms.mean * 1000),
      formatDuration(msPerRequest(operation) * 1000),
      formatCount(operation.errors),
    ]);
  const title = `${htmlCode(`${endpoint.method} ${endpoint.route}`)}: ${counted(sorted.length, 'operation')}`;
  const body = table(
    ['operation', 'called at', 'per request', 'mean', 'per request, in all', 'errors'],
    rows,
    2,
  );
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
