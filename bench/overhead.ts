// What tracing costs a running backend, in CPU per request. In: nothing. Out: µs of CPU per request without and with the agent, and the ratio.
// The server is started fresh for every measurement, pairs are interleaved, the load is bounded and comes from this process.
// Fails when a request failed or the agent did not report each of them.
// Usage: npx tsx bench/overhead.ts [pairs] [requests]

import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createServer, type Server } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { agentOptions } from '../scripts/build-agent.ts';
import { startServers } from '../scripts/servers.ts';
import { Kind } from '../src/record/layout.ts';

const pairs = Number(process.argv[2] ?? 5);
const requests = Number(process.argv[3] ?? 4000);
const CONCURRENCY = 16;
const WARM_UP = 1500;
const ROUTES = ['/hello', '/checkout'] as const;
type Route = (typeof ROUTES)[number];

/** Counts `requestEnd` records; reads nothing else. */
class CountingCollector {
  ends = 0;
  #kept = Buffer.alloc(0);
  readonly server: Server;

  constructor(path: string) {
    this.server = createServer((socket) => {
      socket.on('data', (chunk) => this.#feed(chunk));
      socket.on('error', () => undefined);
      socket.on('close', () => (this.#kept = Buffer.alloc(0)));
    }).listen(path);
  }

  #feed(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#kept, chunk]);
    while (bytes.length >= 48 && bytes.length >= bytes.readUInt32LE(8)) {
      const length = bytes.readUInt32LE(8);
      for (let at = 48; at < length; at += bytes.readUInt32LE(at))
        if (bytes.readUInt16LE(at + 4) === Kind.requestEnd) this.ends++;
      bytes = bytes.subarray(length);
    }
    this.#kept = Buffer.from(bytes);
  }
}

interface Answer {
  readonly port?: number;
  readonly cpuUs?: number;
  readonly rssBytes?: number;
}

async function answerOf(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Answer));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

async function ask(child: ChildProcess, question: string): Promise<Answer> {
  const answer = answerOf(child);
  child.send(question);
  return answer;
}

/** `count` requests, `CONCURRENCY` at a time. */
async function load(port: number, route: Route, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let next = 0;
  const client = async (): Promise<void> => {
    while (next++ < count) await request(agent, port, route);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  agent.destroy();
}

async function request(agent: Agent, port: number, path: Route): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ agent, host: '127.0.0.1', port, path }, (response) => {
      response.resume();
      if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
      response.on('end', resolve);
    }).on('error', reject);
  });
}

interface Cost {
  readonly cpuUs: number;
  readonly rssBytes: number;
}

async function costOf(route: Route, env: NodeJS.ProcessEnv): Promise<Cost> {
  const child = fork(new URL('overhead-server.cjs', import.meta.url), { env, execArgv: [] });
  const { port = 0 } = await answerOf(child);
  await load(port, route, WARM_UP);
  const before = await ask(child, 'cpu');
  await load(port, route, requests);
  const after = await ask(child, 'cpu');
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.send('exit');
  await exit;
  return {
    cpuUs: ((after.cpuUs ?? 0) - (before.cpuUs ?? 0)) / requests,
    rssBytes: after.rssBytes ?? 0,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function print(route: Route, bare: readonly Cost[], traced: readonly Cost[]): void {
  const ratios = traced.map((cost, index) => cost.cpuUs / (bare[index]?.cpuUs ?? 1));
  const us = (costs: readonly Cost[]): string => median(costs.map((cost) => cost.cpuUs)).toFixed(1);
  const mb = (costs: readonly Cost[]): number => median(costs.map((cost) => cost.rssBytes)) / 2 ** 20;
  console.log(
    `${route}: ${us(bare)} µs without, ${us(traced)} µs with; median ratio ${median(ratios).toFixed(3)} ` +
      `(${ratios.map((ratio) => ratio.toFixed(3)).join(' ')}); RSS +${(mb(traced) - mb(bare)).toFixed(1)} MB`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'wiretime-overhead-'));
const agent = join(folder, 'agent.cjs');
await build(agentOptions(agent));
const servers = await startServers(['postgres', 'redis']);
const collector = new CountingCollector(join(folder, 'c.sock'));
const { NODE_OPTIONS: _options, ...rest } = process.env;
const bareEnv = { ...rest, BENCH_SERVERS: JSON.stringify(servers), BENCH_ROOT: process.cwd() };
const tracedEnv = {
  ...bareEnv,
  NODE_OPTIONS: `--require ${agent}`,
  WIRETIME_SOCKET: join(folder, 'c.sock'),
};
console.log(
  `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${pairs} pairs of ${requests} requests, ${CONCURRENCY} at a time`,
);
for (const route of ROUTES) {
  const bare: Cost[] = [];
  const traced: Cost[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const isBareFirst = pair % 2 === 0;
    if (isBareFirst) bare.push(await costOf(route, bareEnv));
    const endsBefore = collector.ends;
    traced.push(await costOf(route, tracedEnv));
    const seen = collector.ends - endsBefore;
    if (seen < requests)
      throw new Error(`${route}: the agent reported ${seen} of ${requests + WARM_UP} requests`);
    if (!isBareFirst) bare.push(await costOf(route, bareEnv));
  }
  print(route, bare, traced);
}
collector.server.close();
await servers.stop();
rmSync(folder, { recursive: true, force: true });
process.exit();
