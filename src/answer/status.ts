// Who is connected and what is counted. In: the store, and the running collector when there is one. Out: for `doctor`, the
// empty state and the "no connection" bar.

import { columns, mapRows, max, numbersOf } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { ProcessStatus, StatusAnswer } from './api.ts';
import { countersOf, coverageOf, namesIn } from './coverage.ts';
import type { LiveStatus } from './live.ts';

/** What the answers cannot find in a store. */
export interface About {
  readonly project: string;
  readonly version: string;
  readonly dataFolder: string;
}

export async function status(store: AskStore, about: About, live?: LiveStatus): Promise<StatusAnswer> {
  const [coverage, counters, processes, lastRequestAt] = await Promise.all([
    coverageOf(store, {}, live),
    countersOf(store, live),
    live === undefined ? storedProcesses(store) : live.processes(),
    lastRequest(store),
  ]);
  return { ...about, isLive: live?.isLive ?? false, processes, coverage, counters, lastRequestAt };
}

/** Of a saved recording: nobody is connected, and what each process did is not counted. */
async function storedProcesses(store: AskStore): Promise<ProcessStatus[]> {
  const table = await store.ask({
    from: 'processes',
    select: columns('id', 'service', 'runtime', 'version', 'pid', 'notVisible'),
    orderBy: [{ by: 'id' }],
  });
  return mapRows(table, (row) => ({
    service: row.text('service'),
    runtime: row.text('runtime'),
    version: row.text('version'),
    pid: row.number('pid'),
    isConnected: false,
    requests: 0,
    operations: 0,
    notVisible: namesIn(row.text('notVisible')),
    problem: '',
  }));
}

async function lastRequest(store: AskStore): Promise<number | undefined> {
  const table = await store.ask({ from: 'requests', select: { last: max('atUs') } });
  const lastUs = numbersOf(table, 'last')[0] ?? Number.NaN;
  return Number.isNaN(lastUs) ? undefined : Math.floor(lastUs / 1000);
}
