// A finished request and its operations become rows. In: a live request whose callees are assembled. Out: rows for the store.
// This is where the three answers meet: what caused what (trace/), where the time went (analysis/), and what to keep.

import { apportion } from '../analysis/time/apportion.ts';
import { breakdown, type Breakdown, type Gap } from '../analysis/time/breakdown.ts';
import type { PhasedOperation } from '../analysis/time/phases.ts';
import { nanosToMicros, type Nanos } from '../base/time.ts';
import { operationStart, type Operation } from '../model/operation.ts';
import type { OperationRow, RequestRow } from '../model/row.ts';
import type { CallSites } from '../trace/call-sites.ts';
import type { LiveRequest } from '../trace/live-request.ts';
import type { ThreadClocks } from '../trace/thread-clocks.ts';

/** What rows need to know of the process. */
export interface Place {
  readonly process: number;
  readonly service: string;
  /** µs of CLOCK_MONOTONIC + this = µs since 1970. */
  readonly wallOffsetUs: number;
  readonly loop: ThreadClocks;
}

export interface Assembled {
  readonly row: RequestRow;
  readonly operations: readonly OperationRow[];
}

export function assemble(live: LiveRequest, place: Place, callSites: CallSites): Assembled {
  const { request } = live;
  const startUs: number = nanosToMicros(request.start);
  const endUs = Math.max(startUs, nanosToMicros(request.end));
  for (const [operation, callee] of live.callees) nameByCallee(operation, callee);
  for (const operation of live.operations) endGivenUp(operation, live);
  callSites.complete(live.operations, `${request.method} ${request.route}`);
  const result = breakdown({
    startUs,
    endUs,
    operations: live.operations,
    gap: (from, to) => gapOf(place.loop, from, to, live),
    callee: (operation) => live.callees.get(operation)?.categories,
  });
  live.categories = result.categories;
  live.treeOperationCount = live.operations.length + sumOfCallees(live);
  const operations = live.operations.map((operation, index) =>
    rowAt(operation, index, result, place, request.id),
  );
  return { row: requestRow(live, place, startUs, endUs, result), operations };
}

/** One turn of a loop; a busy one takes longer, and what was waited for so long is closed then by no accident. */
const CLOSED_LATE_NS = 5_000_000;
const CLOSED_LATE_SHARE = 0.05;
/** Of a request with more calls all may be unfinished: each would be held against each. */
const MOST_COMPARED = 500;

/**
 * A call that is given up ends when its connection is closed, one turn of the loop after the code went on without it: with its next call, or with the
 * answer to its request. What is closed right after that was waited for: what nobody waits for is closed at any other time.
 */
function endGivenUp(operation: Operation, { request, operations }: LiveRequest): void {
  if (operation.outcome !== 'unfinished') return;
  const lateNs = Math.max(CLOSED_LATE_NS, CLOSED_LATE_SHARE * (operation.end - operation.sent));
  let end = operation.end;
  const wentOn = (at: Nanos): void => {
    if (at < end && operation.end - at <= lateNs && operation.sent < at && operation.firstByte < at) end = at;
  };
  wentOn(request.end);
  if (operations.length <= MOST_COMPARED)
    for (const other of operations) if (other !== operation) wentOn(operationStart(other));
  operation.end = end;
}

/** A traced callee knows better than the wire what was asked of whom. */
function nameByCallee(operation: Operation, callee: LiveRequest): void {
  operation.dependency = callee.service;
  operation.category = 'http';
  // A gRPC call has the same name on both sides.
  if (callee.request.route !== '' && operation.protocol !== 'grpc')
    operation.statement = `${callee.request.method} ${callee.request.route}`;
}

function gapOf(loop: ThreadClocks, fromUs: number, toUs: number, live: LiveRequest): Gap {
  const split = loop.split(fromUs * 1000, toUs * 1000, live.request.number, live.threads);
  const [own = 0, busy = 0, other = 0] = apportion(toUs - fromUs, [split.own, split.loop, split.other]);
  return { own, loop: busy, other };
}

function sumOfCallees(live: LiveRequest): number {
  let sum = 0;
  for (const callee of live.callees.values()) sum += callee.treeOperationCount;
  return sum;
}

function requestRow(
  live: LiveRequest,
  place: Place,
  startUs: number,
  endUs: number,
  result: Breakdown,
): RequestRow {
  const { request } = live;
  return {
    id: request.id,
    traceId: live.rootTraceId(),
    parentOperation: live.caller === undefined ? 0 : (live.callerOperation?.id ?? 0),
    service: place.service,
    process: place.process,
    method: request.method,
    route: request.route,
    status: request.status,
    isError: request.status >= 500,
    isAborted: request.isAborted,
    atUs: place.wallOffsetUs + startUs,
    durationUs: endUs - startUs,
    firstByteUs: request.firstWrite >= 0 ? Math.max(0, nanosToMicros(request.firstWrite) - startUs) : -1,
    categories: result.categories,
    ownCategories: result.ownCategories,
    operationCount: live.operations.length,
    treeOperationCount: live.treeOperationCount,
  };
}

function rowAt(
  operation: Operation,
  index: number,
  result: Breakdown,
  place: Place,
  request: number,
): OperationRow {
  const phased = result.phased[index] ?? { startUs: 0, endUs: 0, lengths: [] };
  return operationRow(operation, phased, result.exclusiveUs[index] ?? 0, place, request);
}

/** `request` is 0 for an operation that no request caused. */
export function operationRow(
  operation: Operation,
  phased: PhasedOperation,
  exclusiveUs: number,
  place: Place,
  request: number,
): OperationRow {
  return {
    id: operation.id,
    request,
    process: place.process,
    service: place.service,
    attribution: operation.attribution,
    protocol: operation.protocol,
    role: operation.role,
    category: operation.category,
    statement: operation.statement,
    dependency: operation.dependency,
    callSite: operation.callSite,
    connection: operation.connection,
    nthOnConnection: operation.nthOnConnection,
    atUs: place.wallOffsetUs + phased.startUs,
    durationUs: phased.endUs - phased.startUs,
    phases: phased.lengths,
    exclusiveUs,
    isBlocking: exclusiveUs > 0,
    bytesOut: operation.bytesOut,
    bytesIn: operation.bytesIn,
    rows: operation.rows,
    outcome: operation.outcome,
    errorType: operation.errorType,
    repeatAgeUs: operation.repeatAgeUs,
    needsAnswer: operation.needsAnswer,
    followsAnswer: operation.followsAnswer,
    knewValues: operation.knewValues,
    isPlainText: operation.isPlainText,
    takesCompressed: operation.takesCompressed,
    peerCloses: operation.peerCloses,
  };
}
