// Where a check goes: the terminal, and the files that CI systems read. In: a report, options. Out: text, files, an exit code.
// `-` is stdout; text is printed unless something else has stdout.

import { readFileSync, writeFileSync } from 'node:fs';
import { Option } from 'commander';

import type { Budget } from '../../analysis/budget/budget.ts';
import { codeOf, ExitCode, Failure } from '../failure.ts';
import { findInstallation } from '../installation.ts';
import { traitsOf } from '../terminal/traits.ts';
import { parseBudget } from './budget-file.ts';
import type { CheckReport } from './check-report.ts';
import { renderCheckText } from './check-text.ts';
import { renderJunit } from './junit.ts';
import { renderSarif } from './sarif.ts';

export interface CheckFiles {
  readonly junit?: string;
  readonly sarif?: string;
}

export const junitOption = (): Option =>
  new Option('--junit <file>', 'also write the check as JUnit XML (- is stdout)').env('WIRETIME_JUNIT');

export const sarifOption = (): Option =>
  new Option('--sarif <file>', 'also write the check as SARIF 2.1.0 (- is stdout)').env('WIRETIME_SARIF');

/** Throws a Failure when it cannot be read or says something wrong: before anything is recorded. */
export function readBudget(file: string): Budget {
  return parseBudget(textOf(file), file);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(`The budget ${file} cannot be read: ${codeOf(error)}`, ExitCode.usage, {
      cause: error,
    });
  }
}

export function writeCheckFiles(report: CheckReport, { junit, sarif }: CheckFiles): void {
  if (junit !== undefined) writeOutput(junit, renderJunit(report));
  if (sarif !== undefined) writeOutput(sarif, renderSarif(report, findInstallation().version));
}

/** Rejected when the file cannot be written: a missing file would look like success in CI. */
export function writeOutput(file: string, text: string): void {
  if (file === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Failure(`${file} cannot be written: ${codeOf(error)}`, undefined, { cause: error });
  }
}

export function printCheck(report: CheckReport, stream: NodeJS.WriteStream): void {
  stream.write(renderCheckText(report, traitsOf(stream, process.env)));
}

/** `isStrict`: what cannot be told counts as broken. */
export function checkExitCode({ verdict, cannotTell }: CheckReport, isStrict: boolean): number {
  if (verdict === 'broken' || (isStrict && cannotTell > 0)) return ExitCode.failed;
  return verdict === 'kept' ? ExitCode.ok : ExitCode.tooLittle;
}
