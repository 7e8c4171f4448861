// What if a pool were larger? In: a sample, one of its pools. Out: for each size how many calls would wait, how long, and what that makes
// of the endpoint that gains most. The first row is as recorded; the others are the recorded waits, shortened as the line gets shorter.

import type { EndpointName } from '../../model/finding.ts';
import { PhaseIndex } from '../../model/row.ts';
import { emptyChange, type Change } from '../replay/change.ts';
import type { PoolUse } from '../sample/connection-use.ts';
import { heldNow, lineWaits, shortenWaits } from './pool-queue.ts';
import type { Sample } from '../sample/sample.ts';
import { effectsOf, savedBy } from '../replay/savings.ts';
import { quantileOf } from '../statistics/chances.ts';

export interface PoolSize {
  readonly connections: number;
  /** Of the calls that use the pool. */
  readonly waitShare: number;
  readonly p95WaitUs: number;
  /** Of the endpoint that gains most; undefined when none does. */
  readonly p95Us: number | undefined;
  /** The smallest that is enough. */
  readonly isEnough: boolean;
}

export interface PoolSizes {
  readonly endpoint: EndpointName | undefined;
  readonly sizes: readonly PoolSize[];
}

/** As in the page's figures: shorter is bookkeeping, not a line. */
const IN_LINE_US = 500;
/** Enough: nearly nobody waits for longer than a millisecond. */
const ENOUGH_P95_US = 1000;
/** More than four times as many connections is another question: why each is held for so long. */
const TIMES = [4 / 3, 5 / 3, 2, 3, 4] as const;

/** Gives way now and then. Nothing when nobody waits. */
export function* poolSizes(sample: Sample, pool: PoolUse): Generator<undefined, PoolSizes> {
  const before = lineWaits(pool.holds, pool.size, heldNow(pool.holds));
  yield;
  const larger = new Set(TIMES.map((times) => Math.max(pool.size + 1, Math.round(pool.size * times))));
  const changes: { readonly connections: number; readonly change: Change }[] = [];
  for (const connections of larger) {
    const change = emptyChange();
    shortenWaits(pool, before, lineWaits(pool.holds, connections, heldNow(pool.holds)), change);
    changes.push({ connections, change });
    yield;
  }
  const most = changes.at(-1)?.change ?? emptyChange();
  const [main] = effectsOf(sample, yield* savedBy(sample, most));
  const sizes: PoolSize[] = [sizeOf(pool, pool.size, emptyChange(), main?.p95.nowUs)];
  for (const { connections, change } of changes) {
    const effects = effectsOf(sample, yield* savedBy(sample, change));
    const effect = effects.find((each) => main !== undefined && isSame(each, main));
    sizes.push(sizeOf(pool, connections, change, effect?.p95.afterUs ?? main?.p95.nowUs));
  }
  const enough = sizes.findIndex(({ p95WaitUs }, index) => index > 0 && p95WaitUs < ENOUGH_P95_US);
  return {
    endpoint: main && { service: main.service, method: main.method, route: main.route },
    sizes: sizes.map((size, index) => ({ ...size, isEnough: index === enough })),
  };
}

function sizeOf(pool: PoolUse, connections: number, change: Change, p95Us: number | undefined): PoolSize {
  const waits = pool.holds.map(
    ({ operation }) => (change.phases.get(operation.id) ?? operation.phases)[PhaseIndex.pool] ?? 0,
  );
  return {
    connections,
    waitShare: waits.filter((us) => us >= IN_LINE_US).length / Math.max(1, waits.length),
    p95WaitUs: quantileOf(waits, 0.95),
    p95Us,
    isEnough: false,
  };
}

function isSame(a: EndpointName, b: EndpointName): boolean {
  return a.service === b.service && a.method === b.method && a.route === b.route;
}
