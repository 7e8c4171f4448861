// A large recording for the pages: many requests of a middle-sized backend, and two with very many operations. In: how many operations.
// Out: a folder with a store, made once and kept. Same number, same rows.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../src/store/open.ts';
import type { Batch } from '../../src/store/store.ts';
import { RowSource } from '../rows.ts';

const CACHE = 'node_modules/.cache/wiretime/bench-page';
const START_US = Date.UTC(2026, 10, 25) * 1000;
/** 100 requests a second: 10 million operations are 2.8 hours. */
const GAP_US = 10_000;
const BATCH = 20_000;
/** Beyond every id that RowSource gives. */
const FIRST_ID = 1_000_000_000;

export const LARGE_TRACES = [
  { traceId: '1'.repeat(32), operations: 10_000 },
  { traceId: '2'.repeat(32), operations: 100_000 },
] as const;

/** `cache`: where recordings are kept. */
export async function recordingWith(
  operations: number,
  say: (line: string) => void,
  cache = CACHE,
): Promise<string> {
  const folder = join(cache, String(operations));
  const mark = join(folder, 'is-complete');
  if (existsSync(mark)) return folder;
  say(`writing ${operations} operations to ${folder}, once`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const store = await openStore(folder);
  const source = new RowSource(1, START_US, GAP_US);
  for (let done = 0; done < operations; done += BATCH)
    await store.append(source.batch(Math.min(BATCH, operations - done)));
  for (const [index, large] of LARGE_TRACES.entries())
    await store.append(largeRequest(FIRST_ID * (index + 1), large.traceId, large.operations));
  await store.close();
  writeFileSync(mark, '');
  return folder;
}

/** One request that does what many did, one operation after the other. No rollups: it changes no sums of the others. */
function largeRequest(id: number, traceId: string, count: number): Batch {
  const { requests, operations } = new RowSource(2, START_US, GAP_US).batch(count);
  const [first] = requests;
  if (first === undefined) throw new Error('no request was made');
  let atUs = START_US;
  const rows = operations.map((operation, index) => {
    const row = { ...operation, id: id + 1 + index, request: id, atUs };
    atUs += operation.durationUs;
    return row;
  });
  const durationUs = atUs - START_US;
  const categories = first.categories.map((_, index) => (index === 4 ? durationUs : 0));
  const request = { ...first, id, traceId, atUs: START_US, durationUs, firstByteUs: durationUs, categories };
  const root = { ...request, ownCategories: categories, operationCount: count, treeOperationCount: count };
  return { processes: [], requests: [root], operations: rows, rollups: [], counters: [] };
}
