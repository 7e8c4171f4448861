// `wiretime report`: the answers without a browser. In: a data folder, a format, a time range. Out: text, JSON, Markdown or one HTML file on stdout.

import { Command, Option } from 'commander';

import {
  dataOption,
  folderOf,
  fromOption,
  rangeOf,
  toOption,
  type DataOptions,
  type RangeOptions,
} from '../options.ts';
import type { Range, Report, TailGap } from '../../answer/api.ts';
import { openSource } from '../session/source.ts';
import type { CommandAnswers } from '../session/remote-answers.ts';
import { ExitCode, Failure } from '../failure.ts';
import { renderReportPage } from '../report-page.ts';
import { startProgress, whileWaiting } from '../terminal/progress.ts';
import { renderReportMarkdown } from '../terminal/report-markdown.ts';
import { largestFirst, renderReportText } from '../terminal/report-text.ts';
import { tailKey, type Tails } from '../terminal/tail.ts';
import { traitsOf } from '../terminal/traits.ts';

type Format = 'text' | 'json' | 'markdown' | 'html';

interface ReportOptions extends DataOptions, RangeOptions {
  readonly format: Format;
  readonly trace: readonly string[];
}

const EXAMPLES = `
Examples:
  $ wiretime report                                      every endpoint, and what its requests do
  $ wiretime report --format markdown >> "$GITHUB_STEP_SUMMARY"
  $ wiretime report --format json | jq '.categories[] | select(.key == "db").share'
  $ wiretime report --format html > report.html          Home, findings and some traces in one file, for others
  $ wiretime report --from 2026-03-04T14:32 --to 2026-03-04T14:47

Works while a recording is running, and after it has ended. JSON has the schema wiretime.report/1 (docs/report.md).`;

export function reportCommand(): Command {
  return new Command('report')
    .summary('the answers without a browser: text, JSON, Markdown or HTML')
    .description('Prints where the time went, for every endpoint and its operations.')
    .addOption(dataOption())
    .addOption(
      new Option('--format <format>', 'how it is written')
        .choices(['text', 'json', 'markdown', 'html'])
        .env('WIRETIME_FORMAT')
        .default('text'),
    )
    .addOption(
      new Option(
        '--trace <ids>',
        'traces that go into the HTML file, by commas; those of findings are in it anyway',
      )
        .env('WIRETIME_TRACE')
        .argParser(parseIds)
        .default([], 'none'),
    )
    .addOption(fromOption())
    .addOption(toOption())
    .addHelpText('after', EXAMPLES)
    .action(report);
}

function parseIds(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((id) => id !== '');
}

async function report(options: ReportOptions): Promise<void> {
  const source = await openSource(folderOf(options));
  try {
    process.stdout.write(await rendered(source.answers, options));
  } finally {
    await source.close();
  }
}

async function rendered(answers: CommandAnswers, options: ReportOptions): Promise<string> {
  const range = rangeOf(options);
  if (options.format === 'html') return htmlOf(answers, options);
  const data = await whileWaiting('Looking at every endpoint, and for findings', answers.report(range));
  if (options.format === 'json') return `${JSON.stringify(data, undefined, 2)}\n`;
  // The report has made the findings: home knows them.
  const home = await answers.home(range);
  if (options.format === 'markdown') return renderReportMarkdown(home, data);
  const tails = await tailsOf(answers, range, data);
  return renderReportText(home, data, traitsOf(process.stdout, process.env), tails);
}

/** Each asks for some hundred traces: those of the endpoints that take most time are enough. */
const MOST_TAILS = 10;
/** Fewer have no p95. */
const LEAST_REQUESTS = 100;

async function tailsOf(answers: CommandAnswers, range: Range, { endpoints }: Report): Promise<Tails> {
  const wanted = largestFirst(endpoints.filter(({ requests }) => requests >= LEAST_REQUESTS));
  const tails = new Map<string, TailGap>();
  for (const endpoint of wanted.slice(0, MOST_TAILS)) {
    const { tail } = await answers.endpoint(endpoint, range);
    if (tail !== undefined) tails.set(tailKey(endpoint), tail);
  }
  return tails;
}

function htmlOf(answers: CommandAnswers, options: ReportOptions): Promise<string> {
  if (process.stdout.isTTY)
    throw new Failure('This is a file: wiretime report --format html > report.html', ExitCode.usage);
  const progress = startProgress('Collecting traces and findings');
  return renderReportPage(answers, { range: rangeOf(options), traces: options.trace, progress });
}
