// `wiretime report`: the answers without a browser. In: a data folder, a format, a time range. Out: text, JSON or Markdown on stdout.

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
import { openSource } from '../session/source.ts';
import type { CommandAnswers } from '../session/remote-answers.ts';
import { renderReportMarkdown } from '../terminal/report-markdown.ts';
import { renderReportText } from '../terminal/report-text.ts';
import { traitsOf } from '../terminal/traits.ts';

type Format = 'text' | 'json' | 'markdown';

interface ReportOptions extends DataOptions, RangeOptions {
  readonly format: Format;
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
    .addOption(fromOption())
    .addOption(toOption())
    .addHelpText('after', EXAMPLES)
    .action(report);
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
  const data = await answers.report(range);
  if (options.format === 'json') return `${JSON.stringify(data, undefined, 2)}\n`;
  // The report has made the findings: home knows them.
  const home = await answers.home(range);
  if (options.format === 'markdown') return renderReportMarkdown(home, data);
  return renderReportText(home, data, traitsOf(process.stdout, process.env));
}
