// D10: requests wait in line for a connection of a pool that is used up.
// Evidence: measured pool wait (from the call to the grant), and that all connections were in use while others waited.
// Thresholds: p95 of the wait 5 ms, which is several queries (a millisecond in line now and then is what a pool is for); in 90 % of the
// waits of a millisecond and more all connections were in use or being opened (at three of four moments of the wait), else the line is not the pool's size but a busy loop. Who waits
// until its own connection is open is not in line.
// Cannot tell: whether the database has room for more connections (confidence is medium; low when nearly everybody waits: a line that
// never empties may be before a database that has no core left; on a machine without a free core nothing is said then). The place is where the pool was made; that of the caller who waits most
// when that is not known, or the process made several pools of that library.

import type { ProtocolName } from '../../model/protocol.ts';
import { PhaseIndex } from '../../model/row.ts';
import { emptyChange, type Change } from '../replay/change.ts';
import { isBusyMachine } from '../sample/busy-machine.ts';
import { inUseAt, poolsOf, type Hold, type PoolUse } from '../sample/connection-use.ts';
import { lineOf, usualCallSite } from '../sample/occurrences.ts';
import { heldNow, heldWith, lineWaits, shortenWaits } from '../pools/pool-queue.ts';
import { groupBy, type SampledOperation } from '../sample/request-tree.ts';
import { coreShareOf, type Sample } from '../sample/sample.ts';
import { isServiceCall } from '../sample/statement-facts.ts';
import { quantileOf } from '../statistics/chances.ts';
import { formatWholeShare } from '../../base/numbers.ts';
import type { Detector, Suspicion } from './detector.ts';
import { poolFix } from './fixes.ts';

const LEAST_P95_US = 5000;
const A_WAIT_US = 1000;
const LEAST_FULL_SHARE = 0.9;
/** Of all that use the pool: then work comes faster than it is done, whatever the number of connections. */
const EVERYBODY_SHARE = 0.9;
/** A service that has a core for less than a third of the time in which it wants one holds connections for three times as long as it needs. */
const STARVED = 1 / 3;
/** Of those that use the pool: then as many would wait if it had a core. */
const LEAST_SHARE_WHEN_STARVED = 0.2;
/** Enough connections: the model's p95 wait is below a millisecond. */
const ENOUGH_P95_US = 1000;
/** No pool is suggested that is more than 16 times as large: then the number of connections is not what is wrong. */
const MOST_TIMES_LARGER = 16;
/** What each doubling of connections may cost each query in the database, at worst. */
const WORST_INFLATION = 0.1;

export const poolStarvation: Detector = {
  kind: 'pool-starvation',
  *detect(sample) {
    for (const pool of poolsOf(sample.together)) {
      yield starved(sample, pool);
    }
  },
};

function starved(sample: Sample, pool: PoolUse): Suspicion | undefined {
  const opening = openingOf(pool);
  const settled = pool.holds.filter((hold) => !opening.has(hold));
  const waiting = settled.filter((hold) => waitOf(hold) >= A_WAIT_US);
  if (quantileOf(settled.map(waitOf), 0.95) < LEAST_P95_US || !isFull(pool, opening, waiting))
    return undefined;
  const most = mostWaiting(waiting);
  const at = most[0]?.operation;
  const endpoint = at && sample.byOperation.get(at.id)?.request;
  if (at === undefined || endpoint === undefined) return undefined;
  const share = waiting.length / pool.holds.length;
  if (share >= EVERYBODY_SHARE && isBusyMachine(sample)) return undefined;
  if (share < LEAST_SHARE_WHEN_STARVED && coreShareOf(sample, endpoint.service) < STARVED) return undefined;
  const connections = enough(pool);
  const requests = new Set(waiting.flatMap(({ operation }) => sample.byOperation.get(operation.id) ?? []));
  const askers = new Set(pool.holds.map(({ operation }) => operation.request));
  return {
    kind: 'pool-starvation',
    title: titleOf(pool, at, share),
    endpoint,
    at,
    callSite: lineOf(placeOf(sample, pool, at) ?? usualCallSite(most.map(({ operation }) => operation))),
    requests: [...requests],
    lookedAt: askers.size,
    change: larger(pool, connections, 0),
    least: larger(pool, connections, WORST_INFLATION),
    confidence: share >= EVERYBODY_SHARE ? 'low' : 'medium',
    fix: poolFix(at, connections),
  };
}

function titleOf({ service, size, dependency }: PoolUse, at: SampledOperation, share: number): string {
  const connections = `${size} ${size === 1 ? 'connection' : 'connections'} to ${dependency}`;
  const what = isServiceCall(at) ? 'calls' : 'queries';
  return `${service} has ${connections}: ${formatWholeShare(share)} of its ${what} wait in line`;
}

const LIBRARIES: Partial<Record<ProtocolName, readonly string[]>> = {
  postgres: ['pg'],
  mysql: ['mysql2'],
};

/** Where the pool was made; undefined when that was not told, or it may be any of several. */
function placeOf(sample: Sample, { process }: PoolUse, { protocol }: SampledOperation): string | undefined {
  const libraries = LIBRARIES[protocol] ?? [];
  const places = (sample.pools.get(process) ?? []).filter(({ library }) => libraries.includes(library));
  return places.length === 1 && places[0]?.callSite !== '' ? places[0]?.callSite : undefined;
}

function waitOf({ operation }: Hold): number {
  return operation.phases[PhaseIndex.pool] ?? 0;
}

/** The first hold of each connection that waited: pools open connections while somebody waits for them. */
function openingOf({ holds }: PoolUse): ReadonlySet<Hold> {
  const seen = new Set<number>();
  const firsts = holds.filter(({ operation: { connection } }) => {
    const isFirst = !seen.has(connection);
    seen.add(connection);
    return isFirst;
  });
  return new Set(firsts.filter((hold) => waitOf(hold) >= A_WAIT_US));
}

/**
 * At parts of the wait that no number of equal turns has in common: in the middle of two turns a connection is just being handed over, and
 * nobody has it.
 */
const PARTS_OF_A_WAIT = [0.29, 0.43, 0.61, 0.83] as const;
const LEAST_PARTS = 3;

function isFull({ holds, size }: PoolUse, opening: ReadonlySet<Hold>, waiting: readonly Hold[]): boolean {
  const full = new Map<Hold, number>();
  for (const part of PARTS_OF_A_WAIT) {
    const moments = waiting.map((hold) => hold.arrivedUs + waitOf(hold) * part);
    const inUse = inUseAt(holds, moments);
    waiting.forEach((hold, index) => {
      const taken = (inUse[index] ?? 0) + countAt(opening, moments[index] ?? 0);
      if (taken >= size) full.set(hold, (full.get(hold) ?? 0) + 1);
    });
  }
  const inLine = waiting.filter((hold) => (full.get(hold) ?? 0) >= LEAST_PARTS);
  return waiting.length > 0 && inLine.length >= LEAST_FULL_SHARE * waiting.length;
}

function countAt(holds: Iterable<Hold>, at: number): number {
  let count = 0;
  for (const { arrivedUs, grantedUs } of holds) if (arrivedUs <= at && at < grantedUs) count++;
  return count;
}

/** The holds of the statement that waits longest in all. */
function mostWaiting(waiting: readonly Hold[]): readonly Hold[] {
  const sumOf = (holds: readonly Hold[]): number => holds.reduce((sum, hold) => sum + waitOf(hold), 0);
  const groups = [...groupBy(waiting, ({ operation }) => operation.statement).values()];
  return groups.toSorted((a, b) => sumOf(b) - sumOf(a))[0] ?? [];
}

function enough(pool: PoolUse): number {
  for (let connections = pool.size + 1; connections < pool.size * MOST_TIMES_LARGER; connections++) {
    const held = heldWith(pool.holds, pool.size, connections, WORST_INFLATION);
    if (quantileOf(lineWaits(pool.holds, connections, held), 0.95) < ENOUGH_P95_US) return connections;
  }
  return pool.size * MOST_TIMES_LARGER;
}

function larger(pool: PoolUse, connections: number, inflation: number): Change {
  const change = emptyChange();
  const before = lineWaits(pool.holds, pool.size, heldNow(pool.holds));
  const after = lineWaits(pool.holds, connections, heldWith(pool.holds, pool.size, connections, inflation));
  shortenWaits(pool, before, after, change);
  return change;
}
