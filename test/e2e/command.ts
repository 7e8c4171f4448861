// The built command as a user runs it. In: arguments. Out: what it printed, and how it ended.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CLI = resolve('dist/cli.js');

/** Slow machines get time; a test that hangs fails here, with what was printed. */
const PATIENCE_MS = 30_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for each test: current folder, temporary folder, home. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'wiretime-cli-'));
  readonly #started: ChildProcess[] = [];

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    return this.startProgram(process.execPath, [CLI, ...args], env);
  }

  startProgram(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Running {
    const child = spawn(program, args, {
      cwd: this.folder,
      // A group of its own, so that nothing a failed test started survives it.
      detached: true,
      env: { ...cleanEnvironment(), HOME: this.folder, TMPDIR: this.folder, ...env },
    });
    this.#started.push(child);
    return new Running(child);
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.start(args, env).ended;
  }

  /** Ends what a failed test left running. */
  remove(): void {
    for (const child of this.#started) killGroup(child);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Its descendants would hold on to our pipes, and the test would never end. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Everybody in it has ended.
  }
}

/** Nothing of the terminal or the wiretime that runs the tests. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LANG: 'C.UTF-8' };
}

export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (bytes: Buffer) => (this.stdout += bytes.toString()));
    child.stderr?.on('data', (bytes: Buffer) => (this.stderr += bytes.toString()));
    this.ended = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        killGroup(child);
        reject(new Error(`did not end:\n${this.stdout}\n${this.stderr}`));
      }, PATIENCE_MS);
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
    // A test that has failed already no longer waits for it.
    this.ended.catch(() => {});
  }

  /** The match, as soon as stdout and stderr together have one. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const match = pattern.exec(this.stdout + this.stderr);
      if (match !== null) return match;
      await sleep(20);
    }
    throw new Error(`never printed ${pattern}:\n${this.stdout}\n${this.stderr}`);
  }
}
