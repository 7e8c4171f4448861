// How `wiretime run` ends: everything is stored, then said. In: a recording whose program has ended. Out: the summary on stderr, the report
// in a file, the pages while they are wanted. Only a budget changes the exit code.

import { writeFileSync } from 'node:fs';

import type { Budget } from '../../analysis/budget/budget.ts';
import { checkExitCode, printCheck, writeCheckFiles, type CheckFiles } from '../check/check-outputs.ts';
import { checkBudget, type CheckReport } from '../check/check-report.ts';
import { codeOf, ExitCode, messageOf } from '../failure.ts';
import { folderOf, type DataOptions } from '../options.ts';
import { endSignal, guardSaving } from '../process/signals.ts';
import { bytesIn } from '../session/data-folder.ts';
import type { Recording } from '../session/recording.ts';
import { say, tell } from '../terminal/say.ts';
import { renderShortSummary, renderSummary, type SummaryInput } from '../terminal/summary.ts';
import { traitsOf } from '../terminal/traits.ts';

export interface EndingOptions extends DataOptions, CheckFiles {
  /** The budget file. */
  readonly check?: string;
  readonly summary: 'full' | 'short' | 'none';
  /** A file, or `-` for stdout. */
  readonly json?: string;
  readonly keepOpen?: true;
}

/** What `--check` asks of the requests since the program was started (ms since 1970). */
export interface Checking {
  readonly budget: Budget;
  readonly from: number;
}

/** Saves, then reports: the size on disk is known when the data folder is closed. Resolves to what a check ends with, 0 without one. */
export async function finish(
  recording: Recording,
  options: EndingOptions,
  checking?: Checking,
): Promise<number> {
  const guard = guardSaving(tell);
  await save(recording);
  const seen = await askEverything(recording);
  const checked = checking === undefined ? undefined : await checkOf(recording, options, checking);
  if (options.keepOpen !== true) await recording.close();
  guard.stop();
  sayLosses(recording);
  report(seen, recording, options);
  if (checked !== undefined) {
    printCheck(checked, process.stderr);
    writeCheckFiles(checked, options);
  }
  if (options.keepOpen === true && recording.url !== undefined) await keepOpen();
  return checked === undefined ? ExitCode.ok : checkExitCode(checked, false);
}

function checkOf(
  { answers }: Recording,
  { check = '' }: EndingOptions,
  { budget, from }: Checking,
): Promise<CheckReport> {
  return checkBudget(budget, check, answers, { from });
}

/** Until everything that the program and its descendants sent is stored. */
async function save(recording: Recording): Promise<void> {
  await recording.drain();
  for (const { service, pid } of recording.processes().filter(({ isConnected }) => isConnected))
    tell(`${service} (process ${pid}) is still running; what it does from now on is not recorded.`);
}

type Seen = Omit<SummaryInput, 'saved'>;

async function askEverything({ answers }: Recording): Promise<Seen> {
  // Made from everything that is stored by now: the other two answers have them, too.
  await answers.findings({}, true);
  return { home: await answers.home({}), report: await answers.report({}) };
}

function report(seen: Seen, recording: Recording, options: EndingOptions): void {
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
    say('No Node.js or Python program that uses the network was seen either. wiretime doctor says why.');
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

export function sayLoss(error: unknown): void {
  tell(
    `The recording cannot be saved: ${messageOf(error)}. Your program keeps running; what it does now is lost.`,
  );
}

/** The program's exit code counts for more than our summary. */
export function sayUnreported(error: unknown): void {
  tell(`The summary cannot be shown: ${messageOf(error)}. What was saved can be: wiretime report`);
}

function sayLosses({ losses: { requests, operations } }: Recording): void {
  if (requests + operations > 0)
    tell(`${requests} requests and ${operations} operations could not be saved: the numbers are too small.`);
}
