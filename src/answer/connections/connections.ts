// Who waits for a connection, who opens too many. In: a range. Out: one row for each service and what it connects to.
// A pool does not say how large it is: the connections are those that were seen.

import { protocolNamed } from '../../model/protocol.ts';
import type { Condition } from '../../store/query.ts';
import { columns, count, mapRows, quantile, sum, sums } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { ConnectionsAnswer, PoolRow, PoolVerdict, Range } from '../api.ts';
import { categoryNamed } from '../dependencies.ts';
import { groupKey } from '../histograms.ts';
import { IN_LINE_US } from './pool-timeline.ts';
import { minuteCondition, timeCondition, windowOf } from '../range.ts';

/** They have no connections of their own. */
const WITHOUT_CONNECTIONS = ['dns', 'sqlite', 'unknown'];

export async function connections(store: AskStore, range: Range): Promise<ConnectionsAnswer> {
  const [window, pools] = await Promise.all([windowOf(store, range), poolRows(store, range)]);
  return { window, pools };
}

type Sums = Omit<PoolRow, 'waited' | 'p95WaitUs' | 'connections' | 'verdict'>;

/** Most time lost first. */
export async function poolRows(store: AskStore, range: Range): Promise<PoolRow[]> {
  const time = [timeCondition(range)];
  const [sumsByPool, waits, tails, seen] = await Promise.all([
    sumsOf(store, range),
    numbersBy(store, count(), [...time, WORK, { column: 'phases.pool', from: IN_LINE_US }]),
    numbersBy(store, quantile('phases.pool', 0.95), [...time, WORK]),
    connectionsBy(store, time),
  ]);
  return [...sumsByPool]
    .map(([key, pool]): PoolRow => {
      const row = {
        ...pool,
        waited: waits.get(key) ?? 0,
        p95WaitUs: tails.get(key) ?? 0,
        connections: seen.get(key) ?? 0,
      };
      return { ...row, verdict: verdictOf(row) };
    })
    .filter((row) => row.connections > 0 && row.calls > 0 && !WITHOUT_CONNECTIONS.includes(row.protocol))
    .toSorted((a, b) => lostUs(b) - lostUs(a) || b.calls - a.calls || (keyOf(a) < keyOf(b) ? -1 : 1));
}

const WORK: Condition = { column: 'role', is: 'work' };

function keyOf({ service, dependency }: Pick<PoolRow, 'service' | 'dependency'>): string {
  return groupKey([service, dependency]);
}

function lostUs({ poolUs, setupUs }: PoolRow): number {
  return poolUs + setupUs;
}

/** Fewer calls are no pattern. */
const FEWEST_CALLS = 20;

/** A pool that fills opens fewer; one for each request that asks some things is still churn. */
const MANY_OPENED = 50;
const CALLS_OF_A_REQUEST = 25;

/** Over 1 % of the calls wait or the p95 of the wait is over 2 ms; over a fifth of the calls open a connection, or there is one for each few of them. */
export function verdictOf(row: Omit<PoolRow, 'verdict'>): PoolVerdict {
  if (row.calls < FEWEST_CALLS) return 'ok';
  const isStarved = row.waited / row.calls > 0.01 || row.p95WaitUs > 2000;
  const isForEach = row.newConnections >= MANY_OPENED && row.newConnections * CALLS_OF_A_REQUEST > row.calls;
  const isChurning = isForEach || row.newConnections / row.calls > 0.2;
  if (isStarved && (row.poolUs >= row.setupUs || !isChurning)) return 'starved';
  return isChurning ? 'churn' : 'ok';
}

async function sumsOf(store: AskStore, range: Range): Promise<Map<string, Sums>> {
  const table = await store.ask({
    from: 'rollups',
    select: {
      ...columns('service', 'dependency', 'protocol', 'category', 'role'),
      calls: sum('count'),
      ...sums('totalUs', 'newConnections', 'phases.pool', 'phases.dns', 'phases.tcp', 'phases.tls'),
    },
    where: [minuteCondition(range), { column: 'role', isIn: ['work', 'setup'] }],
    orderBy: [{ by: 'totalUs', descending: true }],
  });
  const found = new Map<string, Sums>();
  mapRows(table, ({ text, number }) => {
    const [service, dependency] = [text('service'), text('dependency')];
    const key = groupKey([service, dependency]);
    const isWork = text('role') === 'work';
    const before = found.get(key) ?? {
      service,
      dependency,
      protocol: protocolNamed(text('protocol')),
      category: categoryNamed(text('category')),
      calls: 0,
      poolUs: 0,
      setupUs: 0,
      newConnections: 0,
    };
    const setupUs = isWork
      ? number('phases.dns') + number('phases.tcp') + number('phases.tls')
      : number('totalUs') - number('phases.pool');
    found.set(key, {
      ...before,
      // A login is no kind of work: its row may be the larger one.
      category: isWork && before.calls === 0 ? categoryNamed(text('category')) : before.category,
      calls: before.calls + (isWork ? number('calls') : 0),
      poolUs: before.poolUs + number('phases.pool'),
      setupUs: before.setupUs + setupUs,
      newConnections: before.newConnections + number('newConnections'),
    });
  });
  return found;
}

async function numbersBy(
  store: AskStore,
  value: ReturnType<typeof count>,
  where: readonly Condition[],
): Promise<Map<string, number>> {
  const table = await store.ask({
    from: 'operations',
    select: { ...columns('service', 'dependency'), value },
    where,
  });
  return new Map(
    mapRows(table, ({ text, number }) => [groupKey([text('service'), text('dependency')]), number('value')]),
  );
}

/** Beyond it, the number is only "at least". */
const MOST_CONNECTIONS = 100_000;

async function connectionsBy(store: AskStore, where: readonly Condition[]): Promise<Map<string, number>> {
  const table = await store.ask({
    from: 'operations',
    select: { ...columns('service', 'dependency', 'connection'), uses: count() },
    where,
    limit: MOST_CONNECTIONS,
  });
  const found = new Map<string, number>();
  mapRows(table, ({ text }) => {
    const key = groupKey([text('service'), text('dependency')]);
    found.set(key, (found.get(key) ?? 0) + 1);
  });
  return found;
}
