// `wiretime report`: the answers without a browser. In: a data folder, a format, a time range. Out: text, JSON or Markdown on stdout.

import { Command, InvalidArgumentError, Option } from 'commander';

import type { Range } from '../../answer/api.ts';
import { dataOption, folderOf, type DataOptions } from '../options.ts';
import { openSource } from '../session/source.ts';
import type { ReportAnswers } from '../session/remote-answers.ts';
import { renderReportMarkdown } from '../terminal/report-markdown.ts';
import { renderReportText } from '../terminal/report-text.ts';
import { traitsOf } from '../terminal/traits.ts';

type Format = 'text' | 'json' | 'markdown';

interface ReportOptions extends DataOptions {
  readonly format: Format;
  readonly from?: number;
  readonly to?: number;
}

const EXAMPLES = `
Examples:
  $ wiretime report                                      every endpoint, and what its requests do
  $ wiretime report --format markdown >> "$GITHUB_STEP_SUMMARY"
  $ wiretime report --format json | jq '.categories[] | select(.key == "db").share'
  $ wiretime report --from 2026-03-04T14:32 --to 2026-03-04T14:47

Works while a recording is running, and after it has ended. JSON has the schema wiretime.report/1 (docs/report.md).`;

export function reportCommand(): Command {
  return new Command('report')
    .summary('the answers without a browser: text, JSON or Markdown')
    .description('Prints where the time went, for every endpoint and its operations.')
    .addOption(dataOption())
    .addOption(
      new Option('--format <format>', 'how it is written')
        .choices(['text', 'json', 'markdown'])
        .env('WIRETIME_FORMAT')
        .default('text'),
    )
    .addOption(timeOption('--from <time>', 'requests from this time on', 'WIRETIME_FROM'))
    .addOption(timeOption('--to <time>', 'requests up to this time', 'WIRETIME_TO'))
    .addHelpText('after', EXAMPLES)
    .action(report);
}

function timeOption(flags: string, description: string, variable: string): Option {
  return new Option(flags, `${description} (ISO 8601, local time when it names no zone)`)
    .env(variable)
    .argParser(parseTime);
}

/** µs since 1970 are exact up to here. */
const TOO_LATE = Date.parse('2255-01-01');

/** Milliseconds since 1970, from an ISO 8601 time or from that number itself. */
function parseTime(text: string): number {
  const time = /^\d{12,15}$/.test(text) ? Number(text) : Date.parse(text);
  if (time >= 0 && time < TOO_LATE) return time;
  throw new InvalidArgumentError('A time is written like 2026-03-04T14:32.');
}

async function report(options: ReportOptions): Promise<void> {
  const source = await openSource(folderOf(options));
  try {
    process.stdout.write(await rendered(source.answers, options));
  } finally {
    await source.close();
  }
}

async function rendered(answers: ReportAnswers, options: ReportOptions): Promise<string> {
  const range = rangeOf(options);
  const data = await answers.report(range);
  if (options.format === 'json') return `${JSON.stringify(data, undefined, 2)}\n`;
  // The report has made the findings: home knows them.
  const home = await answers.home(range);
  if (options.format === 'markdown') return renderReportMarkdown(home, data);
  return renderReportText(home, data, traitsOf(process.stdout, process.env));
}

function rangeOf({ from, to }: ReportOptions): Range {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
