// `wiretime mark NAME`: from now on the recording is of NAME: a deploy, a commit, a change of configuration. In: a name, a data folder. Out: a
// line in its file of marks, by which `diff` and `check` find the time. Works while something records into the folder.

import { Command } from 'commander';

import { timeOf } from '../diff/side.ts';
import { ExitCode, Failure, messageOf } from '../failure.ts';
import { dataOption, folderOf, type DataOptions } from '../options.ts';
import { requireRecording } from '../session/data-folder.ts';
import { addMark } from '../session/marks.ts';

const EXAMPLES = `
Examples:
  $ wiretime mark v2 && ./deploy.sh v2     then, some minutes later: wiretime diff @v1 @v2
  $ wiretime mark "$(git rev-parse --short HEAD)"`;

export function markCommand(): Command {
  return new Command('mark')
    .summary('give what is recorded from now on a name, such as that of a deploy')
    .description(
      'Sets a mark: what is recorded from now on, up to the next mark, has this name in diff and check.',
    )
    .argument('<name>', 'letters, digits, and - _ . / + :')
    .addOption(dataOption())
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: DataOptions) => mark(name, options));
}

/** So that nobody has to ask what `@a..b` means. */
const NAME = /^(?!.*\.\.)[\p{L}\p{N}_./+:-]{1,100}$/u;

function mark(name: string, options: DataOptions): void {
  if (!NAME.test(name)) throw new Failure(`"${name}" is no name for a mark: ${ALLOWED}`, ExitCode.usage);
  if (timeOf(name, Date.now()) !== undefined)
    throw new Failure(`"${name}" is a time, so it cannot be the name of a mark.`, ExitCode.usage);
  const folder = folderOf(options);
  requireRecording(folder);
  const at = Date.now();
  try {
    addMark(folder.path, { name, at });
  } catch (error) {
    throw new Failure(`${folder.name} has not been marked: ${messageOf(error)}`);
  }
  process.stdout.write(`${folder.name} is marked ${name} from ${new Date(at).toISOString()} on\n`);
}

const ALLOWED = 'letters, digits, and - _ . / + : (no two dots in a row), 100 at most';
