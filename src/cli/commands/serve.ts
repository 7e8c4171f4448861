// `wiretime serve`: collector and pages as a daemon. In: where to keep, where to listen. Out: an address, until SIGTERM or Ctrl-C.

import { Command, Option } from 'commander';

import { messageOf } from '../failure.ts';
import {
  dataOption,
  folderOf,
  hostOption,
  pagesOf,
  keepDaysOption,
  keepSizeOption,
  portOption,
  retentionOf,
  tokenOption,
  type DataOptions,
  type KeepOptions,
  type PageOptions,
} from '../options.ts';
import { endSignal } from '../process/signals.ts';
import { startRecording } from '../session/recording.ts';
import { removeState, userStateFile, writeState } from '../session/state-file.ts';
import { say, tell } from '../terminal/say.ts';

interface ServeOptions extends DataOptions, PageOptions, KeepOptions {
  readonly socket?: string;
}

const EXAMPLES = `
Examples:
  $ wiretime serve &                          collect and show, until SIGTERM or Ctrl-C
  $ eval "$(wiretime env)" && npm start       let a program join, in any shell of this user
  $ wiretime serve --host 0.0.0.0 --token "$SECRET"
  $ wiretime serve --socket /run/app/wiretime.sock      for programs of other users, or in containers`;

export function serveCommand(): Command {
  return new Command('serve')
    .summary('collect in the background; programs join with wiretime env')
    .description('Collects from every program that joins, and serves the pages, until SIGTERM or Ctrl-C.')
    .addOption(dataOption())
    .addOption(keepDaysOption())
    .addOption(keepSizeOption())
    .addOption(portOption())
    .addOption(hostOption())
    .addOption(tokenOption())
    .addOption(
      // Not WIRETIME_SOCKET: that is where the programs of a shell connect, also after their collector has ended.
      new Option('--socket <path>', 'where programs connect (default: a new one, for this user only)').env(
        'WIRETIME_SERVE_SOCKET',
      ),
    )
    .addHelpText('after', EXAMPLES)
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const end = endSignal();
  const folder = folderOf(options);
  const recording = await startRecording({
    command: 'serve',
    dataFolder: folder,
    pages: pagesOf(options),
    socketPath: options.socket,
    retention: retentionOf(options),
    onLoss: (error) => tell(`The recording cannot be saved: ${messageOf(error)}.`),
  });
  try {
    writeState(userStateFile(), recording.state);
    say(`wiretime  ${recording.url ?? ''}   saving to ${folder.name}`);
    say('Programs join with:  eval "$(wiretime env)"');
    await end;
  } finally {
    removeState(userStateFile());
    await recording.close();
  }
}
