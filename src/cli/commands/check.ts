// `wiretime check`: is the budget kept? In: a recording, a budget file. Out: each rule with what was measured, and an exit code for CI.

import { Command, Option } from 'commander';

import {
  checkExitCode,
  junitOption,
  printCheck,
  readBudget,
  sarifOption,
  writeCheckFiles,
  writeOutput,
  type CheckFiles,
} from '../check/check-outputs.ts';
import { renderCheckMarkdown } from '../check/check-markdown.ts';
import { checkBudget, type CheckReport } from '../check/check-report.ts';
import type { Range } from '../../answer/api.ts';
import { parsePart, rangeOf } from '../diff/side.ts';
import { dataOption, folderOf, type DataOptions, resultOption } from '../options.ts';
import { readMarks } from '../session/marks.ts';
import { openSource, type Source } from '../session/source.ts';
import { whileWaiting } from '../terminal/progress.ts';

interface CheckOptions extends DataOptions, CheckFiles {
  readonly budget: string;
  /** True: stdout. */
  readonly json?: string | true;
  readonly markdown?: string | true;
  readonly range?: string;
  readonly strict?: true;
}

const EXAMPLES = `
A budget (YAML or JSON; docs/check.md):
  "*":                     findings: none
  GET /cart/:id:           operations <= 6, new connections = 0, p95 <= 200 ms
  POST /order:
    - calls of "SELECT * FROM item*" <= 1
    - database <= 40 ms

Examples:
  $ wiretime check --budget budget.yml                                  a recording that was made before
  $ wiretime run --check budget.yml -- npm test                         record and check
  $ wiretime check --budget budget.yml --range v2                       since wiretime mark v2; it may still be recorded
  $ wiretime check --budget budget.yml --markdown >> "$GITHUB_STEP_SUMMARY"
  $ wiretime check --budget budget.yml --junit check.xml --sarif check.sarif

Ends with 0 when the budget is kept, 1 when it is broken, 2 when there is a mistake in it, 3 when nothing could be told.`;

export function checkCommand(exit: (code: number) => void): Command {
  return new Command('check')
    .summary('is the budget of operations, findings and time kept?')
    .description('Compares what the endpoints of a recording used with what a budget file allows.')
    .addOption(
      new Option('--budget <file>', 'what is allowed: YAML or JSON')
        .env('WIRETIME_BUDGET_FILE')
        .makeOptionMandatory(),
    )
    .addOption(dataOption())
    .addOption(resultOption('JSON', 'the check', 'CHECK'))
    .addOption(resultOption('Markdown', 'the check', 'CHECK'))
    .addOption(
      new Option('--range <part>', 'a part of the recording: FROM..TO, or the name of a mark').env(
        'WIRETIME_RANGE',
      ),
    )
    .addOption(junitOption())
    .addOption(sarifOption())
    .addOption(new Option('--strict', 'what cannot be told counts as broken').env('WIRETIME_STRICT'))
    .addHelpText('after', EXAMPLES)
    .action(async (options: CheckOptions) => exit(await check(options)));
}

async function check(options: CheckOptions): Promise<number> {
  const budget = readBudget(options.budget);
  const source = await openSource(folderOf(options));
  try {
    const range = await rangeIn(source, options);
    const checking = checkBudget(budget, options.budget, source.answers, range);
    const report = await whileWaiting('Looking at what the budget is about', checking);
    write(report, options);
    return checkExitCode(report, options.strict === true);
  } finally {
    await source.close();
  }
}

async function rangeIn({ answers }: Source, options: CheckOptions): Promise<Range> {
  if (options.range === undefined) return {};
  const { lastRequestAt = 0 } = await answers.status();
  return rangeOf(parsePart(options.range), lastRequestAt, readMarks(folderOf(options).path));
}

function write(report: CheckReport, options: CheckOptions): void {
  const json = fileOf(options.json);
  const markdown = fileOf(options.markdown);
  if (![json, markdown, options.junit, options.sarif].includes('-')) printCheck(report, process.stdout);
  if (json !== undefined) writeOutput(json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (markdown !== undefined) writeOutput(markdown, renderCheckMarkdown(report));
  writeCheckFiles(report, options);
}

function fileOf(option: string | true | undefined): string | undefined {
  return option === true ? '-' : option;
}
