// `wiretime run -- CMD…`: records a program while it runs. In: a command. Out: its exit code, and a summary on stderr.
// The collector and the store are ready before the program starts; whatever the program sent is stored before we end.

import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';

import { codeOf, messageOf } from '../failure.ts';
import { agentFileOf, type Installation } from '../installation.ts';
import {
  dataOption,
  folderOf,
  hostOption,
  pagesOf,
  keepDaysOption,
  keepSizeOption,
  portOption,
  retentionOf,
  serviceOption,
  tokenOption,
  type DataOptions,
  type KeepOptions,
  type PageOptions,
} from '../options.ts';
import { agentVariables } from '../process/agent-environment.ts';
import { exitCodeOf, startChild, type Child, type ChildEnd } from '../process/child.ts';
import { endSignal, guardSaving, holdSignals, relaySignals } from '../process/signals.ts';
import { bytesIn } from '../session/data-folder.ts';
import { startRecording, type Recording } from '../session/recording.ts';
import { renderShortSummary, renderSummary, type SummaryInput } from '../terminal/summary.ts';
import { traitsOf } from '../terminal/traits.ts';
import { say, tell } from '../terminal/say.ts';

interface RunOptions extends DataOptions, PageOptions, KeepOptions {
  readonly summary: 'full' | 'short' | 'none';
  readonly json?: string;
  readonly ui: boolean;
  readonly service?: string;
  readonly keepOpen?: true;
}

const EXAMPLES = `
Examples:
  $ wiretime run -- npm start                     the whole program, and everything it starts
  $ wiretime run -- node server.js                … then send it a few requests, and stop it with Ctrl-C
  $ wiretime run --summary short -- npm test      the answer in three lines
  $ wiretime run --json time.json --no-ui -- ./load-test.sh

The exit code is that of the program: its own, 128 + n when signal n ended it, 127 when there is no such
command, 126 when it cannot be executed; 1 when wiretime itself could not start (the program was not run).`;

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
    .addOption(keepDaysOption())
    .addOption(keepSizeOption())
    .addOption(portOption())
    .addOption(hostOption())
    .addOption(tokenOption())
    .addOption(new Option('--no-ui', 'do not serve the pages').env('WIRETIME_NO_UI'))
    .addOption(serviceOption())
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
    const settings = { agentFile, socketPath: recording.socketPath, service: options.service };
    const end = await runChild(program, args, agentVariables(settings, process.env), recording);
    await finish(recording, options).catch(sayUnreported);
    return exitCodeOf(end);
  } finally {
    await recording.close();
  }
}

async function runChild(
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  recording: Recording,
): Promise<ChildEnd> {
  const early: NodeJS.Signals[] = [];
  let child: Child | undefined;
  const signals = relaySignals({
    kill: (signal) => (child === undefined ? early.push(signal) : child.kill(signal)),
  });
  child = await startChild(program, args, { ...process.env, ...variables });
  for (const signal of early) child.kill(signal);
  if (recording.url !== undefined) say(`wiretime  ${recording.url}`);
  const end = await child.ended;
  signals.stop();
  return end;
}

/** Saves, then reports: the size on disk is known when the data folder is closed. */
async function finish(recording: Recording, options: RunOptions): Promise<void> {
  const guard = guardSaving(tell);
  await save(recording);
  const seen = await askEverything(recording);
  if (options.keepOpen !== true) await recording.close();
  guard.stop();
  sayLosses(recording);
  report(seen, recording, options);
  if (options.keepOpen === true && recording.url !== undefined) await keepOpen();
}

/** Until everything that the program and its descendants sent is stored. */
async function save(recording: Recording): Promise<void> {
  await recording.drain();
  for (const { service, pid } of recording.processes().filter(({ isConnected }) => isConnected))
    tell(`${service} (process ${pid}) is still running; what it does from now on is not recorded.`);
}

type Seen = Omit<SummaryInput, 'saved'>;

async function askEverything({ answers }: Recording): Promise<Seen> {
  return { home: await answers.home({}), report: await answers.report({}) };
}

function report(seen: Seen, recording: Recording, options: RunOptions): void {
  const folder = folderOf(options);
  const url = options.keepOpen === true ? recording.url : undefined;
  const saved = { dataFolder: folder.name, bytes: bytesIn(folder), url };
  if (options.summary !== 'none') summarize({ ...seen, saved }, options.summary, recording);
  if (options.json !== undefined) writeJson(options.json, seen.report);
}

function summarize(input: SummaryInput, kind: 'full' | 'short', recording: Recording): void {
  if (input.home.requests === 0) {
    sayNothingSeen(recording);
    return;
  }
  const traits = traitsOf(process.stderr, process.env);
  const render = kind === 'full' ? renderSummary : renderShortSummary;
  process.stderr.write(render(input, traits));
}

function sayNothingSeen(recording: Recording): void {
  say('wiretime saw no requests. Is the server listening, and did you send one?');
  if (recording.processes().length === 0)
    say('No Node.js program that uses the network was seen either. wiretime doctor says why.');
}

function writeJson(file: string, report: SummaryInput['report']): void {
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  if (file === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    tell(
      `The report was not written to ${file}: ${codeOf(error)}. It is saved: wiretime report --format json`,
    );
  }
}

async function keepOpen(): Promise<void> {
  say('The pages stay open until Ctrl-C.');
  await endSignal();
}

function sayLoss(error: unknown): void {
  tell(
    `The recording cannot be saved: ${messageOf(error)}. Your program keeps running; what it does now is lost.`,
  );
}

/** The program's exit code counts for more than our summary. */
function sayUnreported(error: unknown): void {
  tell(`The summary cannot be shown: ${messageOf(error)}. What was saved can be: wiretime report`);
}

function sayLosses({ losses: { requests, operations } }: Recording): void {
  if (requests + operations > 0)
    tell(`${requests} requests and ${operations} operations could not be saved: the numbers are too small.`);
}
