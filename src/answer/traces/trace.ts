// One trace: every request and operation in it, when, and where its time went. In: a trace id. Out: the trace page.
// Times count from the start of the root. Clocks of other hosts are adjusted so that a callee lies within its call.

import type { Condition } from '../../store/query.ts';
import { columns, numbersOf, quantile, textsOf } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import type { TraceAnswer, TraceOperation, TraceRequest } from '../api.ts';
import type { Run } from '../sentence.ts';
import { traceSentence } from '../sentence.ts';
import { timeByOperation } from './trace-by-operation.ts';
import type { StoredOperation, StoredRequest } from '../stored-rows.ts';
import { marksOf, type TraceMarks } from './trace-marks.ts';
import type { TraceNode } from './trace-rows.ts';
import { OPERATION_LIMIT, REQUEST_LIMIT, traceRequests, traceTrees } from './trace-rows.ts';
import type { RequestTime } from './trace-time.ts';
import { timeOf } from './trace-time.ts';

/** undefined: there is no such trace, or not any more. */
export async function trace(store: AskStore, traceId: string): Promise<TraceAnswer | undefined> {
  const found = await traceRequests(store, traceId);
  const [first] = found;
  if (first === undefined) return undefined;
  const [trees, slower, faster, typical] = await Promise.all([
    traceTrees(store, found),
    neighbour(store, first, true),
    neighbour(store, first, false),
    typicalTrace(store, first),
  ]);
  const [root, ...consumed] = trees;
  if (root === undefined) return undefined;
  const marks = marksOf(trees);
  const times = new Map<TraceNode, RequestTime>();
  const timed = (node: TraceNode): RequestTime => {
    const time = times.get(node) ?? timeOf(node);
    times.set(node, time);
    return time;
  };
  const { request } = root;
  const requests: TraceRequest[] = [];
  const operations: TraceOperation[] = [];
  const shift = { us: -request.atUs, clockUs: 0 };
  place(root, shift, timed, marks, requests, operations);
  const run = longestRun(times);
  const byOperation = timeByOperation(root, timed);
  for (const tree of consumed) place(tree, shift, timed, marks, requests, operations);
  return {
    id: request.traceId,
    at: Math.floor(request.atUs / 1000),
    durationUs: request.durationUs,
    sentence: traceSentence(request.durationUs, run, byOperation),
    categories: request.categories,
    requests,
    operations: operations.toSorted((a, b) => a.startUs - b.startUs || a.id - b.id),
    byOperation,
    slower,
    faster,
    typical: typical === request.traceId ? '' : typical,
    isCut: operations.length >= OPERATION_LIMIT || requests.length >= REQUEST_LIMIT,
  };
}

interface Shift {
  /** Takes a clock to µs from the start of the trace. */
  readonly us: number;
  /** Of it, what is there because the clocks of two hosts differ. */
  readonly clockUs: number;
}

/** Adds the node and everything below it. */
function place(
  node: TraceNode,
  shift: Shift,
  timed: (node: TraceNode) => RequestTime,
  marks: TraceMarks,
  requests: TraceRequest[],
  operations: TraceOperation[],
): void {
  const { own, waited } = timed(node);
  requests.push(traceRequest(node.request, shift, own));
  for (const operation of node.operations) {
    const exclusiveUs = waited.get(operation.id)?.exclusiveUs ?? 0;
    operations.push(traceOperation(operation, shift.us, exclusiveUs, marks));
    const callee = node.callees.get(operation.id);
    if (callee !== undefined)
      place(callee, calleeShift(operation, callee.request, shift.us), timed, marks, requests, operations);
  }
}

/** A callee that started before or after its call ran on another clock: it is put in the middle of the call. */
function calleeShift(call: StoredOperation, callee: StoredRequest, us: number): Shift {
  const isWithin = callee.atUs >= call.atUs && callee.atUs <= call.atUs + call.durationUs;
  if (isWithin) return { us, clockUs: 0 };
  const startUs = call.atUs + Math.max(0, Math.floor((call.durationUs - callee.durationUs) / 2));
  const clockUs = startUs - callee.atUs;
  return { us: us + clockUs, clockUs };
}

function traceRequest(row: StoredRequest, shift: Shift, own: RequestTime['own']): TraceRequest {
  return {
    id: row.id,
    parentOperation: row.parentOperation,
    service: row.service,
    method: row.method,
    route: row.route,
    status: row.status,
    isError: row.isError,
    startUs: row.atUs + shift.us,
    durationUs: row.durationUs,
    firstByteUs: row.firstByteUs,
    ownCategories: row.ownCategories,
    own: own.map(([startUs, lengthUs, category]) => [startUs + shift.us, lengthUs, category] as const),
    clockShiftUs: shift.clockUs,
  };
}

/** Field by field: copying the row took a third of the time of a trace with 50 000 operations. */
function traceOperation(
  row: StoredOperation,
  shiftUs: number,
  exclusiveUs: number,
  { retries, questions }: TraceMarks,
): TraceOperation {
  return {
    id: row.id,
    request: row.request,
    protocol: row.protocol,
    role: row.role,
    category: row.category,
    statement: row.statement,
    dependency: row.dependency,
    callSite: row.callSite,
    connection: row.connection,
    nthOnConnection: row.nthOnConnection,
    startUs: row.atUs + shiftUs,
    durationUs: row.durationUs,
    phases: row.phases,
    exclusiveUs,
    isBlocking: row.isBlocking,
    bytesOut: row.bytesOut,
    bytesIn: row.bytesIn,
    rows: row.rows,
    outcome: row.outcome,
    errorType: row.errorType,
    isRetry: retries.has(row.id),
    question: questions.get(row.id) ?? 0,
  };
}

/** The longest run of one statement from one place, each call after the one before, over all requests of the trace. */
function longestRun(times: ReadonlyMap<TraceNode, RequestTime>): Run | undefined {
  const runs = [...times].flatMap(([node, time]) => runsOf(node, time));
  return runs.filter(({ calls }) => calls > 1).toSorted((a, b) => b.us - a.us)[0];
}

function runsOf({ operations }: TraceNode, { waited }: RequestTime): Run[] {
  const runs: { -readonly [K in keyof Run]: Run[K] }[] = [];
  for (const operation of operations) {
    const us = waited.get(operation.id)?.exclusiveUs ?? 0;
    if (us === 0 || operation.role === 'setup') continue;
    const { statement, category, dependency } = operation;
    const last = runs.at(-1);
    if (last?.statement === statement && last.dependency === dependency) {
      last.calls++;
      last.us += us;
    } else runs.push({ statement, category, dependency, calls: 1, us });
  }
  return runs;
}

/** The trace id of the median of all entry requests of the same endpoint. */
async function typicalTrace(store: AskStore, { service, method, route }: StoredRequest): Promise<string> {
  const where: Condition[] = [
    { column: 'isEntry', is: 1 },
    { column: 'service', is: service },
    { column: 'method', is: method },
    { column: 'route', is: route },
  ];
  const median = await store.ask({ from: 'requests', select: { us: quantile('durationUs', 0.5) }, where });
  const us = numbersOf(median, 'us')[0] ?? Number.NaN;
  if (Number.isNaN(us)) return '';
  const table = await store.ask({
    from: 'requests',
    select: columns('traceId', 'durationUs', 'id'),
    where: [...where, { column: 'durationUs', from: us }],
    orderBy: [{ by: 'durationUs' }, { by: 'id' }],
    limit: 1,
  });
  return textsOf(table, 'traceId')[0] ?? '';
}

/** The trace id of the next slower or next faster entry request of the same endpoint; '' when there is none. */
async function neighbour(store: AskStore, request: StoredRequest, isSlower: boolean): Promise<string> {
  const { service, method, route, durationUs } = request;
  const duration: Condition = isSlower
    ? { column: 'durationUs', from: durationUs + 1 }
    : { column: 'durationUs', to: durationUs - 1 };
  const table = await store.ask({
    from: 'requests',
    select: columns('traceId', 'durationUs'),
    where: [
      { column: 'isEntry', is: 1 },
      { column: 'service', is: service },
      { column: 'method', is: method },
      { column: 'route', is: route },
      duration,
    ],
    orderBy: [{ by: 'durationUs', descending: !isSlower }],
    limit: 1,
  });
  return textsOf(table, 'traceId')[0] ?? '';
}
