#!/usr/bin/env node
// The beginning and the end of the command. In: the command line. Out: an exit code, and one sentence when something is wrong.

import { constants } from 'node:os';
import { CommanderError } from 'commander';

import { ExitCode, Failure } from './failure.ts';
import { findInstallation } from './installation.ts';
import { forgetFlagsThatAreOff } from './options.ts';
import { createProgram } from './program.ts';
import { dieOfInterrupt, isForeground } from './process/signals.ts';
import { tell } from './terminal/say.ts';

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

/** A reader that has seen enough (`| head`) is no error. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Pipes are written in the background on Windows. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** Workers and sockets that refuse to close must not keep a program's exit code back. */
async function main(): Promise<void> {
  ignoreClosedPipes();
  forgetFlagsThatAreOff(process.env);
  let code: number = ExitCode.ok;
  try {
    await createProgram(findInstallation(), (wanted) => (code = wanted)).parseAsync();
  } catch (error) {
    code = fail(error);
  }
  await Promise.all([written(process.stdout), written(process.stderr)]);
  if (code === INTERRUPTED && isForeground()) dieOfInterrupt();
  process.exit(code);
}

await main();
