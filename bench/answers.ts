// How long the pages wait for their answers over a large recording: the home page, a list, one trace.
// npx tsx bench/answers.ts [operations in millions = 1]. Fails when an answer does not add up, or the goals are missed.

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAnswers, type Answers } from '../src/answer/answers.ts';
import { openStore } from '../src/store/open.ts';
import { RowSource } from './rows.ts';

const GOAL_MS = { home: 300, trace: 50 } as const;
const RUNS = 7;
/** 100 requests a second: 10 million operations are 2.8 hours. */
const GAP_US = 10_000;
const BATCH = 20_000;

const operations = Number(process.argv[2] ?? 1) * 1e6;
const folder = mkdtempSync(join(tmpdir(), 'wiretime-bench-'));

async function fill(): Promise<void> {
  const store = await openStore(folder);
  const source = new RowSource(1, Date.UTC(2026, 10, 25) * 1000, GAP_US);
  for (let done = 0; done < operations; done += BATCH) await store.append(source.batch(BATCH));
  await store.close();
}

/** Median and slowest of several runs; the first, cold one is the slowest. */
async function measure(name: string, goalMs: number | undefined, run: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let index = 0; index < RUNS; index++) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(RUNS / 2)] ?? 0;
  const goal = goalMs === undefined ? '' : ` (goal ${goalMs})`;
  console.log(
    `${name.padEnd(24)} ${median.toFixed(0).padStart(5)} ms, slowest ${times.at(-1)?.toFixed(0)}${goal}`,
  );
  if (goalMs !== undefined && median > goalMs) process.exitCode = 1;
}

async function check(answers: Answers): Promise<void> {
  const home = await answers.home({});
  const sum = home.categories.reduce((total, { us }) => total + us, 0);
  if (home.coverage.operations !== operations || sum !== home.totalUs)
    throw new Error(
      `home knows ${home.coverage.operations} operations, categories ${sum} of ${home.totalUs} µs`,
    );
}

try {
  await fill();
  const store = await openStore(folder);
  const answers = createAnswers(store);
  await check(answers);
  const { traces, window } = await answers.traces({ limit: 1000, sort: '-at' });
  console.log(`${operations} operations, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`);
  await measure('home', GOAL_MS.home, () => answers.home({}));
  await measure('findings, made anew', undefined, () => answers.findings({}, true));
  await measure('home, last 5 minutes', undefined, () => answers.home({ from: window.to - 300_000 }));
  let next = 0;
  await measure('one trace by id', GOAL_MS.trace, async () => {
    const wanted = traces[(next += 137)]?.traceId ?? '';
    if ((await answers.trace(wanted))?.operations.length !== 10)
      throw new Error(`trace ${wanted} is not whole`);
  });
  await measure('100 slowest', undefined, () => answers.traces({}));
  await measure('100 newest, filtered', undefined, () =>
    answers.traces({ route: '/api/thing3/:id', sort: '-at' }),
  );
  await measure('status', undefined, () => answers.status());
  await measure('report', undefined, () => answers.report({}));
  await store.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
