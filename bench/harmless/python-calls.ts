// `npm run bench:harmless-python -- [--calls N] [--python PATH]`: ten million calls in fast motion, whatever the collector does. In: nothing. Out: for no agent,
// and for a collector that reads, is absent, is killed on the way and reads nothing, latency of requests and memory. Exit 1 when memory grows
// after the first tenth by more than what the agent may keep. calls.py is the program.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000000' },
    python: { type: 'string', default: 'python3' },
    only: { type: 'string', multiple: true },
  },
});
/** Besides what the agent may keep for a collector that reads nothing, or reads late because the machine is busy. */
const GROWTH_LIMIT_BYTES = 2 * 2 ** 20;
const BUFFER_BYTES = 4 * 2 ** 20;
const KILLED_AFTER_MS = 2000;

type State = 'no agent' | 'reads' | 'absent' | 'killed' | 'frozen';
const STATES: readonly State[] = ['no agent', 'reads', 'absent', 'killed', 'frozen'];

interface Ran {
  readonly calls: number;
  readonly p50: number;
  readonly p99: number;
  readonly memory: readonly number[];
}

class Collector {
  bytes = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(path: string, isReading: boolean) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      if (isReading) socket.on('data', (chunk) => (this.bytes += chunk.length));
      else socket.pause();
    }).listen(path);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function run(env: NodeJS.ProcessEnv): Promise<Ran> {
  const program = join(import.meta.dirname, 'calls.py');
  const child = spawn(options.python, [program, options.calls], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill());
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`calls.py ended with ${String(code)}`);
  return JSON.parse(text) as Ran;
}

async function measure(state: State): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-calls-'));
  const path = join(folder, 'c.sock');
  const collector =
    state === 'no agent' || state === 'absent' ? undefined : new Collector(path, state !== 'frozen');
  if (state === 'killed') setTimeout(() => collector?.close(), KILLED_AFTER_MS).unref();
  const traced = { ...process.env, PYTHONPATH: resolve('python/boot'), WIRETIME_SOCKET: path };
  const { calls, p50, p99, memory } = await run(state === 'no agent' ? process.env : traced);
  const collected = collector?.bytes ?? 0;
  collector?.close();
  rmSync(folder, { recursive: true, force: true });
  const [start = 0, , tenth = 0] = memory;
  const end = memory.at(-1) ?? 0;
  const limit = GROWTH_LIMIT_BYTES + (state === 'no agent' ? 0 : 2 * BUFFER_BYTES);
  const isGood = end - tenth <= limit && (state !== 'reads' || collected > calls);
  console.log(
    `${state.padEnd(9)} ${calls} calls  p50 ${p50 / 1000} µs  p99 ${p99 / 1000} µs  memory ${megabytes(start)} MB at first, ` +
      `${megabytes(tenth)} MB after a tenth, ${megabytes(end)} MB at the end${isGood ? '' : '  GREW or reported nothing'}`,
  );
  return isGood;
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

for (const state of STATES)
  if (options.only?.includes(state) ?? true) if (!(await measure(state))) process.exitCode = 1;
