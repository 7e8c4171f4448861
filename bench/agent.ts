// What the Node agent computes in the traced process, without the kernel: CPU per request on sockets whose bytes never leave the process
// (agent/work.cjs). In: nothing. Out: a table, µs per request: without a tracer, following requests only (`storage`), copying the bytes out (`floor`),
// wiretime, and other builds of it. All run at the same time and work in turns of a twentieth of a second, so that other work of the machine hits
// them alike; the lowest tenth of a process's turns, the median of the processes. Fails when a tracer did not report the requests.
// With --allocations: bytes allocated per request instead, and the functions that allocate more than without a tracer. It needs no quiet machine.
// Usage: npx tsx bench/agent.ts [--rounds N] [--turns N] [--node PATH] [--agent FILE]… [--only NAME]… [--route NAME]… [--allocations]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { agentOptions } from '../scripts/build-agent.ts';
import { Backend } from './overhead/backend.ts';
import { ByteCounter, Collector } from './overhead/collectors.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    turns: { type: 'string', default: '40' },
    node: { type: 'string', default: process.execPath },
    /** Other builds of the agent to compare with, as `wiretime 1`, `wiretime 2` … */
    agent: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true },
    route: { type: 'string', multiple: true },
    allocations: { type: 'boolean', default: false },
  },
});
const WARM_UP_TURNS = 20;

/** Requests of a turn, about a twentieth of a second. */
const ROUTES = Object.entries({
  hello: 800,
  queries: 250,
  cache: 400,
  request: 300,
  fetch: 120,
  checkout: 200,
}).filter(([name]) => options.route?.includes(name) ?? true);

interface Configuration {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Lowest tenths of the processes so far, by route. */
  readonly found: Map<string, number[]>;
  /** What the agent said of its own cost, µs of a request, by route. */
  readonly told: Map<string, number[]>;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** Fresh processes, all routes. */
async function round(configurations: readonly Configuration[]): Promise<void> {
  const backends = configurations.map(({ env }) => new Backend('../agent/work.cjs', env, options.node));
  for (const backend of backends) await backend.listens();
  for (const [route, count] of ROUTES) {
    const measured = backends.map((): number[] => []);
    const before = backends.map(({ pid }) => collector.told.get(pid ?? 0)?.length ?? 0);
    for (let turn = -WARM_UP_TURNS; turn < Number(options.turns); turn++)
      for (const [index, backend] of rotated([...backends.entries()], turn + WARM_UP_TURNS)) {
        const { cpuUs } = (await backend.ask({ route, count })) as { readonly cpuUs: number };
        if (turn >= 0) measured[index]?.push(cpuUs);
      }
    for (const [index, { found, told }] of configurations.entries()) {
      found.set(route, [...(found.get(route) ?? []), quantile(measured[index] ?? [], 0.1)]);
      const us = collector.ownUsPerRequest(backends[index]?.pid, before[index] ?? 0);
      if (!Number.isNaN(us)) told.set(route, [...(told.get(route) ?? []), us]);
    }
  }
  for (const backend of backends) await backend.stop();
}

type Allocated = ReadonlyMap<string, number>;

async function allocatedBy({ env }: Configuration, route: string, count: number): Promise<Allocated> {
  const backend = await new Backend('../agent/work.cjs', env, options.node).listens();
  for (let turn = 0; turn < WARM_UP_TURNS; turn++) await backend.ask({ route, count });
  const { bytes } = (await backend.ask({ route, count: count * 4, areAllocations: true })) as {
    readonly bytes: readonly (readonly [string, number])[];
  };
  await backend.stop();
  return new Map(bytes);
}

function sum(allocated: Allocated): number {
  return [...allocated.values()].reduce((total, bytes) => total + bytes, 0);
}

const LEAST_BYTES = 40;

/** What each configuration allocates, and where it is more than without. */
async function compareAllocations(configurations: readonly Configuration[]): Promise<void> {
  for (const [route, count] of ROUTES) {
    let base: Allocated | undefined;
    for (const one of configurations) {
      const allocated = await allocatedBy(one, route, count);
      base ??= allocated;
      const added = sum(allocated) - sum(base);
      console.log(
        `${route.padEnd(9)}${one.name.padEnd(12)}${sum(allocated).toFixed(0)} B  +${added.toFixed(0)}`,
      );
      const more = [...allocated].map(([place, bytes]) => [place, bytes - (base?.get(place) ?? 0)] as const);
      for (const [place, bytes] of more
        .toSorted((a, b) => b[1] - a[1])
        .filter((line) => line[1] > LEAST_BYTES))
        console.log(`    ${bytes.toFixed(0).padStart(7)}  ${place}`);
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'wiretime-agent-'));
const agent = join(folder, 'agent.cjs');
await build({ ...agentOptions(agent), minify: !options.allocations });
const collector = new Collector(join(folder, 'c.sock'));
const counter = new ByteCounter(join(folder, 'floor.sock'));
const { NODE_OPTIONS: _options, ...environment } = process.env;

function configuration(name: string, file?: string): Configuration {
  const env = {
    ...environment,
    NODE_ENV: 'production',
    BENCH_ROOT: process.cwd(),
    BENCH_FLOOR_SOCKET: join(folder, 'floor.sock'),
    WIRETIME_SOCKET: join(folder, 'c.sock'),
    ...(file === undefined ? {} : { NODE_OPTIONS: `--require ${file}` }),
  };
  return { name, env, found: new Map(), told: new Map() };
}

const configurations = [
  configuration('none'),
  configuration('storage', join(import.meta.dirname, 'agent/storage.cjs')),
  configuration('floor', join(import.meta.dirname, 'overhead/floor.cjs')),
  configuration('wiretime', agent),
  ...options.agent.map((file, index) => configuration(`wiretime ${index + 1}`, file)),
].filter(({ name }) => name === 'none' || (options.only?.includes(name) ?? true));

async function measure(): Promise<void> {
  if (options.allocations) return compareAllocations(configurations);
  for (let number = 0; number < Number(options.rounds); number++) await round(configurations);
  print();
}

function print(): void {
  const [base] = configurations;
  for (const [route] of ROUTES) {
    const without = quantile(base?.found.get(route) ?? [], 0.5);
    for (const { name, found, told } of configurations) {
      const values = found.get(route) ?? [];
      const us = quantile(values, 0.5);
      const each = values.map((value) => value.toFixed(1)).join(' ');
      const says = told.has(route) ? `   says +${quantile(told.get(route) ?? [], 0.5).toFixed(1)}` : '';
      console.log(
        `${route.padEnd(9)}${name.padEnd(12)}${us.toFixed(1).padStart(8)} µs  +${(us - without).toFixed(1).padStart(6)}  × ${(us / without).toFixed(3)}   ${each}${says}`,
      );
    }
  }
}

await measure();
if (configurations.some(({ name }) => name.startsWith('wiretime')) && collector.ends === 0)
  throw new Error('wiretime did not report anything');
if (configurations.some(({ name }) => name === 'floor') && counter.bytes === 0)
  throw new Error('the floor did not report anything');
console.log(`${collector.ends} requests reported, ${collector.dropped} records dropped`);
collector.close();
counter.close();
rmSync(folder, { recursive: true, force: true });
