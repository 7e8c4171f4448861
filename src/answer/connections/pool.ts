// The connections of one service to one dependency. In: their names, a range, or a visible window. Out: how long the line was over time,
// who uses the connections, and the operations of a window. Lines and calls under way come from stored operations.

import { PHASE_ORDER } from '../../analysis/time/phases.ts';
import { formatCount, formatDuration, formatWholeShare } from '../../base/numbers.ts';
import { PhaseIndex } from '../../model/row.ts';
import type { Condition, ResultTable } from '../../store/query.ts';
import { PHASE_COLUMNS, columns, mapRows, numbersOf, sums, textsOf } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type {
  EndpointName,
  PoolAnswer,
  PoolClosing,
  PoolOperations,
  PoolRow,
  PoolUser,
  PoolWindowAnswer,
  Range,
  Window,
  Words,
} from '../api.ts';
import { poolRows } from './connections.ts';
import { rangeOfLatest } from './pool-latest.ts';
import { idleStretches, transactionMarks, type HeldOperations, type Marks } from './pool-idle.ts';
import { poolTimeline, type PoolTimeline } from './pool-timeline.ts';
import { minuteCondition, timeCondition, windowOf } from '../range.ts';

export interface PoolName {
  readonly service: string;
  readonly dependency: string;
}

/** Half a million numbers; of more operations the latest are looked at. */
const MOST_OPERATIONS = 100_000;
const SLOTS = 180;
const MOST_USERS = 20;
const LONG_WAIT_US = 2000;
/** Long waits closer together are one place to look at. */
const APART_US = 100_000;
const MOST_LONG_WAITS = 500;
/** UI §4.6: 360 ms around the longest line, or 30 s of churn; less when it opens more connections than have lanes that can be read. */
const LINE_WINDOW_US = 360_000;
const CHURN_WINDOW_US = 30_000_000;
const CHURN_CONNECTIONS = 40;

/** undefined: there is no such pool in this time. */
export async function pool(store: AskStore, name: PoolName, range: Range): Promise<PoolAnswer | undefined> {
  const where = conditionsOf(name);
  const latest = rangeOfLatest(store, range, where, MOST_OPERATIONS).then((time) => [
    timeCondition(time),
    ...where,
  ]);
  const [window, rows, users, table, marks] = await Promise.all([
    windowOf(store, range),
    // Of all pools: the list beside this one asks the same, and is answered once.
    poolRows(store, range),
    usersOf(store, range, where),
    latest.then((conditions) => latestOperations(store, conditions)),
    latest.then((conditions) => transactionMarks(store, conditions)),
  ]);
  const row = rows.find(
    ({ service, dependency }) => service === name.service && dependency === name.dependency,
  );
  if (row === undefined) return undefined;
  const times = timesOf(table);
  const timeline = poolTimeline(times, window.from * 1000, window.to * 1000 + 999, SLOTS);
  return {
    window,
    row,
    sentence: sentenceOf(row, timeline),
    second: secondOf(row, window),
    longestLine: timeline.longestLine,
    meanBusy: timeline.meanBusy,
    maxLine: timeline.maxLine,
    operationsSeen: table.rowCount,
    users: await withIdle(store, users, heldOf(table, times), marks, row.calls / (table.rowCount || 1)),
    longWaits: longWaitsOf(times),
    first: firstWindow(row, timeline, times, window),
  };
}

function latestOperations(store: AskStore, where: readonly Condition[]): Promise<ResultTable> {
  return store.ask({
    from: 'operations',
    select: columns('id', 'request', 'connection', 'atUs', ...PHASE_COLUMNS),
    where,
    orderBy: [{ by: 'atUs', descending: true }],
    limit: MOST_OPERATIONS,
  });
}

function conditionsOf({ service, dependency }: PoolName): Condition[] {
  return [
    { column: 'service', is: service },
    { column: 'dependency', is: dependency },
    { column: 'role', isIn: ['work', 'setup'] },
  ];
}

interface Times {
  readonly joined: Float64Array;
  readonly granted: Float64Array;
  readonly ready: Float64Array;
  readonly done: Float64Array;
}

/** When each operation joined the line, had a connection, could send, had its answer; µs since 1970. */
function timesOf(table: ResultTable): Times {
  const phases = PHASE_COLUMNS.map((name) => numbersOf(table, name));
  const joined = numbersOf(table, 'atUs');
  const after = (phase: number) =>
    joined.map((start, index) => {
      let us = start;
      for (const each of PHASE_ORDER) {
        us += phases[each]?.[index] ?? 0;
        if (each === phase) break;
      }
      return us;
    });
  const done = after(PhaseIndex.receive).map((us, index) => us - (phases[PhaseIndex.deliver]?.[index] ?? 0));
  return { joined, granted: after(PhaseIndex.pool), ready: after(PhaseIndex.tls), done };
}

/** Exact, over all traffic: by the sums of each minute. */
async function usersOf(store: AskStore, range: Range, where: readonly Condition[]): Promise<PoolUser[]> {
  const table = await store.ask({
    from: 'rollups',
    select: {
      ...columns('service', 'method', 'route'),
      ...sums('totalUs', 'phases.pool', 'phases.deliver', 'phases.own'),
    },
    where: [minuteCondition(range), ...where],
  });
  return mapRows(table, ({ text, number }) => ({
    service: text('service'),
    method: text('method'),
    route: text('route'),
    waitsUs: number('phases.pool'),
    holdsUs: number('totalUs') - number('phases.pool') - number('phases.deliver') - number('phases.own'),
    idleShare: 0,
  }))
    .toSorted((a, b) => b.holdsUs - a.holdsUs || (a.route < b.route ? -1 : 1))
    .slice(0, MOST_USERS);
}

function heldOf(table: ResultTable, { ready, done }: Times): HeldOperations {
  const [id, request, connection] = ['id', 'request', 'connection'].map((name) => numbersOf(table, name));
  return { id: id ?? [], request: request ?? [], connection: connection ?? [], ready, done };
}

/** Requests whose transactions are looked into. */
const MOST_IDLE_REQUESTS = 5000;

/** How much of the time that each user keeps connections nothing is under way. `weight`: calls for each one that was looked at. */
async function withIdle(
  store: AskStore,
  users: readonly PoolUser[],
  held: HeldOperations,
  marks: Marks,
  weight: number,
): Promise<PoolUser[]> {
  if (marks.size === 0) return [...users];
  const stretches = idleStretches(held, marks);
  const requests = [...new Set(stretches.map(({ request }) => request))].slice(0, MOST_IDLE_REQUESTS);
  const causes = await causesOf(store, requests);
  const idleUs = new Map<string, number>();
  for (const { request, fromUs, toUs } of stretches) {
    const user = causes.users[causes.userOf.get(request) ?? -1];
    if (user !== undefined)
      idleUs.set(userKey(user), (idleUs.get(userKey(user)) ?? 0) + (toUs - fromUs) * weight);
  }
  return users.map((user) => {
    const idle = idleUs.get(userKey(user)) ?? 0;
    return { ...user, idleShare: idle / (idle + user.holdsUs || 1) };
  });
}

function userKey({ method, route }: EndpointName): string {
  return `${method} ${route}`;
}

function longWaitsOf({ joined, granted }: Times): number[] {
  const starts = Array.from(joined).filter((us, index) => (granted[index] ?? us) - us >= LONG_WAIT_US);
  starts.sort((a, b) => a - b);
  let last = -Infinity;
  const apart = starts.filter((us) => {
    if (us - last < APART_US) return false;
    last = us;
    return true;
  });
  return apart.slice(0, MOST_LONG_WAITS);
}

function churnWindowUs({ newConnections }: PoolRow, { seconds }: Window): number {
  const readable = (CHURN_CONNECTIONS * seconds * 1e6) / Math.max(1, newConnections);
  return Math.max(LINE_WINDOW_US, Math.min(CHURN_WINDOW_US, readable));
}

function firstWindow(
  row: PoolRow,
  timeline: PoolTimeline,
  { granted }: Times,
  window: Window,
): PoolAnswer['first'] {
  const length = row.verdict === 'churn' ? churnWindowUs(row, window) : LINE_WINDOW_US;
  const middle = Array.from(granted).toSorted((a, b) => a - b)[Math.floor(granted.length / 2)];
  const at =
    Number.isNaN(timeline.maxLineAtUs) || row.verdict === 'churn'
      ? (middle ?? window.from * 1000)
      : timeline.maxLineAtUs;
  const lowest = window.from * 1000;
  const fromUs = Math.max(lowest, Math.min(at - length / 2, window.to * 1000 + 999 - length));
  return { fromUs: Math.floor(fromUs), toUs: Math.floor(fromUs + length) };
}

function sentenceOf(row: PoolRow, { maxLine }: PoolTimeline): Words[] {
  const { service, dependency, calls, waited, newConnections, setupUs, connections } = row;
  const seen = `${formatCount(connections)} ${dependency} connection${connections === 1 ? '' : 's'}`;
  if (row.verdict === 'starved')
    return [
      { text: `${service} used ${seen} and needs more: ` },
      {
        text: `${formatWholeShare(waited / calls)} of its calls wait in line`,
        isStrong: true,
        swatch: 'pool',
      },
      { text: maxLine > 1 ? `, up to ${formatCount(maxLine)} at once.` : '.' },
    ];
  if (row.verdict === 'churn')
    return [
      { text: `${service} opens ` },
      {
        text: `a new connection for ${newConnections >= calls * 0.9 ? 'every call' : `${formatWholeShare(newConnections / calls)} of its calls`}`,
        isStrong: true,
        swatch: 'conn',
      },
      {
        text: ` to ${dependency}: ${formatDuration(Math.round(setupUs / (newConnections || 1)))} of set-up each.`,
      },
    ];
  return [
    { text: `${service} used ${seen}, and ` },
    {
      text:
        waited === 0
          ? 'no call waited in line'
          : `${formatWholeShare(waited / calls)} of its calls waited in line`,
      isStrong: true,
    },
    { text: '.' },
  ];
}

function secondOf({ calls, newConnections, connections, verdict }: PoolRow, window: Window): Words[] {
  const range = formatDuration(Math.round(window.seconds * 1e6));
  return [
    {
      text: `${formatCount(calls)} calls in ${range} over ${formatCount(connections)} connections that were seen, ${formatCount(newConnections)} of them opened for a call.${verdict === 'churn' ? '' : ' How large the pool may grow, nobody says.'}`,
    },
  ];
}

/** Operations of one window that are sent: at 30 000 on a screen none of them can be seen. */
const MOST_VISIBLE = 10_000;
/** An operation that began longer before the window and is still under way is left out. */
const LOOK_BACK_US = 30_000_000;

export async function poolWindow(
  store: AskStore,
  name: PoolName,
  { fromUs, toUs }: PoolAnswer['first'],
): Promise<PoolWindowAnswer> {
  const table = await store.ask({
    from: 'operations',
    select: columns('id', 'request', 'role', 'connection', 'atUs', ...PHASE_COLUMNS),
    where: [
      { column: 'atUs', from: fromUs - Math.min(LOOK_BACK_US, (toUs - fromUs) * 4), to: toUs },
      ...conditionsOf(name),
    ],
    orderBy: [{ by: 'atUs' }],
    limit: 4 * MOST_VISIBLE,
  });
  const times = timesOf(table);
  const { joined, granted, ready, done } = times;
  const first = joined[0] ?? fromUs;
  const marks = await transactionMarks(store, [
    { column: 'atUs', from: first, to: toUs },
    ...conditionsOf(name),
  ]);
  const idle = marks.size === 0 ? [] : idleStretches(heldOf(table, times), marks);
  const all = Array.from(joined, (_, index) => index).filter((index) => (done[index] ?? 0) >= fromUs);
  const kept = all.slice(0, MOST_VISIBLE);
  const roles = textsOf(table, 'role');
  const at = (values: Float64Array) => kept.map((index) => values[index] ?? 0);
  const requests = at(numbersOf(table, 'request'));
  const connections = at(numbersOf(table, 'connection'));
  const causes = await causesOf(store, requests);
  const since = (values: Float64Array) => at(values).map((us) => us - fromUs);
  return {
    logins: kept.reduce((sum, index) => sum + (roles[index] === 'setup' ? 1 : 0), 0),
    closed: await closingsOf(store, connections, fromUs, toUs),
    isCut: kept.length < all.length || table.rowCount === 4 * MOST_VISIBLE,
    idle: idle
      .filter((stretch) => stretch.toUs >= fromUs && stretch.fromUs <= toUs)
      .map((stretch) => ({
        connection: stretch.connection,
        fromUs: stretch.fromUs - fromUs,
        toUs: stretch.toUs - fromUs,
        user: causes.userOf.get(stretch.request) ?? -1,
      })),
    users: causes.users,
    traces: causes.traces,
    operations: {
      originUs: fromUs,
      joined: since(joined),
      granted: since(granted),
      ready: since(ready),
      done: since(done),
      connection: connections,
      isNew: kept.map((index) => ((ready[index] ?? 0) > (granted[index] ?? 0) ? 1 : 0)),
      user: requests.map((id) => causes.userOf.get(id) ?? -1),
      trace: requests.map((id) => causes.traceOf.get(id) ?? -1),
      operation: at(numbersOf(table, 'id')),
    } satisfies PoolOperations,
  };
}

/** Who closed them nobody knows: the process, or its peer. */
async function closingsOf(
  store: AskStore,
  connections: readonly number[],
  fromUs: number,
  toUs: number,
): Promise<PoolClosing[]> {
  const wanted = [...new Set(connections)];
  if (wanted.length === 0) return [];
  const table = await store.ask({
    from: 'closings',
    select: columns('connection', 'atUs'),
    where: [
      { column: 'atUs', from: fromUs, to: toUs },
      { column: 'connection', isIn: wanted },
    ],
    orderBy: [{ by: 'atUs' }],
  });
  return mapRows(table, ({ number }) => ({
    connection: number('connection'),
    atUs: number('atUs') - fromUs,
  }));
}

/** The endpoints and traces of the requests that caused operations, each once. */
async function causesOf(store: AskStore, ids: readonly number[]) {
  const users: EndpointName[] = [];
  const traces: string[] = [];
  const userOf = new Map<number, number>();
  const traceOf = new Map<number, number>();
  const wanted = [...new Set(ids)].filter((id) => id > 0);
  if (wanted.length === 0) return { users, traces, userOf, traceOf };
  const table = await store.ask({
    from: 'requests',
    select: columns('id', 'service', 'method', 'route', 'traceId'),
    where: [{ column: 'id', isIn: wanted }],
  });
  const places = new Map<string, number>();
  const traceIds = textsOf(table, 'traceId');
  mapRows(table, ({ text, number }, index) => {
    const user = { service: text('service'), method: text('method'), route: text('route') };
    const key = `${user.method} ${user.route}`;
    if (!places.has(key)) places.set(key, users.push(user) - 1);
    userOf.set(number('id'), places.get(key) ?? -1);
    traceOf.set(number('id'), traces.push(traceIds[index] ?? '') - 1);
  });
  return { users, traces, userOf, traceOf };
}
