// `npm run bench:heap [-- --operations N (of sockets, in millions) --only NAME… --node PATH --json FILE]`: does the agent grow? In: nothing. Out: memory, latency and
// throughput of a program (heap-app.cjs) after each tenth of its operations, without the agent, and with it while its collector reads, is
// absent, is killed, is frozen. Exit 1 when memory grows, or when the agent has switched itself off.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { agentOptions } from '../../scripts/build-agent.ts';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true },
    node: { type: 'string', default: process.execPath },
    json: { type: 'string' },
  },
});

/** When all is compiled, and the buffers of a collector that does not read are full. Heap: after a full collection. */
const SETTLED_STEP = 5;
/** A question and its answer: two writes and two reads, both ends being in the program. */
const OPERATIONS_PER_ASK = 4;
const HEAP_GROWTH_LIMIT_BYTES = 1024 * 1024;
/** The system's view is coarser: pages of the collector of garbage, of sockets. */
const RSS_GROWTH_LIMIT_BYTES = 16 * 1024 * 1024;

/** What happens to the collector, and after which tenth of the operations. */
interface Fate {
  readonly name: string;
  readonly isTraced: boolean;
  readonly hasCollector: boolean;
  readonly signals: readonly (readonly [afterStep: number, signal: NodeJS.Signals])[];
}

const FATES: readonly Fate[] = [
  { name: 'without', isTraced: false, hasCollector: false, signals: [] },
  { name: 'reads', isTraced: true, hasCollector: true, signals: [] },
  { name: 'absent', isTraced: true, hasCollector: false, signals: [] },
  { name: 'killed', isTraced: true, hasCollector: true, signals: [[3, 'SIGKILL']] },
  {
    name: 'frozen',
    isTraced: true,
    hasCollector: true,
    signals: [
      [3, 'SIGSTOP'],
      [9, 'SIGCONT'],
    ],
  },
];

/** One line of heap-app.cjs. Bytes and µs. */
interface Step {
  readonly step: number;
  readonly done: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
}

interface Seen {
  readonly records: number;
  readonly writes: number;
  readonly droppedRecords: number;
  readonly errors: number;
  readonly brokenStreams: number;
}

interface Result {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly seen: Seen | undefined;
  readonly code: unknown;
  readonly heapGrowth: number;
  readonly rssGrowth: number;
}

const folder = mkdtempSync(join(tmpdir(), 'wiretime-heap-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

async function startCollector(path: string): Promise<ChildProcess> {
  const script = new URL('heap-collector.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

async function endCollector(child: ChildProcess): Promise<Seen | undefined> {
  if (child.stdout === null || child.exitCode !== null || child.signalCode !== null) return undefined;
  const lines = createInterface(child.stdout);
  const line = once(lines, 'line') as Promise<[string]>;
  child.kill('SIGTERM');
  return JSON.parse((await line)[0]) as Seen;
}

async function run(fate: Fate, agent: string, operations: number): Promise<Result> {
  const path = join(folder, `${fate.name}.sock`);
  const collector = fate.hasCollector ? await startCollector(path) : undefined;
  const app = new URL('heap-app.cjs', import.meta.url).pathname;
  const tracing = fate.isTraced ? { NODE_OPTIONS: `--require ${agent}`, WIRETIME_SOCKET: path } : {};
  const child = spawn(values.node, ['--expose-gc', app, String(operations / OPERATIONS_PER_ASK)], {
    env: { ...process.env, ...tracing },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const steps: Step[] = [];
  const closed = once(child, 'close');
  for await (const line of createInterface(child.stdout)) {
    const step = JSON.parse(line) as Step;
    steps.push(step);
    for (const [after, signal] of fate.signals) if (after === step.step) collector?.kill(signal);
  }
  const [code] = (await closed) as [unknown];
  const seen = collector && (await endCollector(collector));
  const [settled, last] = [steps[SETTLED_STEP - 1], steps.at(-1)];
  if (settled === undefined || last === undefined)
    throw new Error(`${fate.name}: the program did not do its work`);
  const growth = (of: (step: Step) => number): number => of(last) - of(settled);
  return {
    name: fate.name,
    steps,
    seen,
    code,
    heapGrowth: growth((step) => step.heapUsed + step.external),
    rssGrowth: growth((step) => step.rss),
  };
}

function lineOf({ name, steps, seen, heapGrowth, rssGrowth }: Result): string {
  const last = steps.at(-1);
  const middle = (of: (step: Step) => number): number =>
    steps.map(of).sort((a, b) => a - b)[steps.length >> 1] ?? 0;
  const mb = (bytes: number): string => (bytes / 1024 / 1024).toFixed(2);
  const kept = seen === undefined ? '' : `, ${seen.records} records kept, ${seen.droppedRecords} dropped`;
  return (
    `${name.padEnd(8)} ${middle((step) => step.perSecond)} answers/s, p50 ${middle((step) => step.p50Us)} µs, ` +
    `p99 ${middle((step) => step.p99Us)} µs, p99.9 ${middle((step) => step.p999Us)} µs; heap ${mb(last?.heapUsed ?? 0)} MB, ` +
    `grown by ${mb(heapGrowth)} MB; RSS ${mb(last?.rss ?? 0)} MB, grown by ${mb(rssGrowth)} MB${kept}`
  );
}

function isBad({ heapGrowth, rssGrowth, seen, code }: Result): boolean {
  return (
    code !== 0 ||
    heapGrowth > HEAP_GROWTH_LIMIT_BYTES ||
    rssGrowth > RSS_GROWTH_LIMIT_BYTES ||
    (seen?.errors ?? 0) + (seen?.brokenStreams ?? 0) > 0
  );
}

async function main(): Promise<void> {
  const agent = join(folder, 'agent.cjs');
  await build(agentOptions(agent));
  const operations = Number(values.operations) * 1e6;
  console.log(
    `heap: ${operations} operations of sockets, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`,
  );
  const results: Result[] = [];
  for (const fate of FATES) {
    if (values.only?.includes(fate.name) === false) continue;
    const result = await run(fate, agent, operations);
    results.push(result);
    console.log(lineOf(result));
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ operations, results }, undefined, 1)}\n`);
  if (results.some(isBad)) process.exitCode = 1;
}

await main();
