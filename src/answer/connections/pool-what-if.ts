// What if a pool were larger: calls that wait, how long, and the endpoint that would gain. In: a pool, a range. Out: a few sizes, recalculated
// from a sample of recorded requests. It is asked for on its own, since it takes longer than the rest of the page.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { poolsOf, type PoolUse } from '../../analysis/sample/connection-use.ts';
import { poolSizes } from '../../analysis/pools/pool-sizes.ts';
import { PhaseIndex } from '../../model/row.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range, WhatIfAnswer } from '../api.ts';
import { findingSample } from '../findings/finding-sample.ts';
import type { PoolName } from './pool.ts';

/** So long may this thread be busy at a time: the collector's sockets are read by it too. */
const SLICE_MS = 8;

/** undefined: it is no pool, or nobody waits for it. */
export async function poolWhatIf(
  store: AskStore,
  { service, dependency }: PoolName,
  range: Range,
): Promise<WhatIfAnswer | undefined> {
  const sample = await findingSample(store, range);
  await nextTurn();
  const pools = poolsOf(sample.nodes.filter(({ request }) => request.service === service)).filter(
    (pool) => pool.service === service && pool.dependency === dependency,
  );
  const [pool] = pools.toSorted((a, b) => waitedUs(b) - waitedUs(a));
  if (pool === undefined || waitedUs(pool) === 0) return undefined;
  return { ...(await inSlices(poolSizes(sample, pool))), processes: pools.length, calls: pool.holds.length };
}

function waitedUs({ holds }: PoolUse): number {
  return holds.reduce((sum, { operation }) => sum + (operation.phases[PhaseIndex.pool] ?? 0), 0);
}

async function inSlices<T>(steps: Generator<undefined, T>): Promise<T> {
  for (;;) {
    const until = performance.now() + SLICE_MS;
    while (performance.now() < until) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
    await nextTurn();
  }
}
