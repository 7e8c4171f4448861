// The collector: listens for agents, runs the pipeline, feeds the store. In: bytes on a Unix socket or named pipe. Out: rows.
// Not here: what bytes mean (pipeline.ts), questions (answer/).

import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Store } from '../store/store.ts';
import { CoreTime, type Traced } from './core-time.ts';
import { Pipeline } from './pipeline.ts';
import type { RunningRequest } from './running-request.ts';
import { Writing } from './writing.ts';

/** How often finished requests are assembled and handed to the store. */
const TICK_MS = 250;
/** How often the kernel is asked for how long processes ran. */
const LOOK_MS = 1000;
/** A process whose agent is still sending when the recording ends gets this long. */
const DRAIN_LIMIT_MS = 2000;

export interface CollectorOptions {
  readonly store: Store;
  /** Path of the Unix socket, or \\.\pipe\… on Windows. */
  readonly socketPath: string;
}

export interface Collector {
  readonly live: LiveSource;
  /** Waits until agents that are leaving have left, then assembles and stores everything received. */
  drain(): Promise<void>;
  /** Drains, then stops listening. */
  stop(): Promise<void>;
}

/** What is known right now; the shape that answer/live.ts asks for. */
export interface LiveSource {
  readonly isLive: boolean;
  processes(): LiveProcess[];
  counters(): Record<string, number>;
  underWay(): RunningRequest[];
}

export interface LiveProcess {
  readonly service: string;
  readonly runtime: string;
  readonly version: string;
  readonly pid: number;
  readonly isConnected: boolean;
  readonly requests: number;
  readonly operations: number;
  readonly notVisible: readonly string[];
  readonly problem: string;
}

/** Rejects when the socket cannot be made: the path is too long, or its folder is not there. */
export async function startCollector({ store, socketPath }: CollectorOptions): Promise<Collector> {
  const pipeline = new Pipeline(await store.lastIds());
  const cores = new CoreTime();
  const writing = new Writing(store, pipeline, cores);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => accept(socket, pipeline, sockets));
  await removeLeftBehind(socketPath);
  await listen(server, socketPath);
  const timer = setInterval(() => {
    pipeline.tick();
    writing.write();
  }, TICK_MS).unref();
  const looks = setInterval(() => cores.look(connectedIn(pipeline)), LOOK_MS).unref();

  const drain = async (): Promise<void> => {
    await allGone(sockets, DRAIN_LIMIT_MS);
    pipeline.finish();
    await writing.writeAll();
  };
  return {
    live: liveSource(pipeline, writing),
    drain,
    stop: async () => {
      await drain();
      clearInterval(timer);
      clearInterval(looks);
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function accept(socket: Socket, pipeline: Pipeline, sockets: Set<Socket>): void {
  const stream = pipeline.open();
  sockets.add(socket);
  socket.on('data', (bytes: Buffer) => stream.feed(bytes));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    sockets.delete(socket);
    stream.end();
  });
}

/** A collector that was killed leaves its socket behind, where its programs go on looking for the next one. */
async function removeLeftBehind(socketPath: string): Promise<void> {
  if ((await refusal(socketPath)) === 'ECONNREFUSED') rmSync(socketPath, { force: true });
}

/** The code of the error when nobody can be reached there. */
function refusal(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Resolves when every stream has ended, or after `limitMs`. */
function allGone(sockets: ReadonlySet<Socket>, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  return new Promise((resolve) => {
    const look = (): void => {
      if (sockets.size === 0 || performance.now() >= deadline) resolve();
      else setTimeout(look, 20);
    };
    look();
  });
}

/** Workers of Node have records of their own, but their thread is not the main one: they are left out. */
function connectedIn(pipeline: Pipeline): Traced[] {
  return pipeline
    .processes()
    .filter(({ flow, isConnected }) => isConnected && flow.info.thread === 0)
    .map(({ flow }) => flow);
}

function liveSource(pipeline: Pipeline, writing: Writing): LiveSource {
  return {
    isLive: true,
    processes: () =>
      pipeline.processes().map(({ flow, isConnected }) => ({
        service: flow.info.service,
        runtime: flow.info.runtime,
        version: flow.info.version,
        pid: flow.info.pid,
        isConnected,
        requests: flow.requestCount,
        operations: flow.operationCount,
        notVisible: flow.notVisible,
        problem: flow.problem,
      })),
    counters: () => ({ ...pipeline.counters(), ...writing.counters() }),
    underWay: () => pipeline.processes().flatMap(({ flow }) => flow.underWay()),
  };
}
