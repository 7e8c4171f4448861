// `wiretime diff`: what is different between two recordings, or two times of one? In: two sides. Out: what changed, and an exit code for CI.

import { Command, Option } from 'commander';

import { compareSides, type DiffReport, type NamedSide } from '../../answer/traces/compare.ts';
import { renderDiffMarkdown } from '../diff/diff-markdown.ts';
import { renderDiffText } from '../diff/diff-text.ts';
import { parseSide, rangeOf, type SideText } from '../diff/side.ts';
import { writeOutput } from '../check/check-outputs.ts';
import { ExitCode, Failure } from '../failure.ts';
import { dataOption, type DataOptions, resultOption } from '../options.ts';
import { dataFolderAt } from '../session/data-folder.ts';
import { readMarks } from '../session/marks.ts';
import { openSource } from '../session/source.ts';
import { whileWaiting } from '../terminal/progress.ts';
import { safe } from '../terminal/text.ts';
import { traitsOf } from '../terminal/traits.ts';

interface DiffOptions extends DataOptions {
  /** True: stdout. */
  readonly json?: string | true;
  readonly markdown?: string | true;
  readonly failOn: 'nothing' | 'slower' | 'findings' | 'any';
}

const EXAMPLES = `
Examples:
  $ wiretime diff before after                     two recordings: run --data before …, run --data after …
  $ wiretime diff @14:00..14:15 @14:30..14:45      two times of the recording in .wiretime
  $ wiretime diff @-30m..-15m @-15m..              counted from its last request
  $ wiretime diff @v1 @v2                          two marks (wiretime mark v2), also while it is recorded
  $ wiretime diff main pr --fail-on slower --markdown >> "$GITHUB_STEP_SUMMARY"

Ends with 0, 1 when --fail-on says so, 2 for wrong options, 3 when there is too little data to compare any endpoint.`;

export function diffCommand(exit: (code: number) => void): Command {
  return new Command('diff')
    .summary('what is different between two recordings, or two times of one')
    .description(
      'Compares the requests of two sides, A (before) and B (after): a folder, FOLDER@FROM..TO, @FROM..TO, or @MARK.',
    )
    .argument('<a>', 'before')
    .argument('<b>', 'after')
    .addOption(dataOption())
    .addOption(resultOption('JSON', 'the comparison', 'DIFF'))
    .addOption(resultOption('Markdown', 'the comparison', 'DIFF'))
    .addOption(
      new Option('--fail-on <what>', 'end with 1 when B has slower endpoints, new findings, or any of both')
        .choices(['nothing', 'slower', 'findings', 'any'])
        .env('WIRETIME_FAIL_ON')
        .default('nothing'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (a: string, b: string, options: DiffOptions) => exit(await diff(a, b, options)));
}

async function diff(a: string, b: string, options: DiffOptions): Promise<number> {
  if (a === b) throw new Failure('Both sides are the same.', ExitCode.usage);
  const [before, after] = [parseSide(a), parseSide(b)];
  const report = compareSides(await readSide(a, before, options), await readSide(b, after, options));
  write(report, options);
  return exitCodeOf(report, options.failOn);
}

async function readSide(name: string, side: SideText, { data }: DataOptions): Promise<NamedSide> {
  const folder = dataFolderAt(side.folder ?? data);
  const { answers, close } = await openSource(folder);
  try {
    const { lastRequestAt = 0 } = await answers.status();
    const range = rangeOf(side, lastRequestAt, readMarks(folder.path));
    const looking = async () => {
      const { findings } = await answers.findings(range, true);
      return { name, side: await answers.comparisonSide(range), findings };
    };
    return await whileWaiting(`Looking at ${safe(name.slice(0, 60))}`, looking());
  } finally {
    await close();
  }
}

function write(report: DiffReport, options: DiffOptions): void {
  const [json, markdown] = [options.json, options.markdown].map((file) => (file === true ? '-' : file));
  if (json !== '-' && markdown !== '-')
    process.stdout.write(renderDiffText(report, traitsOf(process.stdout, process.env)));
  if (json !== undefined) writeOutput(json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (markdown !== undefined) writeOutput(markdown, renderDiffMarkdown(report));
}

function exitCodeOf({ endpoints, findings }: DiffReport, failOn: DiffOptions['failOn']): number {
  const isSlower = endpoints.some(({ verdict }) => verdict === 'slower');
  if ((failOn === 'slower' || failOn === 'any') && isSlower) return ExitCode.failed;
  if ((failOn === 'findings' || failOn === 'any') && findings.new.length > 0) return ExitCode.failed;
  return endpoints.some(({ latency }) => latency !== null) ? ExitCode.ok : ExitCode.tooLittle;
}
