// What keeping an operation costs: µs on the collector's thread, operations a second in the worker, bytes on disk.
// npx tsx bench/store.ts [operations in millions = 0.5]. Fails when what was appended is not there, or the goals are missed.

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { count, numbersOf, sum } from '../src/store/query.ts';
import { BatchEncoder } from '../src/store/duckdb/encode.ts';
import { openStore } from '../src/store/open.ts';
import type { Batch, Store } from '../src/store/store.ts';
import { RowSource } from './rows.ts';

const BATCH = 10_000;
/** 5 000 requests a second of 10 operations. */
const GAP_US = 200;
const GOALS = { operationsPerSecond: 60_000, bytesPerOperation: 30 } as const;

const millions = Number(process.argv[2] ?? 0.5);
const folder = mkdtempSync(join(tmpdir(), 'wiretime-bench-'));
const startUs = Date.UTC(2026, 10, 25) * 1000;

async function append(store: Store, batches: readonly Batch[]): Promise<{ seconds: number; mainUs: number }> {
  const cpuBefore = performance.eventLoopUtilization();
  const started = performance.now();
  for (const batch of batches) await store.append(batch);
  const seconds = (performance.now() - started) / 1000;
  return { seconds, mainUs: performance.eventLoopUtilization(cpuBefore).active * 1000 };
}

function encodeUs(batches: readonly Batch[]): number {
  const encoder = new BatchEncoder();
  const started = performance.now();
  for (const batch of batches) encoder.encode(batch);
  return (performance.now() - started) * 1000;
}

async function check(store: Store, operations: number, totalUs: number): Promise<void> {
  const table = await store.ask({ from: 'operations', select: { n: count(), us: sum('durationUs') } });
  const sums = await store.ask({ from: 'rollups', select: { n: sum('count'), us: sum('totalUs') } });
  for (const found of [table, sums])
    if (numbersOf(found, 'n')[0] !== operations || numbersOf(found, 'us')[0] !== totalUs)
      throw new Error(
        `the store holds ${numbersOf(found, 'n')[0]} operations, not the ${operations} appended`,
      );
}

try {
  const source = new RowSource(1, startUs, GAP_US);
  const store = await openStore(folder);
  let seconds = 0;
  let mainUs = 0;
  let encodedUs = 0;
  let operations = 0;
  let totalUs = 0;
  while (operations < millions * 1e6) {
    const batches = Array.from({ length: 10 }, () => source.batch(BATCH));
    for (const batch of batches) for (const row of batch.operations) totalUs += row.durationUs;
    operations += batches.length * BATCH;
    encodedUs += encodeUs(batches);
    const took = await append(store, batches);
    seconds += took.seconds;
    mainUs += took.mainUs;
  }
  await check(store, operations, totalUs);
  await store.close();
  const reopened = await openStore(folder);
  await check(reopened, operations, totalUs);
  const bytes = await reopened.sizeBytes();
  await reopened.close();
  const perSecond = operations / seconds;
  const perOperation = bytes / operations;
  console.log(
    `${operations} operations, batches of ${BATCH}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`,
  );
  console.log(
    `collector's thread  ${(mainUs / operations).toFixed(2)} µs an operation, of which encoding ${(encodedUs / operations).toFixed(2)}`,
  );
  console.log(
    `appending           ${Math.round(perSecond)} operations/s (goal ${GOALS.operationsPerSecond})`,
  );
  console.log(
    `on disk             ${perOperation.toFixed(1)} bytes an operation, everything included (goal ${GOALS.bytesPerOperation})`,
  );
  if (perSecond < GOALS.operationsPerSecond || perOperation > GOALS.bytesPerOperation) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
