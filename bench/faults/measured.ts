// What a fault really costs. In: requests of both sides, and when each side was asked; the two turns of a pair asked the same in the same order.
// Out: for an endpoint the difference of medians and means, each with its own error. Pairs of turns are compared, not requests: those of
// one turn are slow together. Nothing is left out at the start, where pools fill: the prediction is of these requests, too.

import { meanOf, medianOf, quantileOf, seededRandom } from '../../src/analysis/statistics/chances.ts';
import { openStore } from '../../src/store/open.ts';
import { columns, mapRows } from '../../src/store/query.ts';
import type { Turn } from './app-load.ts';

/** With the fault minus without it. */
export interface Difference {
  readonly ms: number;
  /** Standard error. */
  readonly errorMs: number;
}

export interface Measured {
  readonly mean: Difference;
  readonly median: Difference;
}

/** Durations in µs of one endpoint in the two turns of a pair. */
interface Pair {
  readonly seeded: readonly number[];
  readonly clean: readonly number[];
}

/** By endpoint, "GET /a/:id". */
export type PairsByEndpoint = ReadonlyMap<string, readonly Pair[]>;

export async function readPairs(
  folders: readonly [string, string],
  turns: readonly Turn[],
): Promise<PairsByEndpoint> {
  const sides = await Promise.all(folders.map((folder, side) => readSide(folder, turns, side)));
  const last = Math.max(0, ...turns.map(({ pair }) => pair));
  const numbers = Array.from({ length: last + 1 }, (_, pair) => pair);
  return new Map(
    [...(sides[0]?.keys() ?? [])].map((endpoint) => [
      endpoint,
      numbers.flatMap((pair) => {
        const [seeded, clean] = sides.map((side) => side.get(endpoint)?.get(pair) ?? []);
        return seeded?.length && clean?.length ? [{ seeded, clean }] : [];
      }),
    ]),
  );
}

/** Endpoint → pair → durations in order of arrival. */
async function readSide(
  folder: string,
  turns: readonly Turn[],
  side: number,
): Promise<Map<string, Map<number, number[]>>> {
  const own = turns.filter((turn) => turn.side === side);
  const found = new Map<string, Map<number, number[]>>();
  for (const { endpoint, atMs, us } of await readRequests(folder)) {
    const pair = own.find(({ from, to }) => atMs >= from && atMs <= to)?.pair;
    if (pair === undefined) continue;
    const pairs = found.get(endpoint) ?? new Map<number, number[]>();
    found.set(endpoint, pairs);
    const values = pairs.get(pair);
    if (values === undefined) pairs.set(pair, [us]);
    else values.push(us);
  }
  return found;
}

async function readRequests(folder: string) {
  const store = await openStore(folder, { readOnly: true });
  try {
    const table = await store.ask({
      from: 'requests',
      select: columns('method', 'route', 'atUs', 'durationUs'),
      orderBy: [{ by: 'atUs' }],
    });
    return mapRows(table, ({ number, text }) => ({
      endpoint: `${text('method')} ${text('route')}`,
      atMs: number('atUs') / 1000,
      us: number('durationUs'),
    }));
  } finally {
    await store.close();
  }
}

export function measuredOf(pairs: readonly Pair[]): Measured {
  return { mean: meanDifference(pairs), median: medianDifference(pairs) };
}

/**
 * What a fault costs by itself: less what endpoints without any differ by (`unchanged`), in the median. All faults are switched together, and with them a little of
 * everybody's waiting for cores and loops: that is what those endpoints gain.
 */
export function withoutOthers(measured: Measured, unchanged: readonly Measured[]): Measured {
  if (unchanged.length === 0) return measured;
  const less = (key: keyof Measured): Difference => {
    const all = unchanged.map((each) => each[key].ms);
    const errorMs = (quantileOf(all, 0.84) - quantileOf(all, 0.16)) / 2 / Math.sqrt(all.length);
    return { ms: measured[key].ms - medianOf(all), errorMs: Math.hypot(measured[key].errorMs, errorMs) };
  };
  return { mean: less('mean'), median: less('median') };
}

/** A ratio estimate over pairs of turns as clusters (Cochran, Sampling Techniques, §9A). */
function meanDifference(pairs: readonly Pair[]): Difference {
  const sums = pairs.map(({ seeded, clean }) => {
    const count = (seeded.length + clean.length) / 2;
    return { count, us: (meanOf(seeded) - meanOf(clean)) * count };
  });
  const count = sums.reduce((sum, each) => sum + each.count, 0);
  const mean = sums.reduce((sum, each) => sum + each.us, 0) / count;
  const squares = sums.reduce((sum, each) => sum + (each.us - mean * each.count) ** 2, 0);
  const error = Math.sqrt((squares * pairs.length) / Math.max(1, pairs.length - 1)) / count;
  return { ms: mean / 1000, errorMs: pairs.length < 2 ? Number.NaN : error / 1000 };
}

const DRAWS = 300;

/** Of all requests of a side; its error by drawing pairs again. */
function medianDifference(pairs: readonly Pair[]): Difference {
  const random = seededRandom(pairs.length);
  const draws = Array.from({ length: DRAWS }, () =>
    differenceOfMedians(pairs.map((pair) => pairs[Math.floor(random() * pairs.length)] ?? pair)),
  );
  // Half the distance in which 68 % lie: a single odd draw does not count.
  const error = (quantileOf(draws, 0.84) - quantileOf(draws, 0.16)) / 2;
  return { ms: differenceOfMedians(pairs) / 1000, errorMs: error / 1000 };
}

function differenceOfMedians(pairs: readonly Pair[]): number {
  return medianOf(pairs.flatMap(({ seeded }) => seeded)) - medianOf(pairs.flatMap(({ clean }) => clean));
}

/** An error of 15 % at most: else nothing can be held against it. */
const MOST_ERROR = 0.15;

export function isKnownWell({ ms, errorMs }: Difference): boolean {
  return ms > 0 && errorMs <= MOST_ERROR * ms;
}

/** More than chance, with 97.5 % certainty. */
export function isThere({ ms, errorMs }: Difference): boolean {
  return ms > 1.96 * errorMs;
}
