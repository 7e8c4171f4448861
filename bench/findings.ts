// What findings cost while a recording runs: how long the collector's thread is held, CPU per request, how long one waits.
// npx tsx bench/findings.ts [operations in millions = 1]. Fails when the goals are missed. One endpoint has a loop, so that there is
// something to find.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFindings } from '../src/answer/findings/findings.ts';
import { openStore } from '../src/store/open.ts';
import { OPERATIONS_PER_REQUEST, RowSource } from './rows.ts';

/** Of the thread that also reads the agents' sockets, in ms. */
const GOAL_HELD_MS = 10;
/** CPU of everything about findings, per request at this rate. */
const GOAL_US = 15;
const RATE = 2000;
const LOOKS = 5;
const BATCH = 20_000;

const operations = Number(process.argv[2] ?? 1) * 1e6;
const folder = mkdtempSync(join(tmpdir(), 'wiretime-bench-'));

async function fill(): Promise<void> {
  const store = await openStore(folder);
  const source = new RowSource(1, Date.UTC(2026, 10, 25) * 1000, 1e6 / RATE);
  for (let done = 0; done < operations; done += BATCH) await store.append(source.batch(BATCH));
  await store.close();
}

/** Of several looks; the very first one also starts the thread. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** CPU that this thread took in one turn of its event loop, at most: time that a busy machine took away does not count. */
class Turns {
  longestMs = 0;
  #lastMs = ownCpuMs();
  readonly #timer = setInterval(() => this.#look(), 1);

  stop(): void {
    this.#look();
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = ownCpuMs();
    this.longestMs = Math.max(this.longestMs, now - this.#lastMs);
    this.#lastMs = now;
  }
}

/** Of this thread alone; where Linux does not tell, the time that passed. */
function ownCpuMs(): number {
  const file = `/proc/self/task/${process.pid}/schedstat`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[0]) / 1e6 : performance.now();
}

async function measure(): Promise<void> {
  const store = await openStore(folder);
  const source = createFindings(store);
  const { findings } = await source.findings({}, true);
  const turns = new Turns();
  const waits: number[] = [];
  const costs: number[] = [];
  for (let look = 0; look < LOOKS; look++) {
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    await source.findings({}, true);
    const { user, system } = process.cpuUsage(cpu);
    waits.push(performance.now() - startedAt);
    costs.push((user + system) / 1000);
  }
  turns.stop();
  // Looked again after the time that it took, divided by the share of time that it may take (answer/findings/finding-cache.ts).
  const everyMs = Math.min(120_000, Math.max(5000, median(waits) / 0.01));
  const perRequestUs = (median(costs) * 1000) / ((everyMs / 1000) * RATE);
  const { longestMs: heldMs } = turns;
  console.log(
    [
      `${operations / OPERATIONS_PER_REQUEST} requests, ${operations} operations, ${findings.length} findings, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`,
      `waiting                  ${median(waits).toFixed(0)} ms`,
      `CPU of one look          ${median(costs).toFixed(0)} ms, the store's threads included`,
      `this thread held         ${heldMs.toFixed(1)} ms of CPU at most (goal ${GOAL_HELD_MS})`,
      `CPU per request          ${perRequestUs.toFixed(1)} µs at ${RATE} requests/s, looked at every ${(everyMs / 1000).toFixed(0)} s (goal ${GOAL_US})`,
    ].join('\n'),
  );
  if (heldMs > GOAL_HELD_MS || perRequestUs > GOAL_US) process.exitCode = 1;
  await store.close();
}

try {
  await fill();
  await measure();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
