// How many requests a process had under way at a moment. In: which requests. Out: a look-up; undefined where there are too many to read.

import { underWayAt } from '../../base/sorted.ts';
import type { Condition } from '../../store/query.ts';
import { columns, count, numbersOf } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';

/** 24 bytes each, and 20 ms to read: an answer is made for every look at a page. */
const MOST = 100_000;

export class Concurrency {
  readonly #starts = new Map<number, number[]>();
  readonly #ends = new Map<number, number[]>();

  /** By start. */
  constructor(processes: Float64Array, startsUs: Float64Array, durationsUs: Float64Array) {
    for (const [index, process] of processes.entries()) {
      const startUs = startsUs[index] ?? 0;
      push(this.#starts, process, startUs);
      push(this.#ends, process, startUs + (durationsUs[index] ?? 0));
    }
    for (const ends of this.#ends.values()) ends.sort((a, b) => a - b);
  }

  /** Beside a request that began then. */
  othersAt(process: number, atUs: number): number {
    return Math.max(0, underWayAt(this.#starts.get(process) ?? [], this.#ends.get(process) ?? [], atUs) - 1);
  }
}

export async function concurrencyOf(
  store: AskStore,
  where: readonly Condition[],
): Promise<Concurrency | undefined> {
  const counted = await store.ask({ from: 'requests', select: { n: count() }, where });
  if ((numbersOf(counted, 'n')[0] ?? 0) > MOST) return undefined;
  const table = await store.ask({
    from: 'requests',
    select: columns('process', 'atUs', 'durationUs'),
    where,
    orderBy: [{ by: 'atUs' }],
    limit: MOST,
  });
  return new Concurrency(
    numbersOf(table, 'process'),
    numbersOf(table, 'atUs'),
    numbersOf(table, 'durationUs'),
  );
}

function push(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
