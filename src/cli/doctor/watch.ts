// Runs a program as `wiretime run` would, only to see who of its processes is seen. In: a command, a time. Out: its processes, those that have
// ended too, what the agents said, and how it ended. Nothing is recorded; what the program prints goes to stderr.

import { spawn, type ChildProcess } from 'node:child_process';
import { startCollector, type LiveProcess } from '../../collector/collector.ts';
import { agentVariables } from '../process/agent-environment.ts';
import { messageOf } from '../failure.ts';
import type { Installation } from '../installation.ts';
import { createSocketPlace } from '../session/socket-path.ts';
import { CountingStore } from './counting-store.ts';
import { isServer, isToolProcess } from './explain.ts';
import { descendants, listProcesses, type ProcessFacts } from './processes.ts';

export interface Watched {
  readonly socketPath: string;
  readonly processes: readonly ProcessFacts[];
  readonly seen: readonly LiveProcess[];
  /** Of the command: its exit code; undefined when it still ran and was ended. */
  readonly code: number | undefined;
  /** The end of what it wrote to stderr. */
  readonly complaint: string;
  /** When the command had ended: what it started, and handed over to somebody else. Not ended: whose they are would start them again. */
  readonly leftBehind: readonly ProcessFacts[];
}

const LOOK_EVERY_MS = 100;
/** Somebody who takes requests has said hello: those beside it get this long. */
const SETTLE_MS = 1500;
const TERM_MS = 3000;
const COMPLAINT_LIMIT = 4000;
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
    const watch = new Watch(program, args, variables, place.path, () => collector.live.processes());
    await watch.until(limitMs);
    const seen = collector.live.processes();
    await watch.end();
    await collector.stop();
    const { processes, code, complaint, leftBehind } = watch;
    return {
      socketPath: place.path,
      processes,
      seen: newest(seen, collector.live.processes()),
      code,
      complaint,
      leftBehind,
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
  readonly #socketPath: string;
  readonly #seen: () => readonly LiveProcess[];
  readonly #processes = new Map<number, ProcessFacts>();
  readonly #ended: Promise<void>;
  #hasEnded = false;
  #alive: readonly ProcessFacts[] = [];
  leftBehind: readonly ProcessFacts[] = [];
  code: number | undefined = undefined;
  complaint = '';

  constructor(
    program: string,
    args: readonly string[],
    variables: Readonly<Record<string, string>>,
    socketPath: string,
    seen: () => readonly LiveProcess[],
  ) {
    this.#socketPath = socketPath;
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
    while (performance.now() < Math.min(limit, settledAt)) {
      this.#look();
      // Once more than needed: what a command hands over begins before it ends.
      if (this.#hasEnded && !this.#isWorkGoingOn()) return;
      if (this.#isSeen()) settledAt = Math.min(settledAt, performance.now() + SETTLE_MS);
      else settledAt = Number.POSITIVE_INFINITY;
      await this.#pause();
    }
  }

  async end(): Promise<void> {
    if (this.#hasEnded && this.code === 0) this.leftBehind = this.#alive.filter(isServer);
    this.#kill('SIGTERM');
    const killer = setTimeout(() => this.#kill('SIGKILL'), TERM_MS);
    await this.#ended;
    this.#kill('SIGKILL');
    clearTimeout(killer);
  }

  /** Until it is time to look again; after the command has ended, only time tells. */
  #pause(): Promise<unknown> {
    const pause = new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    return this.#hasEnded ? pause : Promise.race([this.#ended, pause]);
  }

  /** Those that are there now; those that were there are kept as they were last. Who was handed over to somebody else has our socket still. */
  #look(): void {
    const root = this.#child.pid;
    const known = this.#processes;
    this.#alive = descendants(
      listProcesses(),
      ({ pid, env }) => pid === root || known.has(pid) || env?.['WIRETIME_SOCKET'] === this.#socketPath,
    );
    for (const facts of this.#alive) if (known.size < PROCESS_LIMIT) known.set(facts.pid, facts);
  }

  #isWorkGoingOn(): boolean {
    return this.#alive.some((process) => !isToolProcess(process));
  }

  #isSeen(): boolean {
    const seen = new Set(this.#seen().map(({ pid }) => pid));
    const listening = this.processes.filter(isServer);
    return (
      listening.length > 0 && listening.every(({ pid, innerPid }) => seen.has(pid) || seen.has(innerPid))
    );
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
