// What the agent adds to the start (and end) of a process. In: nothing. Out: CPU ms with and without, interleaved pairs, medians and spread.
// The program loads node:http and serves one request to itself; the run fails when the agent did not report it.
// Usage: npx tsx bench/startup.ts [pairs] [path of another node]

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fork } from 'node:child_process';
import { build } from 'esbuild';
import { agentOptions } from '../scripts/build-agent.ts';

const GOAL_MS = 10;
const pairs = Number(process.argv[2] ?? 40);
const node = process.argv[3] ?? process.execPath;

const PROGRAM = `
const http = require('node:http');
const server = http.createServer((q, s) => s.end('hi')).listen(0, '127.0.0.1', () => {
  http.get({ port: server.address().port, host: '127.0.0.1', agent: false }, (r) => {
    r.resume();
    r.on('end', () => server.close());
  });
});`;
const NOTHING = 'process.exitCode = 0;';
/** CPU time of the whole process, Node's own start included, after everything the agent does at the end. */
const EPILOGUE = `
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  require('node:fs').writeSync(1, String((user + system) / 1000));
});`;

interface Timing {
  readonly bare: number[];
  readonly traced: number[];
}

/** A collector in a process of its own: spawnSync blocks this one. It counts streams that began with a batch. */
async function startCollector(path: string): Promise<{ stop(): Promise<number> }> {
  const child = fork(import.meta.filename, ['--collector', path], { execArgv: ['--import', 'tsx'] });
  await new Promise((resolve) => child.once('message', resolve));
  return {
    stop: async () => {
      const answer = new Promise<number>((resolve) =>
        child.once('message', (count) => resolve(Number(count))),
      );
      child.send('stop');
      return answer;
    },
  };
}

function collect(path: string): void {
  let hellos = 0;
  createServer((socket) => {
    socket.once('data', (chunk) => {
      if (chunk.toString('latin1', 0, 4) === 'WTR1') hellos++;
    });
    socket.on('error', () => undefined);
  }).listen(path, () => process.send?.('ready'));
  process.on('message', () => process.send?.(hellos, () => process.exit()));
}

/** CPU milliseconds, not wall-clock ones: a start is one busy thread, and CPU time hardly suffers from other load on the machine. */
function timeOf(file: string, env: NodeJS.ProcessEnv): number {
  const { status, stdout } = spawnSync(node, [file], { env, encoding: 'utf8' });
  const ms = Number(stdout);
  if (status !== 0 || !(ms > 0)) throw new Error(`${file} ended with ${status}`);
  return ms;
}

function measure(file: string, bareEnv: NodeJS.ProcessEnv, tracedEnv: NodeJS.ProcessEnv): Timing {
  const timing: Timing = { bare: [], traced: [] };
  timeOf(file, bareEnv);
  timeOf(file, tracedEnv);
  for (let pair = 0; pair < pairs; pair++) {
    const isBareFirst = pair % 2 === 0;
    if (isBareFirst) timing.bare.push(timeOf(file, bareEnv));
    timing.traced.push(timeOf(file, tracedEnv));
    if (!isBareFirst) timing.bare.push(timeOf(file, bareEnv));
  }
  return timing;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function print(name: string, { bare, traced }: Timing): number {
  const added = traced.map((ms, index) => ms - (bare[index] ?? 0));
  const median = quantile(added, 0.5);
  const fixed = (ms: number): string => ms.toFixed(1);
  console.log(
    `${name}: ${fixed(quantile(bare, 0.5))} ms CPU without, ${fixed(quantile(traced, 0.5))} ms with; added ` +
      `${fixed(median)} ms (quartiles ${fixed(quantile(added, 0.25))} to ${fixed(quantile(added, 0.75))}), ratio ` +
      (quantile(traced, 0.5) / quantile(bare, 0.5)).toFixed(3),
  );
  return median;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-startup-'));
  const agent = join(folder, 'agent.cjs');
  await build(agentOptions(agent));
  writeFileSync(join(folder, 'http.cjs'), PROGRAM + EPILOGUE);
  writeFileSync(join(folder, 'nothing.cjs'), NOTHING + EPILOGUE);
  const socket = join(folder, 'c.sock');
  const collector = await startCollector(socket);
  const { NODE_OPTIONS: _options, ...bareEnv } = process.env;
  const tracedEnv = { ...bareEnv, NODE_OPTIONS: `--require ${agent}`, WIRETIME_SOCKET: socket };
  console.log(`node ${node}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${pairs} interleaved pairs`);
  const nothing = measure(join(folder, 'nothing.cjs'), bareEnv, tracedEnv);
  const http = measure(join(folder, 'http.cjs'), bareEnv, tracedEnv);
  print('a program without network', nothing);
  const added = print('a program with node:http', http);
  const hellos = await collector.stop();
  rmSync(folder, { recursive: true, force: true });
  if (hellos !== pairs + 1)
    throw new Error(`${hellos} hellos, expected ${pairs + 1}: the agent did not work`);
  if (added > GOAL_MS) throw new Error(`added ${added.toFixed(1)} ms, the goal is ${GOAL_MS} ms`);
}

if (process.argv[2] === '--collector') collect(process.argv[3] ?? '');
else await main();
