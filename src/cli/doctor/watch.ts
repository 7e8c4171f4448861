// Runs a program as `wiretime run` would, only to see who of its processes is seen. In: a command, a time. Out: its processes, those that have
// ended too, what the agents said, and how it ended. Nothing is recorded; what the program prints goes to stderr.

import { spawn, type ChildProcess } from 'node:child_process';
import { startCollector, type LiveProcess } from '../../collector/collector.ts';
import { agentVariables } from '../process/agent-environment.ts';
import { messageOf } from '../failure.ts';
import type { Installation } from '../installation.ts';
import { createSocketPlace } from '../session/socket-path.ts';
import { CountingStore } from './counting-store.ts';
import { descendants, listProcesses, type ProcessFacts } from './processes.ts';

export interface Watched {
  readonly socketPath: string;
  readonly processes: readonly ProcessFacts[];
  readonly seen: readonly LiveProcess[];
  /** Of the command: its exit code; undefined when it still ran and was ended. */
  readonly code: number | undefined;
  /** The end of what it wrote to stderr. */
  readonly complaint: string;
}

const LOOK_EVERY_MS = 100;
/** Somebody who takes requests has said hello: those beside it get this long. */
const SETTLE_MS = 1500;
const TERM_MS = 3000;
const COMPLAINT_LIMIT = 2000;
const PROCESS_LIMIT = 1000;

/** Ends the command after `limitMs`, or when everything that listens was seen for a moment. */
export async function watchCommand(
  [program = '', ...args]: readonly string[],
  limitMs: number,
  { agentFile, pythonFolder }: Installation,
): Promise<Watched> {
  const place = createSocketPlace();
  try {
    const collector = await startCollector({ store: new CountingStore(), socketPath: place.path });
    const variables = agentVariables({ agentFile, pythonFolder, socketPath: place.path }, process.env);
    const watch = new Watch(program, args, variables, () => collector.live.processes());
    await watch.until(limitMs);
    const seen = collector.live.processes();
    await watch.end();
    await collector.stop();
    const { processes, code, complaint } = watch;
    return {
      socketPath: place.path,
      processes,
      seen: newest(seen, collector.live.processes()),
      code,
      complaint,
    };
  } finally {
    place.remove();
  }
}

/** What an agent said while its process was being ended says nothing; who came only then does. */
function newest(before: readonly LiveProcess[], after: readonly LiveProcess[]): readonly LiveProcess[] {
  const known = new Set(before.map(({ pid }) => pid));
  return [...before, ...after.filter(({ pid }) => !known.has(pid))];
}

class Watch {
  readonly #child: ChildProcess;
  readonly #seen: () => readonly LiveProcess[];
  readonly #processes = new Map<number, ProcessFacts>();
  readonly #ended: Promise<void>;
  #hasEnded = false;
  code: number | undefined = undefined;
  complaint = '';

  constructor(
    program: string,
    args: readonly string[],
    variables: Readonly<Record<string, string>>,
    seen: () => readonly LiveProcess[],
  ) {
    this.#seen = seen;
    // A group of its own, so that everything it started can be ended with it.
    this.#child = spawn(program, args, {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child.stdout?.on('data', (bytes: Buffer) => process.stderr.write(bytes));
    this.#child.stderr?.on('data', (bytes: Buffer) => this.#note(bytes));
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#end(127, messageOf(error), resolve));
      this.#child.once('exit', (code) => this.#end(code ?? undefined, '', resolve));
    });
  }

  get processes(): readonly ProcessFacts[] {
    return [...this.#processes.values()];
  }

  async until(limitMs: number): Promise<void> {
    const limit = performance.now() + limitMs;
    let settledAt = Number.POSITIVE_INFINITY;
    while (!this.#hasEnded && performance.now() < Math.min(limit, settledAt)) {
      this.#look();
      if (this.#isSeen()) settledAt = Math.min(settledAt, performance.now() + SETTLE_MS);
      else settledAt = Number.POSITIVE_INFINITY;
      await Promise.race([this.#ended, new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))]);
    }
  }

  async end(): Promise<void> {
    this.#kill('SIGTERM');
    const killer = setTimeout(() => this.#kill('SIGKILL'), TERM_MS);
    await this.#ended;
    this.#kill('SIGKILL');
    clearTimeout(killer);
  }

  /** Those that are there now; those that were there are kept as they were last. */
  #look(): void {
    const root = this.#child.pid;
    const known = this.#processes;
    for (const facts of descendants(listProcesses(), ({ pid }) => pid === root || known.has(pid)))
      if (known.size < PROCESS_LIMIT) known.set(facts.pid, facts);
  }

  #isSeen(): boolean {
    const seen = new Set(this.#seen().map(({ pid }) => pid));
    const listening = this.processes.filter(({ isListening }) => isListening);
    return listening.length > 0 && listening.every(({ pid }) => seen.has(pid));
  }

  #note(bytes: Buffer): void {
    process.stderr.write(bytes);
    this.complaint = (this.complaint + bytes.toString()).slice(-COMPLAINT_LIMIT);
  }

  #end(code: number | undefined, complaint: string, done: () => void): void {
    this.#hasEnded = true;
    this.code = code;
    this.complaint += complaint;
    done();
  }

  #kill(signal: NodeJS.Signals): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, signal);
    } catch {
      // Everybody in it has ended.
    }
  }
}
