// Which wiretime holds a data folder: DIR/wiretime.json. In: a folder. Out: process, address and socket of the one that runs there.
// Readable by this user only: the address can carry a token. Not here: asking it (remote-answers.ts).

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';

const RunningState = v.object({
  pid: v.number(),
  command: v.picklist(['run', 'serve', 'open']),
  /** Absolute path of the data folder. */
  dataFolder: v.string(),
  /** Of the pages, with the token when there is one; absent with --no-ui. */
  url: v.optional(v.string()),
  /** Where agents connect; absent when nothing is collected. */
  socketPath: v.optional(v.string()),
});

export type RunningState = v.InferOutput<typeof RunningState>;

export function stateFileIn(dataFolder: string): string {
  return join(dataFolder, 'wiretime.json');
}

/** Where `serve` also says that it runs, so that `env` finds it from any folder. */
export function userStateFile(): string {
  const base = process.env['XDG_STATE_HOME'] ?? '';
  return join(base === '' ? join(homedir(), '.local', 'state') : base, 'wiretime', 'serve.json');
}

/** Other users must not read the token; `mode` counts only for a new file, so an old one goes first. */
export function writeState(file: string, state: RunningState): void {
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
}

/** Removes it only while it is still ours. */
export function removeState(file: string): void {
  if (readFile(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** The wiretime that runs there; undefined when there is none, or when it ended without removing its file. */
export function readState(file: string): RunningState | undefined {
  const state = readFile(file);
  return state !== undefined && isAlive(state.pid) ? state : undefined;
}

function readFile(file: string): RunningState | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const result = v.safeParse(RunningState, JSON.parse(readFileSync(file, 'utf8')));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** EPERM: it is there, and belongs to somebody else. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
