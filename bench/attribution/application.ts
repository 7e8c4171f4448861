// One run of the backend under test with the agent in it, and the load on it. In: entry, node, agent, servers. Out: the recording.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordReader } from '../../src/record/reader.ts';
import type { Entry } from './entry.ts';
import { Recording } from './recording.ts';

export interface Run {
  readonly node: string;
  readonly agent: string;
  readonly entry: Entry;
  readonly servers: object;
  readonly requests: number;
  readonly concurrency: number;
}

export interface Outcome {
  readonly recording: Recording;
  /** Answers other than 200. */
  readonly failures: readonly string[];
}

/** A machine that is busy with other things takes its time. */
const LIMIT_MS = 60_000;

/** @throws an error with the backend's output when it does not start or end. */
export async function run(settings: Run): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-attribution-'));
  const socket = join(folder, 'collector.sock');
  const recording = new Recording();
  const collector = await listen(socket, recording);
  const child = start(settings, socket);
  const watch = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  try {
    const output = outputOf(child);
    const port = await portOf(child, output);
    const failures = await load(port, settings.requests, settings.concurrency);
    await Promise.all([collector.ended, exitOf(child), request(port, '/stop').catch(() => undefined)]);
    if (child.exitCode !== 0)
      recording.losses.push(
        `the backend ended with ${child.exitCode ?? child.signalCode}: ${output.text.slice(-500)}`,
      );
    return { recording, failures };
  } finally {
    clearTimeout(watch);
    child.kill('SIGKILL');
    collector.server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Collector {
  readonly server: Server;
  readonly ended: Promise<void>;
}

function listen(path: string, recording: Recording): Promise<Collector> {
  return new Promise((resolve) => {
    let ended: () => void = () => undefined;
    const end = new Promise<void>((done) => (ended = done));
    const server = createServer((stream) => {
      const reader = new RecordReader(() => recording);
      stream.on('data', (chunk: Buffer) => reader.feed(chunk));
      stream.on('close', () => {
        if (reader.isBroken || reader.skipped > 0)
          recording.losses.push('the stream of records was malformed');
        ended();
      });
    });
    server.listen(path, () => resolve({ server, ended: end }));
  });
}

function start({ node, agent, entry, servers }: Run, socket: string): ChildProcess {
  return spawn(node, [...entry.flags, entry.file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_OPTIONS: `--require ${agent}`,
      WIRETIME_SOCKET: socket,
      WIRETIME_TEST_SERVERS: JSON.stringify(servers),
    },
  });
}

interface Output {
  text: string;
}

function outputOf(child: ChildProcess): Output {
  const output: Output = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output.text += String(chunk)));
  return output;
}

function portOf(child: ChildProcess, output: Output): Promise<number> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const port = /port (\d+)/.exec(output.text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`the backend ended with ${code}:\n${output.text.slice(-2000)}`)),
    );
  });
}

function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** Answers other than 200. */
export async function load(port: number, requests: number, concurrency: number): Promise<readonly string[]> {
  const failures: string[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < requests) {
      const { status, body } = await request(port, `/request/${++next}`).catch(failed);
      if (status !== 200) failures.push(body);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  return failures;
}

function failed(error: unknown): Answer {
  return { status: 0, body: String(error) };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const connections = new Agent({ keepAlive: true });

export function request(port: number, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: connections }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}
