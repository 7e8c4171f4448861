// What tracing costs a running backend, in CPU per request. In: nothing. Out: µs of CPU per request without a tracer, with wiretime, with the
// floor (bytes copied out and nothing else) and with OpenTelemetry, and the ratios; `--json FILE` for machines.
// All configurations run at the same time and are loaded in turns of a second, so that what else the machine does hits them alike;
// each round has fresh processes. Fails when a request failed or a tracer did not do its work.
// Usage: npm run bench:overhead [-- --quick] [--json FILE] [--rounds N] [--turns N] [--node PATH]… [--agent FILE]… [--only NAME]… [--route NAME]…

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { agentOptions } from '../scripts/build-agent.ts';
import { startServers } from '../scripts/servers.ts';
import { Backend } from './overhead/backend.ts';
import { ByteCounter, Collector, OtlpCounter } from './overhead/collectors.ts';
import { load } from './overhead/load.ts';
import { openTelemetry } from './overhead/opentelemetry.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    rounds: { type: 'string' },
    turns: { type: 'string' },
    node: { type: 'string', multiple: true, default: [process.execPath] },
    /** Other builds of the agent to compare with, as `wiretime 1`, `wiretime 2` … */
    agent: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true },
    route: { type: 'string', multiple: true },
  },
});
const ROUNDS = Number(options.rounds ?? (options.quick ? 1 : 3));
const TURNS = Number(options.turns ?? (options.quick ? 4 : 10));
const AT_ONCE = 32;
const WARM_UP_TURNS = 3;
/** Redis, 3 × PostgreSQL, 2 × HTTP. */
const CHECKOUT_OPERATIONS = 6;
const CHECKED_REQUESTS = 300;

interface Route {
  readonly name: string;
  /** About a second of work. */
  readonly perTurn: number;
}

const ALL_ROUTES: readonly Route[] = [
  { name: 'hello', perTurn: 4000 },
  { name: 'checkout', perTurn: 700 },
  { name: 'queries', perTurn: 400 },
];
const ROUTES = ALL_ROUTES.filter(({ name }) => options.route?.includes(name) ?? true);

interface Configuration {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** What its tracer has reported so far; must grow. */
  readonly reported: () => number;
}

/** What was measured of one configuration on one route. */
class Measured {
  readonly cpuUs: number[] = [];
  readonly userUs: number[] = [];
  readonly perSecond: number[] = [];
  readonly rssMb: number[] = [];
  readonly startupMs: number[] = [];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function turn(backend: Backend, route: Route, into?: Measured): Promise<void> {
  const before = await backend.usage();
  const ms = await load(backend.port, route.perTurn, AT_ONCE, (number) => `/${route.name}?m=m${number}m`);
  const after = await backend.usage();
  into?.cpuUs.push((after.cpuUs - before.cpuUs) / route.perTurn);
  into?.userUs.push((after.userUs - before.userUs) / route.perTurn);
  into?.perSecond.push((route.perTurn / ms) * 1000);
}

/** One round: fresh processes, all routes. */
async function round(
  node: string,
  configurations: readonly Configuration[],
  measured: (configuration: Configuration, route: Route) => Measured,
): Promise<void> {
  const backends: Backend[] = [];
  for (const { env } of configurations) backends.push(await new Backend('server.cjs', env, node).listens());
  const reported = configurations.map((configuration) => configuration.reported());
  for (const route of ROUTES) {
    for (let number = 0; number < WARM_UP_TURNS; number++)
      for (const backend of backends) await turn(backend, route);
    for (let number = 0; number < TURNS; number++)
      for (const [index, configuration] of rotated([...configurations.entries()], number)) {
        const backend = backends[index];
        if (backend) await turn(backend, route, measured(configuration, route));
      }
    for (const [index, configuration] of configurations.entries()) {
      const backend = backends[index];
      if (!backend) continue;
      const into = measured(configuration, route);
      into.rssMb.push((await backend.usage()).rssBytes / 2 ** 20);
      into.startupMs.push(backend.startupMs);
    }
  }
  for (const backend of backends) await backend.stop();
  if (collector.dropped > 0) console.log(`${collector.dropped} records were dropped`);
  for (const [index, { name, reported: now }] of configurations.entries())
    if (now() <= (reported[index] ?? 0) && name !== 'none')
      throw new Error(`${name} did not report anything`);
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** The share of checkouts of which every operation was given to the right request. */
async function exactShare(node: string, configuration: Configuration, collector: Collector): Promise<number> {
  const backend = await new Backend('server.cjs', configuration.env, node).listens();
  collector.isChecking = true;
  await load(backend.port, CHECKED_REQUESTS, AT_ONCE, (number) => `/checkout?m=m${number}m`);
  const share = (): number => collector.exactShare(CHECKED_REQUESTS, CHECKOUT_OPERATIONS);
  for (let tries = 0; tries < 100 && share() < 1; tries++) await new Promise((done) => setTimeout(done, 20));
  collector.isChecking = false;
  await backend.stop();
  return share();
}

const folder = mkdtempSync(join(tmpdir(), 'wiretime-overhead-'));
const agent = join(folder, 'agent.cjs');
await build(agentOptions(agent));
const servers = await startServers(['postgres', 'redis']);
const service = await new Backend('service.cjs', process.env, process.execPath).listens();
const { NODE_OPTIONS: _options, ...environment } = process.env;
const none = {
  ...environment,
  NODE_ENV: 'production',
  BENCH_SERVERS: JSON.stringify({ ...servers, service: { port: service.port } }),
  BENCH_ROOT: process.cwd(),
};
const collector = new Collector(join(folder, 'c.sock'));
const counter = new ByteCounter(join(folder, 'floor.sock'));
const otlp = await new OtlpCounter().listen();

function traced(name: string, file: string): Configuration {
  const env = { ...none, NODE_OPTIONS: `--require ${file}`, WIRETIME_SOCKET: join(folder, 'c.sock') };
  return { name, env, reported: () => collector.ends };
}

function configurationsFor(): readonly Configuration[] {
  const floor = {
    ...none,
    NODE_OPTIONS: `--require ${join(import.meta.dirname, 'overhead/floor.cjs')}`,
    BENCH_FLOOR_SOCKET: join(folder, 'floor.sock'),
  };
  const list: Configuration[] = [
    { name: 'none', env: none, reported: () => 0 },
    traced('wiretime', agent),
    ...options.agent.map((file, index) => traced(`wiretime ${index + 1}`, file)),
    { name: 'floor', env: floor, reported: () => counter.bytes },
  ];
  const wanted = (name: string): boolean => name === 'none' || (options.only?.includes(name) ?? true);
  const other = wanted('OpenTelemetry') && !options.quick ? openTelemetry() : undefined;
  if (other !== undefined)
    list.push({ name: 'OpenTelemetry', env: otelEnv(other), reported: () => otlp.bytes });
  return list.filter(({ name }) => wanted(name));
}

function otelEnv(file: string): Record<string, string> {
  return {
    ...none,
    NODE_OPTIONS: `--require ${file}`,
    OTEL_SERVICE_NAME: 'bench',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlp.port}`,
  };
}

interface Row {
  readonly name: string;
  readonly node: string;
  readonly route: string;
  readonly cpuUsPerRequest: number;
  readonly addedCpuUs: number;
  /** Without system calls: how long those take depends much on what else the machine does. */
  readonly addedUserUs: number;
  /** Median over turns, each against the turn of `none` next to it; and the quartiles. */
  readonly ratio: number;
  readonly ratioQuartiles: readonly [number, number];
  readonly requestsPerSecond: number;
  readonly startupMs: number;
  readonly rssMb: number;
  /** Of each turn. */
  readonly turnsCpuUs: readonly number[];
  readonly exactTraces?: number;
}

function rowOf(name: string, node: string, route: string, measured: Measured, base: Measured): Row {
  const ofUser = measured.userUs.map((us, index) => us - (base.userUs[index] ?? us));
  const ratios = measured.cpuUs.map((us, index) => us / (base.cpuUs[index] ?? us));
  const added = measured.cpuUs.map((us, index) => us - (base.cpuUs[index] ?? us));
  return {
    name,
    node,
    route,
    cpuUsPerRequest: round1(median(measured.cpuUs)),
    addedCpuUs: round1(median(added)),
    addedUserUs: round1(median(ofUser)),
    ratio: round3(median(ratios)),
    ratioQuartiles: [round3(quantile(ratios, 0.25)), round3(quantile(ratios, 0.75))],
    requestsPerSecond: Math.round(median(measured.perSecond)),
    startupMs: round1(median(measured.startupMs)),
    rssMb: round1(median(measured.rssMb)),
    turnsCpuUs: measured.cpuUs.map(round1),
  };
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function print(row: Row): void {
  const [low, high] = row.ratioQuartiles;
  console.log(
    `${row.node} ${row.route.padEnd(9)}${row.name.padEnd(14)}${row.cpuUsPerRequest.toFixed(1).padStart(8)} µs  ` +
      `× ${row.ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})  +${row.addedCpuUs} µs, user +${row.addedUserUs}  ${row.requestsPerSecond} requests/s  ` +
      `${row.rssMb} MB  start ${row.startupMs} ms${row.exactTraces === undefined ? '' : `  exact ${row.exactTraces}`}`,
  );
}

async function measure(node: string): Promise<readonly Row[]> {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const configurations = configurationsFor();
  const all = new Map<string, Measured>();
  const measured = ({ name }: Configuration, route: Route): Measured => {
    const key = `${name}/${route.name}`;
    const found = all.get(key) ?? new Measured();
    all.set(key, found);
    return found;
  };
  for (let number = 0; number < ROUNDS; number++) await round(node, configurations, measured);
  const [base] = configurations;
  if (base === undefined) return [];
  const ours = configurations.find(({ name }) => name === 'wiretime');
  const exactTraces = ours && (await exactShare(node, ours, collector));
  const rows = ROUTES.flatMap((route) =>
    configurations.map((configuration) => {
      const row = rowOf(
        configuration.name,
        version,
        route.name,
        measured(configuration, route),
        measured(base, route),
      );
      const isChecked = configuration === ours && route.name === 'checkout';
      return isChecked && exactTraces !== undefined ? { ...row, exactTraces } : row;
    }),
  );
  for (const row of rows) print(row);
  return rows;
}

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
for (const node of options.node) rows.push(...(await measure(node)));
if (options.json !== undefined)
  writeFileSync(options.json, JSON.stringify({ conditions, configs: rows }, undefined, 2));
collector.close();
counter.close();
otlp.close();
await service.stop();
await servers.stop();
rmSync(folder, { recursive: true, force: true });
