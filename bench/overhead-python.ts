// What tracing costs a running Python backend, in CPU per request: Flask, psycopg, redis and requests under gunicorn (gthread), and FastAPI, asyncpg,
// redis and httpx under uvicorn (uvloop). In: nothing. Out: as bench/overhead.ts. All configurations of a stack run at the same time and are loaded
// in turns. Fails when a request failed or a tracer did not do its work.
// Usage: npm run bench:overhead-python [-- --quick] [--json FILE] [--rounds N] [--turns N] [--stack NAME]… [--route NAME]… [--at-once N] [--python PATH] [--agent FOLDER]… [--without NAME]…
// --quick: without the other tracers.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { startServers } from '../scripts/servers.ts';
import { Backend } from './overhead/backend.ts';
import { Sinks, type Check } from './overhead/configurations.ts';
import { load } from './overhead/load.ts';
import { Measured, print, round1, rowOf, type Row } from './overhead/measured.ts';
import { Application, STACKS, type Stack } from './overhead-python/application.ts';
import { measureStart } from './overhead-python/start.ts';
import { floors, none, others, wiretime, type Tracer } from './overhead-python/tracers.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    rounds: { type: 'string' },
    turns: { type: 'string' },
    stack: { type: 'string', multiple: true },
    route: { type: 'string', multiple: true },
    /** Requests at the same time. With 1 nobody waits for the GIL: what is left is what the agent itself does. */
    'at-once': { type: 'string', default: '16' },
    python: { type: 'string', default: 'python3' },
    /** Of `hooks` and `floor`: what is left out. */
    without: { type: 'string', multiple: true, default: [] },
    /** Other versions of the agent's folder `python` to compare with, as `wiretime 1`, `wiretime 2` … */
    agent: { type: 'string', multiple: true, default: [] },
  },
});
const ROUNDS = Number(options.rounds ?? (options.quick ? 1 : 3));
const TURNS = Number(options.turns ?? (options.quick ? 6 : 10));
const STARTS = options.quick ? 10 : 20;
const AT_ONCE = Number(options['at-once']);
const WARM_UP_TURNS = 2;
const CHECKED_REQUESTS = 300;
const CHECK_LIMIT_MS = 20_000;
/** Requests of a turn: about half a second of work. */
const PER_TURN: Readonly<Record<string, number>> = { hello: 1500, checkout: 200, queries: 200 };
const ROUTES = Object.keys(PER_TURN).filter((route) => options.route?.includes(route) ?? true);

type Results = Map<string, Measured>;

function resultOf(results: Results, name: string, route: string): Measured {
  const key = `${name}/${route}`;
  const found = results.get(key) ?? new Measured();
  results.set(key, found);
  return found;
}

async function turn(application: Application, route: string, into?: Measured): Promise<void> {
  const path = (number: number): string => `/${route}?m=m${number}m`;
  const before = await application.usage();
  const loaded = await load(application.port, PER_TURN[route] ?? 0, AT_ONCE, path);
  into?.addTurn(before, await application.usage(), loaded);
}

async function start(stack: Stack, { name, programs, prefix }: Tracer, env: NodeJS.ProcessEnv) {
  const log = join(folder, `${stack}-${name.replaceAll(' ', '-')}.log`);
  return await Application.start({ stack, programs, prefix, env, log });
}

/** One round: fresh processes, all routes. */
async function round(stack: Stack, tracers: readonly Tracer[], results: Results): Promise<void> {
  const running: (Tracer & { application: Application; before: number })[] = [];
  for (const tracer of tracers) {
    const before = tracer.reported?.() ?? 0;
    running.push({ ...tracer, before, application: await start(stack, tracer, tracer.env) });
  }
  for (const route of ROUTES) {
    for (let number = 0; number < WARM_UP_TURNS; number++)
      for (const { application } of running) await turn(application, route);
    for (let number = 0; number < TURNS; number++)
      for (const { name, application } of rotated(running, number))
        await turn(application, route, resultOf(results, name, route));
    for (const { name, application } of running) {
      const result = resultOf(results, name, route);
      result.memory.push(application.memory());
      result.startupMs.push(application.startupMs);
    }
  }
  for (const { application } of running) await application.stop();
  for (const { name, reported, before } of running)
    if (reported !== undefined && reported() <= before) throw new Error(`${name} did not report anything`);
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** Was the tracer right about a number of checkouts? */
async function check(stack: Stack, tracer: Tracer): Promise<Check | undefined> {
  if (tracer.check === undefined || !ROUTES.includes('checkout')) return undefined;
  const application = await start(stack, tracer, tracer.check.env);
  const state = tracer.check.begin(CHECKED_REQUESTS);
  await load(application.port, CHECKED_REQUESTS, AT_ONCE, (number) => `/checkout?m=m${number}m`);
  const limit = performance.now() + CHECK_LIMIT_MS;
  while (state().exactTraces < 1 && performance.now() < limit) await delay(50);
  await application.stop();
  return state();
}

async function measure(stack: Stack, tracers: readonly Tracer[]): Promise<readonly Row[]> {
  const results: Results = new Map();
  for (let number = 0; number < ROUNDS; number++) await round(stack, tracers, results);
  const rows: Row[] = [];
  for (const tracer of tracers) {
    const checked = await check(stack, tracer);
    for (const route of ROUTES) {
      const measured = resultOf(results, tracer.name, route);
      const row = rowOf(tracer.name, stack, route, measured, resultOf(results, 'none', route));
      rows.push(route === 'checkout' && checked !== undefined ? { ...row, ...checked } : row);
      print(rows.at(-1) ?? row);
    }
  }
  return rows;
}

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'wiretime-overhead-python-'));
const { python } = options;
const servers = await startServers(['postgres', 'redis']);
const service = await new Backend('service.cjs', process.env, process.execPath).listens();
const { PYTHONPATH: _path, ...environment } = process.env;
const env = {
  ...environment,
  BENCH_SERVERS: JSON.stringify({ ...servers, service: { port: service.port } }),
};
const sinks = new Sinks(folder);
const tracers = [
  none(env, python),
  wiretime('wiretime', 'python', env, python, sinks),
  ...options.agent.map((agent, index) => wiretime(`wiretime ${index + 1}`, agent, env, python, sinks)),
  ...floors(env, python, sinks).filter(({ name }) => !options.without.includes(name)),
  ...(options.quick ? [] : await others(env, python, sinks)),
];
const conditions = {
  python: execFileSync(python, ['--version'], { encoding: 'utf8' }).trim(),
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? '?'}`,
  loadAverage: loadavg().map(round1),
  rounds: ROUNDS,
  turns: TURNS,
  atOnce: AT_ONCE,
  perTurn: PER_TURN,
  date: new Date().toISOString(),
};
console.log(JSON.stringify(conditions));
const startup = await measureStart(tracers.slice(0, 2), STARTS);
console.log(
  `start-up: ${startup.map(({ name, ms, addedMs }) => `${name} ${ms} ms, +${addedMs} ms`).join('; ')}`,
);
const rows: Row[] = [];
for (const stack of STACKS)
  if (options.stack?.includes(stack) ?? true) rows.push(...(await measure(stack, tracers)));
if (options.json !== undefined)
  writeFileSync(options.json, JSON.stringify({ conditions, startup, configs: rows }, undefined, 2));
if (sinks.collector.dropped > 0) console.log(`wiretime dropped ${sinks.collector.dropped} records`);
console.log(
  `load average ${round1(loadavg()[0] ?? 0)}, ${Math.round((performance.now() - started) / 1000)} s`,
);
sinks.close();
await service.stop();
await servers.stop();
rmSync(folder, { recursive: true, force: true });
