// `wiretime run -- CMD…`: records a program while it runs. In: a command. Out: its exit code, and a summary on stderr.
// The collector and the store are ready before the program starts; whatever the program sent is stored before we end.

import { Command, Option } from 'commander';

import { openBrowser } from '../browser.ts';
import { agentFileOf, type Installation } from '../installation.ts';
import {
  dataOption,
  folderOf,
  hostOption,
  pagesOf,
  keepDaysOption,
  keepSizeOption,
  portOption,
  profileOption,
  propagateOption,
  retentionOf,
  serviceOption,
  tokenOption,
  type KeepOptions,
  type PageOptions,
} from '../options.ts';
import { ExitCode } from '../failure.ts';
import { agentVariables } from '../process/agent-environment.ts';
import { exitCodeOf, startChild, type Child, type ChildEnd } from '../process/child.ts';
import { holdSignals, relaySignals } from '../process/signals.ts';
import { startRecording, type Recording } from '../session/recording.ts';
import { junitOption, readBudget, sarifOption } from '../check/check-outputs.ts';
import { finish, sayLoss, sayUnreported, type EndingOptions } from './run-ending.ts';
import { say } from '../terminal/say.ts';

interface RunOptions extends EndingOptions, PageOptions, KeepOptions {
  readonly ui: boolean;
  readonly open?: boolean;
  readonly service?: string;
  readonly propagate?: string;
  readonly profile?: boolean;
}

const EXAMPLES = `
Examples:
  $ wiretime run -- npm start                     the whole program, and everything it starts
  $ wiretime run -- node server.js                … then send it a few requests, and stop it with Ctrl-C
  $ wiretime run --summary short -- npm test      the answer in three lines
  $ wiretime run --json time.json --no-ui -- ./load-test.sh
  $ wiretime run --profile -- npm start           … and see which lines of code take the CPU
  $ wiretime run --check budget.yml -- npm test   … and fail when a request does more than the budget allows

The exit code is that of the program: its own, 128 + n when signal n ended it, 127 when there is no such
command, 126 when it cannot be executed; 1 when wiretime itself could not start (the program was not run).
With --check, a program that ended well gives 1 when the budget is broken, 3 when nothing could be told, 2 (before
the program starts) when there is a mistake in the budget.`;

/** `wiretime run`; calls `exit` with the code to end with. */
export function runCommand(installation: Installation, exit: (code: number) => void): Command {
  return new Command('run')
    .summary('record a program while it runs, and say where its time goes')
    .description('Runs a program with the agent inside, shows where its requests spend their time.')
    .argument('<command...>', 'the program and its arguments, after --')
    .addOption(dataOption())
    .addOption(
      new Option('--summary <kind>', 'what is printed at the end')
        .choices(['full', 'short', 'none'])
        .env('WIRETIME_SUMMARY')
        .default('full'),
    )
    .addOption(
      new Option('--json <file>', 'also write the report to a file (- is stdout)').env('WIRETIME_JSON'),
    )
    .addOption(
      new Option('--check <file>', 'a budget that must be kept: ends with 1 when it is broken').env(
        'WIRETIME_CHECK',
      ),
    )
    .addOption(junitOption())
    .addOption(sarifOption())
    .addOption(keepDaysOption())
    .addOption(keepSizeOption())
    .addOption(portOption())
    .addOption(hostOption())
    .addOption(tokenOption())
    .addOption(new Option('--no-ui', 'do not serve the pages').env('WIRETIME_NO_UI'))
    .addOption(new Option('--open', 'open the pages in the browser').env('WIRETIME_OPEN'))
    .addOption(serviceOption())
    .addOption(propagateOption())
    .addOption(profileOption())
    .addOption(
      new Option('--keep-open', 'serve the pages after the program has ended, until Ctrl-C').env(
        'WIRETIME_KEEP_OPEN',
      ),
    )
    .passThroughOptions()
    .addHelpText('after', EXAMPLES)
    .action(async (command: readonly string[], options: RunOptions) =>
      exit(await run(command, options, installation)),
    );
}

async function run(
  [program = '', ...args]: readonly string[],
  options: RunOptions,
  installation: Installation,
): Promise<number> {
  const agentFile = agentFileOf(installation);
  const budget = options.check === undefined ? undefined : readBudget(options.check);
  const held = holdSignals();
  const recording = await startRecording({
    command: 'run',
    dataFolder: folderOf(options),
    pages: options.ui ? pagesOf(options) : undefined,
    retention: retentionOf(options),
    onLoss: sayLoss,
  });
  try {
    if (held.first !== undefined) return exitCodeOf({ code: undefined, signal: held.first });
    held.stop();
    const from = Date.now();
    const { pythonFolder } = installation;
    const { service, propagate, profile } = options;
    const { socketPath } = recording;
    const settings = { agentFile, pythonFolder, socketPath, service, propagate, profile };
    const end = await runChild(program, args, agentVariables(settings, process.env), recording, {
      opensPages: options.open === true,
    });
    const code = exitCodeOf(end);
    const checked = await finish(recording, options, budget && { budget, from }).catch((error: unknown) => {
      // A check that could not be made is no success; a program that failed has said enough.
      if (budget !== undefined && code === ExitCode.ok) throw error;
      sayUnreported(error);
      return ExitCode.ok;
    });
    return code === ExitCode.ok ? checked : code;
  } finally {
    await recording.close();
  }
}

async function runChild(
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  recording: Recording,
  { opensPages }: { readonly opensPages: boolean },
): Promise<ChildEnd> {
  const early: NodeJS.Signals[] = [];
  let child: Child | undefined;
  const signals = relaySignals({
    kill: (signal) => (child === undefined ? early.push(signal) : child.kill(signal)),
  });
  child = await startChild(program, args, { ...process.env, ...variables });
  for (const signal of early) child.kill(signal);
  if (recording.url !== undefined) {
    say(`wiretime  ${recording.url}`);
    // The program does not wait for the browser, and a machine without one has the address.
    if (opensPages) void openBrowser(recording.url);
  }
  const end = await child.ended;
  signals.stop();
  return end;
}
