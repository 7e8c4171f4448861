// `wiretime findings`: what could be made faster, and what has become of it. In: a recording, or a running wiretime; what a person says of a
// finding. Out: lists, one finding, or the state that follows, on stdout.

import { Argument, Command, Option } from 'commander';

import type { FindingAction, FindingAnswer } from '../../answer/api.ts';
import type { FindingList } from '../../model/finding.ts';
import { Failure, ExitCode, messageOf } from '../failure.ts';
import {
  dataOption,
  fromOption,
  jsonOption,
  rangeOf,
  toOption,
  urlOption,
  type DataOptions,
  type RangeOptions,
} from '../options.ts';
import type { CommandAnswers } from '../session/remote-answers.ts';
import { sourceOf } from '../session/source.ts';
import { renderFinding } from '../terminal/finding-detail.ts';
import { LISTS, lifeWords, renderFindingLists } from '../terminal/finding-lists.ts';
import { showsLinks } from '../terminal/link.ts';
import { whileWaiting } from '../terminal/progress.ts';
import { printable, safe } from '../terminal/text.ts';
import { traitsOf } from '../terminal/traits.ts';

interface FindingsOptions extends DataOptions, RangeOptions {
  readonly url?: string;
  readonly state: FindingList | 'all';
  readonly reason: string;
  readonly json?: boolean;
}

const ACTIONS: readonly FindingAction[] = ['verify', 'ignore', 'reopen'];
type Doing = 'list' | 'show' | FindingAction;

const EXAMPLES = `
Examples:
  $ wiretime findings                                       what could be made faster, the largest saving first
  $ wiretime findings show n-plus-one-1a2b3c4d              where, how much, how to fix it; the end of an id is enough: 1a2b3c4d
  $ wiretime findings verify 1a2b3c4d                       you have changed it: from now on it is measured
  $ wiretime findings ignore 1a2b3c4d --reason "by design"
  $ wiretime findings --state all --json`;

export function findingsCommand(): Command {
  return new Command('findings')
    .summary('what could be made faster: list, show, verify, ignore')
    .description('Lists what could be made faster, shows one finding, or notes what you say about it.')
    .addArgument(new Argument('[action]', 'what to do').choices(['list', 'show', ...ACTIONS]).default('list'))
    .argument('[id]', 'which finding: its id, or an end of it that no other has')
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(
      new Option('--state <state>', 'which of them are listed')
        .choices([...LISTS, 'all'])
        .env('WIRETIME_FINDINGS_STATE')
        .default('open'),
    )
    .addOption(new Option('--reason <text>', 'why, kept with the finding').env('WIRETIME_REASON').default(''))
    .addOption(fromOption())
    .addOption(toOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(findings);
}

async function findings(doing: Doing, id: string | undefined, options: FindingsOptions): Promise<void> {
  const source = await sourceOf(options);
  try {
    const text =
      doing === 'list' ? await list(source.answers, options) : await one(source.answers, doing, id, options);
    process.stdout.write(text);
  } finally {
    await source.close();
  }
}

const traits = () => traitsOf(process.stdout, process.env);
const asJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

async function list(answers: CommandAnswers, options: FindingsOptions): Promise<string> {
  const lists = await listsOf(answers, options);
  if (options.json === true) return asJson(lists);
  return renderFindingLists(lists, options.state === 'all' ? LISTS : [options.state], traits());
}

async function listsOf(answers: CommandAnswers, options: FindingsOptions) {
  const looking = Promise.resolve(answers.findingLists?.(rangeOf(options)));
  const lists = await whileWaiting('Looking for findings', looking);
  if (lists === undefined) throw new Failure('These answers have no findings.');
  return lists;
}

async function one(
  answers: CommandAnswers,
  doing: 'show' | FindingAction,
  typed: string | undefined,
  options: FindingsOptions,
): Promise<string> {
  if (typed === undefined)
    throw new Failure(`Which finding? Name it: wiretime findings ${doing} ID`, ExitCode.usage);
  const id = await idOf(answers, typed, options);
  if (doing === 'show') return show(await answers.finding?.(id, rangeOf(options)), typed, options);
  return act(answers, id, doing, options);
}

/** A whole id, or an end of one. */
async function idOf(answers: CommandAnswers, typed: string, options: FindingsOptions): Promise<string> {
  const { lists } = await listsOf(answers, options);
  const ids = LISTS.flatMap((name) => lists[name].map(({ id }) => id));
  if (ids.includes(typed)) return typed;
  const [first, ...others] = ids.filter((id) => id.endsWith(typed) || id.startsWith(typed));
  if (first === undefined) return typed;
  if (others.length === 0) return first;
  throw new Failure(`"${safe(typed)}" could be ${[first, ...others].join(', ')}.`);
}

function unknown(typed: string): Failure {
  return new Failure(
    `There is no finding "${safe(typed)}". They are listed by: wiretime findings --state all`,
  );
}

function show(answer: FindingAnswer | undefined, typed: string, { json }: FindingsOptions): string {
  if (answer === undefined) throw unknown(typed);
  if (json === true) return asJson(answer);
  return renderFinding(answer, traits(), showsLinks(process.stdout.isTTY, process.env));
}

async function act(
  answers: CommandAnswers,
  id: string,
  action: FindingAction,
  { reason, json }: FindingsOptions,
): Promise<string> {
  const life = await answers.actOnFinding?.(id, action, reason).catch((error: unknown) => {
    throw new Failure(`That could not be kept: ${messageOf(error)}`, undefined, { cause: error });
  });
  if (life === undefined) throw unknown(id);
  if (json === true) return asJson(life);
  return printable(`${safe(id)}: ${lifeWords(life) || 'open'}\n`, traits().isUnicode);
}
