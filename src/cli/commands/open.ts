// `wiretime open [DIR]`: the pages over saved data. In: a data folder. Out: an address, and the browser when there is one.

import { Command, Option } from 'commander';

import { openBrowser } from '../browser.ts';
import { hostOption, pagesOf, portOption, tokenOption, type PageOptions } from '../options.ts';
import { endSignal } from '../process/signals.ts';
import { dataFolderAt, type DataFolder } from '../session/data-folder.ts';
import { startPages } from '../session/pages.ts';
import { openSource } from '../session/source.ts';
import { removeState, stateFileIn, writeState } from '../session/state-file.ts';
import type { Answers } from '../../answer/answers.ts';
import { askFirstQuestions } from '../../answer/first-questions.ts';
import { say } from '../terminal/say.ts';

interface OpenOptions extends PageOptions {
  readonly data?: string;
  readonly browser: boolean;
}

const EXAMPLES = `
Examples:
  $ wiretime open                       the recording in .wiretime/
  $ wiretime open ~/recordings/monday   another one
  $ wiretime open --no-browser --port 8080`;

export function openCommand(): Command {
  return new Command('open')
    .summary('look at a recording in the browser')
    .description('Serves the pages over a recording until Ctrl-C, and opens the browser.')
    .argument('[dir]', 'where the recording is kept (default: .wiretime)')
    .addOption(new Option('--data <dir>', 'the same, as other commands have it').env('WIRETIME_DATA'))
    .addOption(portOption())
    .addOption(hostOption())
    .addOption(tokenOption())
    .addOption(new Option('--no-browser', 'only print the address').env('WIRETIME_NO_BROWSER'))
    .addHelpText('after', EXAMPLES)
    .action(open);
}

async function open(typed: string | undefined, options: OpenOptions): Promise<void> {
  const folder = dataFolderAt(typed ?? options.data ?? '.wiretime');
  const source = await openSource(folder);
  try {
    if (source.kind === 'own') await serveSaved(source.answers, folder, options);
    else await show(source.url, options);
  } finally {
    await source.close();
  }
}

async function serveSaved(answers: Answers, folder: DataFolder, options: OpenOptions): Promise<void> {
  const server = await startPages(answers, pagesOf(options));
  // While the browser starts.
  void askFirstQuestions(answers);
  const file = stateFileIn(folder.path);
  writeState(file, { pid: process.pid, command: 'open', dataFolder: folder.path, url: server.url });
  const end = endSignal();
  await show(server.url, options);
  await end;
  removeState(file);
  await server.close();
}

async function show(url: string, { browser }: OpenOptions): Promise<void> {
  say(`wiretime  ${url}`);
  if (browser) await openBrowser(url);
}
