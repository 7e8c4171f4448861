// Child processes that lose the agent because they get an environment of their own. In: what the application starts. Out: their names among
// what is not visible. Nothing is changed: whoever passes `env` means it. Not here: processes that somebody else starts (`wiretime doctor`).

import type { Recognizer } from '../emitter-init.ts';
import { noteNotVisible } from '../sending/coverage.ts';
import { active, guarded } from '../guard.ts';
import { hasAll, wrapOwner } from '../hints/operation.ts';
import type { Method } from '../hook.ts';

const NAME_LIMIT = 80;
const RUNTIME = /(?:^|[\\/])(?:node|nodejs|python[\d.]*)(?:\.exe)?$/;
/** Asks for the version, or runs a line. */
const NO_PROGRAM = /^-/;

/** As Node hands them to `ChildProcess.prototype.spawn`, whatever function was called. */
interface SpawnOptions {
  readonly file?: unknown;
  readonly args?: unknown;
  /** `NAME=value`. */
  readonly envPairs?: unknown;
}

export const recognizeChildProcess: Recognizer = (prototype) => {
  if (hasAll(prototype, 'spawn', 'kill', 'ref', 'unref'))
    wrapOwner(prototype, 'spawn', (original: Method) => {
      return function spawn(this: unknown, options: unknown): unknown {
        if (active) guarded(noteSpawn, options, undefined);
        return original.call(this, options);
      };
    });
  return undefined;
};

function noteSpawn(options: unknown): void {
  if (typeof options !== 'object' || options === null) return;
  const { file, args, envPairs }: SpawnOptions = options;
  if (typeof file !== 'string' || !RUNTIME.test(file) || !Array.isArray(args) || !Array.isArray(envPairs))
    return;
  const hasAgent = envPairs.some((pair) => String(pair).startsWith('WIRETIME_SOCKET='));
  const program = (args as readonly unknown[])
    .slice(1)
    .map(String)
    .find((arg) => !NO_PROGRAM.test(arg));
  if (!hasAgent && program !== undefined)
    noteNotVisible(`${nameOf(program)} (started with an env of its own)`);
}

function nameOf(program: string): string {
  return (program.split(/[\\/]/).at(-1) ?? '').slice(0, NAME_LIMIT);
}
