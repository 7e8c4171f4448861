// D11: a transaction keeps a connection while the request does something else, and others wait in line for it.
// Evidence: holds of connections, from BEGIN to COMMIT, with the time in which no statement was under way; measured pool wait of others.
// Thresholds: 10 ms and a third of the hold, in a twentieth of the holds; less is the code between two statements.
// Cannot tell: whether the other work belongs into the transaction. What others would wait less comes from replaying the line.

import { formatDuration } from '../../base/numbers.ts';
import { PhaseIndex } from '../../model/row.ts';
import { emptyChange } from '../replay/change.ts';
import { poolsOf, type Hold, type PoolUse } from '../sample/connection-use.ts';
import { lineOf, usualCallSite } from '../sample/occurrences.ts';
import { heldNow, lineWaits, shortenWaits } from '../pools/pool-queue.ts';
import { endpointKey, groupBy, type RequestNode } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { medianOf } from '../statistics/chances.ts';
import type { Detector, Suspicion } from './detector.ts';
import { heldFix } from './fixes.ts';

const LEAST_IDLE_US = 10_000;
const LEAST_IDLE_SHARE = 0.3;
const LEAST_SHARE_OF_HOLDS = 0.05;

export const heldConnection: Detector = {
  kind: 'held-connection',
  *detect(sample) {
    for (const pool of poolsOf(sample.together)) yield heldIn(sample, pool);
  },
};

/** µs in which it had the connection and asked nothing. */
function idleUs({ grantedUs, releasedUs, operations }: Hold): number {
  const busyUs = operations.reduce(
    (sum, { durationUs, phases }) => sum + durationUs - (phases[PhaseIndex.pool] ?? 0),
    0,
  );
  return Math.max(0, releasedUs - grantedUs - busyUs);
}

function isIdle(hold: Hold): boolean {
  const us = idleUs(hold);
  return us >= LEAST_IDLE_US && us >= LEAST_IDLE_SHARE * (hold.releasedUs - hold.grantedUs);
}

function heldIn(sample: Sample, pool: PoolUse): Suspicion | undefined {
  const idle = pool.holds.filter((hold) => hold.operations.length > 1 && isIdle(hold));
  if (idle.length === 0 || idle.length < LEAST_SHARE_OF_HOLDS * pool.holds.length) return undefined;
  const most = mostIdle(sample, idle);
  const at = most[0]?.operation;
  const endpoint = at && sample.byOperation.get(at.id)?.request;
  if (at === undefined || endpoint === undefined) return undefined;
  const now = heldNow(pool.holds);
  const after = pool.holds.map((hold, index) => Math.max(1, (now[index] ?? 0) - idleUs(hold)));
  const change = emptyChange();
  shortenWaits(pool, lineWaits(pool.holds, pool.size, now), waitsWhenLater(pool, after), change);
  return {
    kind: 'held-connection',
    title: `${endpoint.method} ${endpoint.route} keeps a ${pool.dependency} connection for ${formatDuration(medianOf(most.map(idleUs)))} of other work`,
    endpoint,
    at,
    callSite: placeOf(most),
    requests: requestsOf(sample, most),
    lookedAt: sample.byEndpoint.get(endpointKey(endpoint))?.length ?? 0,
    change,
    confidence: 'medium',
    fix: heldFix(),
  };
}

/** The other work is done first: whoever does it comes to the line as much later. In the order of the holds. */
function waitsWhenLater({ holds, size }: PoolUse, heldUs: readonly number[]): number[] {
  const coming = holds
    .map((hold, index) => ({ hold: { ...hold, arrivedUs: hold.arrivedUs + idleUs(hold) }, index }))
    .toSorted((a, b) => a.hold.arrivedUs - b.hold.arrivedUs);
  const waits = lineWaits(
    coming.map(({ hold }) => hold),
    size,
    coming.map(({ index }) => heldUs[index] ?? 0),
  );
  const inOrder = Array.from(holds, () => 0);
  for (const [place, { index }] of coming.entries()) inOrder[index] = waits[place] ?? 0;
  return inOrder;
}

/** Where transactions begin; a call that waited in line may have no call site, then where they go on. */
function placeOf(holds: readonly Hold[]): string {
  const first = lineOf(usualCallSite(holds.map(({ operation }) => operation)));
  return first === '' ? lineOf(usualCallSite(holds.flatMap(({ operations }) => operations))) : first;
}

function requestsOf(sample: Sample, holds: readonly Hold[]): RequestNode[] {
  return [...new Set(holds.flatMap(({ operation }) => sample.byOperation.get(operation.id) ?? []))];
}

/** The holds of the endpoint that keeps connections idle longest in all. */
function mostIdle(sample: Sample, holds: readonly Hold[]): readonly Hold[] {
  const sumOf = (some: readonly Hold[]): number => some.reduce((sum, hold) => sum + idleUs(hold), 0);
  const groups = groupBy(holds, ({ operation }) => {
    const request = sample.byOperation.get(operation.id)?.request;
    return request === undefined ? '' : endpointKey(request);
  });
  return [...groups.values()].toSorted((a, b) => sumOf(b) - sumOf(a))[0] ?? [];
}
