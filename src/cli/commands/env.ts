// `wiretime env`: what a shell must export so that its programs join a running `wiretime serve`. Out: lines for eval on stdout.

import { Command } from 'commander';

import { Failure } from '../failure.ts';
import { agentFileOf, type Installation } from '../installation.ts';
import {
  dataOption,
  folderOf,
  profileOption,
  propagateOption,
  serviceOption,
  type DataOptions,
} from '../options.ts';
import { agentVariables } from '../process/agent-environment.ts';
import { readState, stateFileIn, userStateFile } from '../session/state-file.ts';

interface EnvOptions extends DataOptions {
  readonly service?: string;
  readonly propagate?: string;
  readonly profile?: boolean;
}

const EXAMPLES = `
Examples:
  $ eval "$(wiretime env)"                        then start your programs as always
  $ eval "$(wiretime env --service checkout)"     with a name of your own
  $ wiretime env | sed 's/^export //' > .env.wiretime`;

export function envCommand(installation: Installation): Command {
  return new Command('env')
    .summary('print what programs need to join a running wiretime serve')
    .description('Prints the variables that make programs of a shell join the running wiretime serve.')
    .addOption(dataOption())
    .addOption(serviceOption())
    .addOption(propagateOption())
    .addOption(profileOption())
    .addHelpText('after', EXAMPLES)
    .action((options: EnvOptions) => {
      const socketPath = runningSocket(options);
      const { service, propagate, profile } = options;
      const settings = {
        agentFile: agentFileOf(installation),
        pythonFolder: installation.pythonFolder,
        socketPath,
        service,
        propagate,
        profile,
      };
      const variables = agentVariables(settings, process.env);
      for (const [name, value] of Object.entries(variables))
        process.stdout.write(`export ${name}=${shellQuoted(value)}\n`);
    });
}

/** The one that records into this folder, else the one this user started last. */
function runningSocket(options: EnvOptions): string {
  const folder = folderOf(options);
  const state = readState(stateFileIn(folder.path)) ?? readState(userStateFile());
  if (state?.socketPath !== undefined) return state.socketPath;
  throw new Failure('No wiretime serve is running that programs could join. Start it: wiretime serve &');
}

/** POSIX: nothing is special between single quotes but the quote itself. */
function shellQuoted(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
