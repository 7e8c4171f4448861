// The command line as a whole: all commands, and what they share. In: the installation. Out: a parser that runs them.
// Not here: how the process ends (main.ts).

import { Command } from 'commander';

import { checkCommand } from './commands/check.ts';
import { diffCommand } from './commands/diff.ts';
import { doctorCommand } from './commands/doctor.ts';
import { envCommand } from './commands/env.ts';
import { exportCommand } from './commands/export.ts';
import { findingsCommand } from './commands/findings.ts';
import { markCommand } from './commands/mark.ts';
import { openCommand } from './commands/open.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { topCommand } from './commands/top.ts';
import { traceCommand } from './commands/trace.ts';
import type { Installation } from './installation.ts';

const EXAMPLES = `
Start here:
  $ wiretime run -- npm start      then send your backend a few requests, and stop it with Ctrl-C
  $ wiretime open                  look at the recording in the browser

Every option can also be set by an environment variable; wiretime COMMAND --help names it.`;

/** Commands that decide the exit code themselves call `exit` with it; it throws CommanderError for wrong usage and after help. */
export function createProgram(installation: Installation, exit: (code: number) => void): Command {
  const commands = [
    runCommand(installation, exit),
    openCommand(),
    reportCommand(),
    findingsCommand(),
    traceCommand(),
    exportCommand(),
    topCommand(exit),
    checkCommand(exit),
    diffCommand(exit),
    markCommand(),
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
