// What a command says when it cannot do its work, and with which exit code it ends.
// In: an error. Out: one sentence for the user: what happened, why, what to do. Not here: where errors come from.

/** Stable; documented in docs/cli.md. `run` ends with the code of its program. */
export const ExitCode = {
  ok: 0,
  /** Something the user can mend; said in one sentence. */
  failed: 1,
  /** Wrong options. */
  usage: 2,
  /** `check`, `diff`: nothing could be told from so few requests. */
  tooLittle: 3,
  /** Our own mistake; with a stack trace. EX_SOFTWARE of sysexits(3). */
  internal: 70,
  notExecutable: 126,
  notFound: 127,
  /** + the number of the signal. */
  signal: 128,
} as const;

/** Something the user can mend. The message is the whole sentence. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = ExitCode.failed, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
