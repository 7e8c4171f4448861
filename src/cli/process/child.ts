// The user's program as a child with our own stdin, stdout and stderr. In: a command. Out: how it ended.
// Not here: which signals it gets (signals.ts), what is in its environment (agent-environment.ts).

import { constants } from 'node:os';
import spawn from 'cross-spawn';

import { codeOf, ExitCode, Failure, messageOf } from '../failure.ts';

export interface ChildEnd {
  /** Defined when it ended by itself. */
  readonly code: number | undefined;
  /** Defined when a signal ended it. */
  readonly signal: NodeJS.Signals | undefined;
}

export interface Child {
  readonly pid: number;
  readonly ended: Promise<ChildEnd>;
  kill(signal: NodeJS.Signals): void;
}

/** Resolves when the program runs. Rejects with a sentence and 127 (not found) or 126 (not executable). */
export async function startChild(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Child> {
  const child = spawn(command, [...args], { stdio: 'inherit', env });
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(startFailure(command, error)));
  });
  // A later error is a signal that could not be delivered: the program has just ended.
  child.on('error', () => {});
  return { pid: child.pid ?? 0, ended, kill: (signal) => void child.kill(signal) };
}

function startFailure(command: string, error: Error): Failure {
  const options = { cause: error };
  if (codeOf(error) === 'ENOENT')
    return new Failure(
      `The command ${command} was not found. Check its name, or give its path.`,
      ExitCode.notFound,
      options,
    );
  if (['EACCES', 'ENOEXEC', 'EPERM', 'EISDIR'].includes(codeOf(error)))
    return new Failure(
      `${command} cannot be executed (${codeOf(error)}). Is it a program, with the x permission?`,
      ExitCode.notExecutable,
      options,
    );
  return new Failure(`${command} did not start: ${messageOf(error)}`, ExitCode.notExecutable, options);
}

/** The code a shell would show: the program's own, or 128 + the number of the signal. */
export function exitCodeOf({ code, signal }: ChildEnd): number {
  if (signal !== undefined) return ExitCode.signal + constants.signals[signal];
  return code ?? ExitCode.failed;
}
