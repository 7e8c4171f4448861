// One Python backend under test, in a process of its own. In: its stack, programs and environment. Out: its port; CPU and memory whenever asked.
// gunicorn has a process above the one that works: it counts for start-up only.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Memory, Usage } from '../overhead/backend.ts';

export type Stack = 'flask' | 'fastapi';
export const STACKS: readonly Stack[] = ['flask', 'fastapi'];

const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 10_000;

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGTERM')));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

export interface Launch {
  readonly stack: Stack;
  /** Folder of the environment's programs. */
  readonly programs: string;
  /** What stands before the server's command. */
  readonly prefix: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Where it writes what it has to say. */
  readonly log: string;
}

interface Used {
  readonly pid: number;
  readonly parent: number;
  readonly cpuNs: number;
}

export class Application {
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly port: number;
  /** CPU until it answered, ms. */
  startupMs = 0;
  #pid = 0;

  static async start(launch: Launch): Promise<Application> {
    const application = new Application(launch, await freePort());
    await application.#answers();
    return application;
  }

  private constructor({ stack, programs, prefix, env, log }: Launch, port: number) {
    this.port = port;
    this.#log = log;
    const [command = '', ...rest] = [...prefix, ...serverOf(stack, port)];
    const output = openSync(log, 'w');
    this.#child = spawn(join(programs, command), rest, {
      cwd: import.meta.dirname,
      env: { ...env, PATH: `${programs}:${env['PATH'] ?? ''}` },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    running.add(this.#child);
    this.#child.once('exit', () => running.delete(this.#child));
  }

  async usage(): Promise<Usage> {
    const { cpuNs } = await this.#used();
    return { cpuUs: cpuNs / 1000, userUs: Number.NaN };
  }

  memory(): Memory {
    const rollup = readFileSync(`/proc/${this.#pid}/smaps_rollup`, 'latin1');
    const bytes = (name: string): number =>
      Number(new RegExp(`^${name}: *(\\d+) kB`, 'm').exec(rollup)?.[1]) * 1024;
    return {
      rssBytes: bytes('Rss'),
      privateBytes: bytes('Private_Clean') + bytes('Private_Dirty'),
      heapBytes: bytes('Anonymous'),
    };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await Promise.race([exit, delay(STOP_LIMIT_MS)]);
    this.#child.kill('SIGKILL');
  }

  async #answers(): Promise<void> {
    const limit = performance.now() + START_LIMIT_MS;
    for (;;) {
      const used = await this.#used().catch(() => undefined);
      if (used !== undefined) {
        this.#pid = used.pid;
        const above = used.parent === process.pid ? 0 : cpuMsOf(used.parent);
        this.startupMs = used.cpuNs / 1e6 + above;
        return;
      }
      if (this.#child.exitCode !== null || performance.now() > limit)
        throw new Error(
          `${this.#child.spawnargs.join(' ')}: ${readFileSync(this.#log, 'utf8').slice(-2000)}`,
        );
      await delay(50);
    }
  }

  async #used(): Promise<Used> {
    const response = await fetch(`http://127.0.0.1:${this.port}/usage`, { headers: { connection: 'close' } });
    return (await response.json()) as Used;
  }
}

function serverOf(stack: Stack, port: number): readonly string[] {
  if (stack === 'fastapi')
    return ['uvicorn', '--port', String(port), '--log-level', 'error', '--no-access-log', 'fastapi_app:app'];
  const threads = ['-k', 'gthread', '--threads', '16', '-w', '1', '--keep-alive', '60'];
  return ['gunicorn', '-b', `127.0.0.1:${port}`, ...threads, '--log-level', 'error', 'flask_app:app'];
}

/** Of all its threads. */
function cpuMsOf(pid: number): number {
  const of = (thread: string): number =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + of(thread), 0) / 1e6;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
