// What tracing costs a running backend, in CPU per request. In: nothing. Out: µs of CPU per request without a tracer, with wiretime, with the
// floor (bytes copied out and nothing else) and with other tracers, ratios, memory, start-up, and the share of exactly right traces; `--json
// FILE` for machines. All configurations run at the same time and are loaded in turns of less than a second, so that what else the machine does hits them
// alike; each round has fresh processes. Fails when a request failed or a tracer did not do its work.
// Usage: npm run bench:overhead [-- --quick] [--json FILE] [--rounds N] [--turns N] [--node 20,24] [--agent FILE]… [--only NAME]… [--route NAME]…
// --quick: this Node, wiretime and floor only, under two minutes. Otherwise Node 20 and 24, about 15 minutes on two quiet cores.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { agentOptions } from '../scripts/build-agent.ts';
import { startServers } from '../scripts/servers.ts';
import { nodeBinary } from './attribution/nodes.ts';
import { Backend } from './overhead/backend.ts';
import {
  floor,
  otherTracers,
  Sinks,
  untraced,
  wiretime,
  type Check,
  type Configuration,
} from './overhead/configurations.ts';
import { load } from './overhead/load.ts';
import { Measured, print, round1, rowOf, type Row } from './overhead/measured.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    rounds: { type: 'string' },
    turns: { type: 'string' },
    /** Versions or paths, with commas. */
    node: { type: 'string' },
    /** Other builds of the agent to compare with, as `wiretime 1`, `wiretime 2` … */
    agent: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true },
    route: { type: 'string', multiple: true },
  },
});
const ROUNDS = Number(options.rounds ?? (options.quick ? 1 : 3));
const TURNS = Number(options.turns ?? (options.quick ? 6 : 10));
/** The others cost so much more that they need less care. */
const OTHER_ROUNDS = 1;
const OTHER_TURNS = Math.min(TURNS, 6);
const AT_ONCE = 32;
/** V8 goes on compiling for about 3000 requests, more of it with a tracer: what a process costs that has run for a minute is wanted. */
const WARM_UP_TURNS = 8;
const CHECKED_REQUESTS = 300;
/** Others send every five seconds. */
const CHECK_LIMIT_MS = 12_000;
const NODES = (options.node ?? (options.quick ? process.execPath : '20,24')).split(',');

interface Route {
  readonly name: string;
  /** About half a second of work. */
  readonly perTurn: number;
}

const ALL_ROUTES: readonly Route[] = [
  { name: 'hello', perTurn: 3000 },
  { name: 'checkout', perTurn: 500 },
  { name: 'queries', perTurn: 400 },
];
/** One kind of operation alone, for `--route`. */
const SINGLE_ROUTES: readonly Route[] = [
  { name: 'cache', perTurn: 800 },
  { name: 'request', perTurn: 600 },
  { name: 'fetch', perTurn: 300 },
];
const { route: wantedRoutes } = options;
const ROUTES =
  wantedRoutes === undefined
    ? ALL_ROUTES
    : [...ALL_ROUTES, ...SINGLE_ROUTES].filter(({ name }) => wantedRoutes.includes(name));

async function turn(backend: Backend, route: Route, into?: Measured): Promise<void> {
  const before = await backend.usage();
  const path = (number: number): string => `/${route.name}?m=m${number}m`;
  const loaded = await load(backend.port, route.perTurn, AT_ONCE, path);
  into?.addTurn(before, await backend.usage(), loaded);
}

type Results = Map<string, Measured>;

function resultOf(results: Results, name: string, route: string): Measured {
  const key = `${name}/${route}`;
  const found = results.get(key) ?? new Measured();
  results.set(key, found);
  return found;
}

/** One round: fresh processes, all routes. */
async function round(
  node: string,
  configurations: readonly Configuration[],
  turns: number,
  results: Results,
): Promise<void> {
  const running = [];
  for (const configuration of configurations) {
    const reported = configuration.reported();
    const backend = await new Backend('server.cjs', configuration.env, node).listens();
    running.push({ ...configuration, backend, before: reported });
  }
  for (const route of ROUTES) {
    const told = running.map(({ backend }) => sinks.collector.told.get(backend.pid ?? 0)?.length ?? 0);
    for (let number = 0; number < WARM_UP_TURNS; number++)
      for (const { backend } of running) await turn(backend, route);
    for (let number = 0; number < turns; number++)
      for (const { name, backend } of rotated(running, number))
        await turn(backend, route, resultOf(results, name, route.name));
    for (const [index, { name, backend }] of running.entries()) {
      const result = resultOf(results, name, route.name);
      result.addTold(sinks.collector.ownUsPerRequest(backend.pid, told[index] ?? 0));
      result.memory.push(await backend.memory());
      result.startupMs.push(backend.startupMs);
    }
  }
  for (const { backend } of running) await backend.stop();
  for (const { name, reported, before } of running)
    if (reported() <= before && name !== 'none') throw new Error(`${name} did not report anything`);
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** Was the tracer right about a number of checkouts? */
async function check(node: string, { check: wanted }: Configuration): Promise<Check | undefined> {
  if (wanted === undefined || !ROUTES.some(({ name }) => name === 'checkout')) return undefined;
  const backend = await new Backend('server.cjs', wanted.env, node).listens();
  const state = wanted.begin(CHECKED_REQUESTS);
  await load(backend.port, CHECKED_REQUESTS, AT_ONCE, (number) => `/checkout?m=m${number}m`);
  const limit = performance.now() + CHECK_LIMIT_MS;
  while (state().exactTraces < 1 && performance.now() < limit) await delay(50);
  await backend.stop();
  return state();
}

async function measure(node: string): Promise<readonly Row[]> {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const rows = await measureTogether(node, version, ours, ROUNDS, TURNS);
  if (others.length === 0) return rows;
  const theirs = await measureTogether(node, version, [none, ...others], OTHER_ROUNDS, OTHER_TURNS);
  return [...rows, ...theirs.filter(({ name }) => name !== 'none')];
}

async function measureTogether(
  node: string,
  version: string,
  configurations: readonly Configuration[],
  rounds: number,
  turns: number,
): Promise<readonly Row[]> {
  const results: Results = new Map();
  for (let number = 0; number < rounds; number++) await round(node, configurations, turns, results);
  const rows: Row[] = [];
  for (const configuration of configurations) {
    const checked = await check(node, configuration);
    for (const { name: route } of ROUTES) {
      const { name } = configuration;
      const row = rowOf(
        name,
        version,
        route,
        resultOf(results, name, route),
        resultOf(results, 'none', route),
      );
      rows.push(route === 'checkout' && checked !== undefined ? { ...row, ...checked } : row);
      print(rows.at(-1) ?? row);
    }
  }
  return rows;
}

function isWanted(name: string): boolean {
  return options.only?.includes(name) ?? true;
}

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'wiretime-overhead-'));
const agent = join(folder, 'agent.cjs');
await build(agentOptions(agent));
const servers = await startServers(['postgres', 'redis']);
const service = await new Backend('service.cjs', process.env, process.execPath).listens();
const { NODE_OPTIONS: _options, ...environment } = process.env;
const env = {
  ...environment,
  NODE_ENV: 'production',
  BENCH_SERVERS: JSON.stringify({ ...servers, service: { port: service.port } }),
  BENCH_ROOT: process.cwd(),
};
const sinks = new Sinks(folder);
const none = untraced(env);
const ours = [
  none,
  ...[
    wiretime('wiretime', agent, env, sinks),
    ...options.agent.map((file, index) => wiretime(`wiretime ${index + 1}`, file, env, sinks)),
    floor(env, sinks),
  ].filter(({ name }) => isWanted(name)),
];
const others = options.quick ? [] : await otherTracers(env, sinks, isWanted);
const conditions = {
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? '?'}`,
  loadAverage: loadavg().map(round1),
  rounds: ROUNDS,
  turns: TURNS,
  atOnce: AT_ONCE,
  perTurn: Object.fromEntries(ROUTES.map(({ name, perTurn }) => [name, perTurn])),
  date: new Date().toISOString(),
};
console.log(JSON.stringify(conditions));
const rows: Row[] = [];
for (const node of NODES) rows.push(...(await measure(node.includes('/') ? node : nodeBinary(node))));
if (options.json !== undefined)
  writeFileSync(options.json, JSON.stringify({ conditions, configs: rows }, undefined, 2));
if (sinks.collector.dropped > 0) console.log(`wiretime dropped ${sinks.collector.dropped} records`);
console.log(
  `load average ${round1(loadavg()[0] ?? 0)}, ${Math.round((performance.now() - started) / 1000)} s`,
);
sinks.close();
await service.stop();
await servers.stop();
rmSync(folder, { recursive: true, force: true });
