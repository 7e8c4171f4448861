// Runs a program to its end, with the agent or without. In: a command. Out: how it ended, what it printed, and what the agent said of itself.
// A program that does not end within its time is ended with all that it has started. Not here: what counts as a difference (outcome.ts).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordReader } from '../../src/record/reader.ts';

/** Beyond it a program only repeats itself. */
const OUTPUT_LIMIT = 4 * 1024 * 1024;

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Other agents, loaded before ours and after it. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** What the agents in a program's processes reported. */
export interface Reported {
  readonly processes: number;
  readonly records: number;
  /** The agent's own errors: each has switched it off. */
  readonly errors: readonly string[];
  readonly brokenStreams: number;
}

export interface Ended {
  /** Exit code, signal, or `timeout`. */
  readonly how: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
  readonly reported: Reported | undefined;
}

/** `agent`: the agent's bundle; without it the program runs as it is. */
export async function run(command: Command, agent: string | undefined): Promise<Ended> {
  if (agent === undefined) return ended(command, loading(command.before, command.after), undefined);
  const collector = await new Listener().listen();
  const env = { ...loading(command.before, agent, command.after), WIRETIME_SOCKET: collector.path };
  const result = await ended(command, env, undefined);
  return { ...result, reported: await collector.close() };
}

function loading(...files: readonly (string | undefined)[]): Record<string, string> {
  const options = files.filter((file) => file !== undefined).map((file) => `--require ${file}`);
  return options.length === 0 ? {} : { NODE_OPTIONS: options.join(' ') };
}

async function ended(
  { file, args, folder, env, timeoutMs }: Command,
  tracing: Readonly<Record<string, string>>,
  reported: Reported | undefined,
): Promise<Ended> {
  const start = performance.now();
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...bareEnvironment(), ...env, ...tracing },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const stdout = textOf(child.stdout);
  const stderr = textOf(child.stderr);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    endGroup(child.pid);
  }, timeoutMs);
  const [code, signal] = (await once(child, 'close')) as [unknown, string | null];
  clearTimeout(timer);
  // What it has left behind would disturb the next program.
  endGroup(child.pid);
  const how = isLate ? 'timeout' : (signal ?? `code ${String(code)}`);
  return { how, stdout: stdout(), stderr: stderr(), ms: performance.now() - start, reported };
}

function bareEnvironment(): NodeJS.ProcessEnv {
  const {
    NODE_OPTIONS: _options,
    NODE_TEST_CONTEXT: _context,
    WIRETIME_SOCKET: _socket,
    ...own
  } = process.env;
  return own;
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    if (text.length < OUTPUT_LIMIT) text += chunk.toString('utf8');
  });
  return () => text;
}

/** The group that was made for this program. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

/** A collector that only asks how the agents are. */
class Listener {
  readonly #folder = mkdtempSync(join(tmpdir(), 'wiretime-harmless-'));
  readonly path = join(this.#folder, 'collector.sock');
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #streams = new Set<Socket>();
  readonly #processes = new Set<number>();
  readonly #errors: string[] = [];
  #records = 0;
  #brokenStreams = 0;

  async listen(): Promise<this> {
    this.#server.listen(this.path);
    await once(this.#server, 'listening');
    return this;
  }

  /** After what has arrived was read. */
  async close(): Promise<Reported> {
    await new Promise((resolve) => setImmediate(resolve));
    for (const stream of this.#streams) stream.destroy();
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
    return {
      processes: this.#processes.size,
      records: this.#records,
      errors: this.#errors,
      brokenStreams: this.#brokenStreams,
    };
  }

  #accept(socket: Socket): void {
    this.#streams.add(socket);
    const count = (): void => void this.#records++;
    const reader = new RecordReader((id) => {
      this.#processes.add(id);
      return {
        batch: () => undefined,
        moment: count,
        hello: () => undefined,
        connectionOpen: () => undefined,
        write: () => undefined,
        read: () => undefined,
        connectionPhase: () => undefined,
        close: () => undefined,
        requestStart: () => undefined,
        requestEnd: () => undefined,
        call: () => undefined,
        grant: () => undefined,
        callSite: () => undefined,
        gc: () => undefined,
        driverOperation: () => undefined,
        stats: () => undefined,
        goodbye: (payload) => this.#noteEnd(payload),
      };
    });
    socket.on('data', (chunk) => {
      const wasBroken = reader.isBroken;
      reader.feed(chunk);
      if (reader.isBroken && !wasBroken) this.#brokenStreams++;
    });
    socket.on('error', () => undefined);
  }

  #noteEnd(payload: unknown): void {
    if (typeof payload === 'object' && payload !== null && 'error' in payload)
      this.#errors.push(String(payload.error));
  }
}
