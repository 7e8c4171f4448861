#!/usr/bin/env node
// The composition root: the commands, and how each of them ends. In: the command line. Out: an exit code.

import { constants } from 'node:os';
import { Command, CommanderError } from 'commander';

import { doctorCommand } from './commands/doctor.ts';
import { envCommand } from './commands/env.ts';
import { openCommand } from './commands/open.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { ExitCode, Failure } from './failure.ts';
import { findInstallation, type Installation } from './installation.ts';
import { forgetFlagsThatAreOff } from './options.ts';
import { dieOfInterrupt, isForeground } from './process/signals.ts';
import { tell } from './terminal/say.ts';

const EXAMPLES = `
Start here:
  $ wiretime run -- npm start      then send your backend a few requests, and stop it with Ctrl-C
  $ wiretime open                  look at the recording in the browser

Every option can also be set by an environment variable; wiretime COMMAND --help names it.`;

function createProgram(installation: Installation, exit: (code: number) => void): Command {
  const commands = [
    runCommand(installation, exit),
    openCommand(),
    reportCommand(),
    serveCommand(),
    envCommand(installation),
    doctorCommand(installation, exit),
  ];
  const program = new Command('wiretime')
    .description('Where is our backend spending its time?')
    .version(installation.version, '-V, --version', 'print the version')
    .enablePositionalOptions()
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  for (const command of commands) program.addCommand(command.exitOverride());
  return program;
}

function fail(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (error instanceof Failure) {
    tell(error.message);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  tell(`Our own mistake, please report it.\n${stack}`);
  return ExitCode.internal;
}

const INTERRUPTED = ExitCode.signal + constants.signals.SIGINT;

/** Workers and sockets that refuse to close must not keep a program's exit code back. */
async function main(): Promise<void> {
  forgetFlagsThatAreOff(process.env);
  let code: number = ExitCode.ok;
  try {
    await createProgram(findInstallation(), (wanted) => (code = wanted)).parseAsync();
  } catch (error) {
    code = fail(error);
  }
  if (code === INTERRUPTED && isForeground()) dieOfInterrupt();
  process.exit(code);
}

await main();
