// Real Node processes with the real bundle, and a collector that only remembers. In: programs of test/agent/apps/. Out: how they ended,
// and the records they sent. WIRETIME_TEST_NODE runs the programs on another version of Node (scripts/nodes.ts).

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { build } from 'esbuild';
import { agentOptions } from '../../scripts/build-agent.ts';
import { RecordReader } from '../../src/record/reader.ts';
import type { DriverFacts, RecordHandler, RequestTexts } from '../../src/record/record-handler.ts';
import type { StreamEnd, StreamStart } from '../../src/record/stream-facts.ts';
import type { WriteContexts } from '../../src/record/write-contexts.ts';

export const NODE = process.env['WIRETIME_TEST_NODE'] ?? process.execPath;
const DEADLINE_MS = 20_000;
const POLL_MS = 10;

const folder = mkdtempSync(join(tmpdir(), 'wiretime-agent-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
export const AGENT = join(folder, 'agent.cjs');
const built = build(agentOptions(AGENT));
const children: ChildProcess[] = [];
const collectors: TestCollector[] = [];

// A test that failed half-way leaves nothing running that would keep this process alive.
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const collector of collectors) await collector.close();
});

/** Resolves when the condition holds; rejects with `what` when it does not within the deadline. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const limit = Date.now() + DEADLINE_MS;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

interface Timed {
  readonly process: number;
  readonly time: number;
  readonly idle: number;
}

interface Payload<Kind extends string> {
  readonly kind: Kind;
  readonly payload: Readonly<Record<string, unknown>>;
}

export type Recorded = Timed &
  (
    | Payload<'hello'>
    | Payload<'stats'>
    | Payload<'goodbye'>
    | {
        readonly kind: 'open';
        readonly connection: number;
        readonly flags: number;
        readonly over: number;
        readonly request: number;
        readonly call: number;
        readonly payload: Readonly<Record<string, unknown>>;
      }
    | {
        readonly kind: 'write';
        readonly connection: number;
        readonly size: number;
        readonly bytes: Buffer;
        readonly isOrdered: boolean;
        readonly contexts: readonly (readonly [offset: number, request: number, call: number])[];
      }
    | {
        readonly kind: 'read';
        readonly connection: number;
        readonly size: number;
        readonly head: Buffer;
        readonly tail: Buffer;
      }
    | {
        readonly kind: 'phase';
        readonly connection: number;
        readonly phase: number;
        readonly payload: Readonly<Record<string, unknown>>;
      }
    | { readonly kind: 'close'; readonly connection: number; readonly isError: boolean }
    | ({
        readonly kind: 'requestStart';
        readonly request: number;
        readonly connection: number;
      } & RequestTexts)
    | {
        readonly kind: 'requestEnd';
        readonly request: number;
        readonly status: number;
        readonly firstByte: number;
        readonly route: string;
        readonly isAborted: boolean;
        readonly isOpenEnd: boolean;
      }
    | { readonly kind: 'call'; readonly call: number; readonly request: number; readonly callSite: number }
    | { readonly kind: 'requestTrace'; readonly request: number; readonly traceparent: string }
    | { readonly kind: 'grant'; readonly call: number }
    | { readonly kind: 'callSite'; readonly callSite: number; readonly stack: string }
    | { readonly kind: 'gc'; readonly durationNs: number }
    | ({ readonly kind: 'driverOperation' } & DriverFacts)
    | ({ readonly kind: 'streamStart' } & StreamStart)
    | { readonly kind: 'streamAnswer'; readonly stream: number; readonly status: number }
    | ({ readonly kind: 'streamEnd' } & StreamEnd)
  );

export type RecordOf<Kind extends Recorded['kind']> = Extract<Recorded, { kind: Kind }>;

/** A collector on a socket of its own. */
export class TestCollector {
  readonly path: string;
  readonly records: Recorded[] = [];
  readonly streams: Socket[] = [];
  droppedRecords = 0;
  brokenStreams = 0;
  closedStreams = 0;
  #server: Server | undefined;

  constructor(name = 'collector') {
    this.path = join(folder, `${name}-${Math.random().toString(36).slice(2)}.sock`);
  }

  async listen(): Promise<this> {
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    collectors.push(this);
    await new Promise<void>((resolve) => server.listen(this.path, resolve));
    return this;
  }

  /** Ends all streams; `listen` again is a restart. */
  async close(): Promise<void> {
    for (const stream of this.streams.splice(0)) stream.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  of<Kind extends Recorded['kind']>(kind: Kind): RecordOf<Kind>[] {
    return this.records.filter((record): record is RecordOf<Kind> => record.kind === kind);
  }

  /** Captured bytes that were written to, or read from, a connection, in order. */
  written(connection: number): Buffer {
    return Buffer.concat(
      this.of('write')
        .filter((write) => write.connection === connection)
        .map((write) => write.bytes),
    );
  }

  read(connection: number): Buffer {
    return Buffer.concat(
      this.of('read')
        .filter((read) => read.connection === connection)
        .flatMap((read) => [read.head, read.tail]),
    );
  }

  #accept(socket: Socket): void {
    this.streams.push(socket);
    const reader = new RecordReader((process) => this.#handler(process));
    socket.on('data', (chunk) => {
      reader.feed(chunk);
      if (reader.isBroken) this.brokenStreams++;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.closedStreams++);
  }

  #handler(process: number): RecordHandler {
    let time = 0;
    let idle = 0;
    const add = (record: object): void => {
      this.records.push({ process, time, idle, ...record } as Recorded);
    };
    return {
      batch: (droppedRecords) => {
        this.droppedRecords += droppedRecords;
      },
      moment: (at, idleNs) => {
        time = at;
        idle = idleNs;
      },
      hello: (payload) => add({ kind: 'hello', payload }),
      connectionOpen: (connection, flags, over, request, call, payload) =>
        add({ kind: 'open', connection, flags, over, request, call, payload }),
      write: (connection, size, bytes, contexts) =>
        add({
          kind: 'write',
          connection,
          size,
          bytes: Buffer.from(bytes),
          isOrdered: contexts.isOrdered,
          contexts: listOf(contexts),
        }),
      read: (connection, size, head, tail) =>
        add({ kind: 'read', connection, size, head: Buffer.from(head), tail: Buffer.from(tail) }),
      connectionPhase: (connection, phase, payload) => add({ kind: 'phase', connection, phase, payload }),
      close: (connection, isError) => add({ kind: 'close', connection, isError }),
      requestStart: (request, connection, texts) =>
        add({ kind: 'requestStart', request, connection, ...texts }),
      requestEnd: (request, status, firstByte, route, isAborted, isOpenEnd) =>
        add({ kind: 'requestEnd', request, status, firstByte, route, isAborted, isOpenEnd }),
      requestTrace: (request, traceparent) => add({ kind: 'requestTrace', request, traceparent }),
      call: (call, request, callSite) => add({ kind: 'call', call, request, callSite }),
      grant: (call) => add({ kind: 'grant', call }),
      callSite: (callSite, stack) => add({ kind: 'callSite', callSite, stack }),
      gc: (durationNs) => add({ kind: 'gc', durationNs }),
      driverOperation: (facts) => add({ kind: 'driverOperation', ...facts }),
      streams: {
        started: (facts) => add({ kind: 'streamStart', ...facts }),
        answered: (stream, status) => add({ kind: 'streamAnswer', stream, status }),
        ended: (facts) => add({ kind: 'streamEnd', ...facts }),
      },
      stats: (payload) => add({ kind: 'stats', payload }),
      goodbye: (payload) => add({ kind: 'goodbye', payload }),
    };
  }
}

function listOf(contexts: WriteContexts): (readonly [number, number, number])[] {
  return Array.from(
    { length: contexts.count },
    (_, index) => [contexts.offset(index), contexts.request(index), contexts.call(index)] as const,
  );
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface App {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  stdout(): string;
  readonly ended: Promise<Ended>;
}

export interface AppOptions {
  readonly collector?: TestCollector;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
  /** Run without the agent, for comparison. */
  readonly isBare?: boolean;
  /** Instead of Node. */
  readonly command?: string;
  readonly cwd?: string;
}

/** Path of a program in test/agent/apps/. */
export function appPath(name: string): string {
  return new URL(`apps/${name}`, import.meta.url).pathname;
}

/** Starts a program the way `wiretime run` does: the agent comes through NODE_OPTIONS. */
export async function startApp(file: string, options: AppOptions = {}): Promise<App> {
  await built;
  const args = [...(options.nodeArgs ?? []), file, ...(options.args ?? [])];
  const child = spawn(options.command ?? NODE, args, {
    env: environment(options),
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, stdout: () => stdout, ended };
}

export async function runApp(file: string, options: AppOptions = {}): Promise<Ended> {
  const { ended } = await startApp(file, options);
  return ended;
}

function environment(options: AppOptions): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...own } = process.env;
  const agent = options.isBare === true ? {} : { NODE_OPTIONS: `--require ${AGENT}` };
  const socket = options.collector ? { WIRETIME_SOCKET: options.collector.path } : {};
  return { ...own, ...agent, ...socket, ...options.env };
}
