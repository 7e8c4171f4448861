// How much of what happened is known. In: a range, live counters when there are any. Out: counts that add up.
// operations = attributed + noRequest + notVisible; drops and resyncs are of the whole recording.

import { columns, count, mapRows, numbersOf, sum } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { Coverage, Range } from './api.ts';
import { ownCodeOf } from './code-lines.ts';
import { coreWaitsOf } from './core-waits.ts';
import type { LiveStatus } from './live.ts';
import { minuteCondition, timeCondition } from './range.ts';
import { toldCpuOf } from './told-cpu.ts';

export type Counters = Readonly<Record<string, number>>;

/** Rows that were known and did not get into the store, and records that agents or the way from them lost. */
const DROPPED = ['records.droppedByAgent', 'rows.dropped'] as const;

export async function coverageOf(store: AskStore, range: Range, live?: LiveStatus): Promise<Coverage> {
  const [requests, byAttribution, counters, unseen, coreWaits, toldCpu, ownCode] = await Promise.all([
    countRequests(store, range),
    operationsByAttribution(store, range),
    countersOf(store, live),
    unseenOf(store, live),
    coreWaitsOf(store),
    toldCpuOf(store),
    ownCodeOf(store, range),
  ]);
  const attributed = byAttribution.get('request') ?? 0;
  const noRequest = byAttribution.get('none') ?? 0;
  const notVisible = byAttribution.get('hidden') ?? 0;
  return {
    requests,
    operations: attributed + noRequest + notVisible,
    attributed,
    noRequest,
    notVisible,
    dropped: DROPPED.reduce((total, name) => total + (counters[name] ?? 0), 0),
    resyncs: resyncsOf(counters),
    notVisibleNames: unseen.names,
    unseenShare: await unseenShareOf(store, range, unseen.processes),
    coreWaits,
    toldCpu,
    ownCode,
  };
}

/**
 * Every recording into a folder keeps its own totals: they are added up. What is in memory is newer than what is stored, and
 * counts what could not be stored: the larger value holds.
 */
export async function countersOf(store: AskStore, live?: LiveStatus): Promise<Counters> {
  const table = await store.ask({ from: 'counters', select: { ...columns('name'), value: sum('value') } });
  const totals = new Map(mapRows(table, (row) => [row.text('name'), row.number('value')]));
  for (const [name, value] of Object.entries(live?.counters() ?? {}))
    totals.set(name, Math.max(totals.get(name) ?? 0, value));
  return Object.fromEntries(totals);
}

async function countRequests(store: AskStore, range: Range): Promise<number> {
  const table = await store.ask({
    from: 'requests',
    select: { requests: count() },
    where: [timeCondition(range)],
  });
  return numbersOf(table, 'requests')[0] ?? 0;
}

async function operationsByAttribution(store: AskStore, range: Range): Promise<Map<string, number>> {
  const table = await store.ask({
    from: 'rollups',
    select: { ...columns('attribution'), count: sum('count') },
    where: [minuteCondition(range)],
  });
  return new Map(mapRows(table, (row) => [row.text('attribution'), row.number('count')]));
}

function resyncsOf(counters: Counters): number {
  return Object.entries(counters).reduce(
    (total, [name, value]) => (name.endsWith('.resyncs') ? total + value : total),
    0,
  );
}

interface Unseen {
  readonly names: readonly string[];
  /** Ids of the processes that have any. */
  readonly processes: readonly number[];
}

async function unseenOf(store: AskStore, live?: LiveStatus): Promise<Unseen> {
  const table = await store.ask({ from: 'processes', select: columns('id', 'notVisible') });
  const stored = mapRows(table, (row) => ({ id: row.number('id'), names: namesIn(row.text('notVisible')) }));
  const running = live?.processes().flatMap(({ notVisible }) => notVisible) ?? [];
  return {
    names: [...new Set([...stored.flatMap(({ names }) => names), ...running])].toSorted(),
    processes: stored.filter(({ names }) => names.length > 0).map(({ id }) => id),
  };
}

/** What none of the requests of these processes can account for is the most that may hide there. */
async function unseenShareOf(store: AskStore, range: Range, processes: readonly number[]): Promise<number> {
  if (processes.length === 0) return 0;
  const table = await store.ask({
    from: 'requests',
    select: { us: sum('durationUs'), unknown: sum('ownCategories.other') },
    where: [timeCondition(range), { column: 'process', isIn: processes }],
  });
  const us = numbersOf(table, 'us')[0] ?? 0;
  return us > 0 ? (numbersOf(table, 'unknown')[0] ?? 0) / us : 0;
}

/** A list of names as it was stored. */
export function namesIn(json: string): string[] {
  const value: unknown = JSON.parse(json === '' ? '[]' : json);
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}
