// A request that has not ended, as a trace that can be drawn: up to now, and nothing in it is a sum. In: what is known of it so far. Out: columns.
// What it does between its calls is not known before its end, so there is nothing of that.

import type {
  TraceAnswer,
  TraceOperation,
  UnderWayAnswer,
  UnderWayCall,
  UnderWayRequest,
} from '../../answer/api.ts';
import { CATEGORIES } from '../../model/category.ts';
import { PHASES, PhaseIndex } from '../../model/row.ts';
import { inColumns } from '../../model/trace-columns.ts';
import type { TraceRequest } from '../../model/trace.ts';
import type { TraceData } from './trace-data.ts';

export function runningTrace({ now, requests }: UnderWayAnswer): TraceData {
  const startedAt = Math.min(...requests.map((request) => request.startedAt));
  const parts = requests.map((request, index) => partOf(request, index + 1, startedAt, now));
  const answer: TraceAnswer = {
    id: requests[0]?.traceId ?? '',
    at: startedAt,
    durationUs: Math.max(1, (now - startedAt) * 1000),
    sentence: [],
    categories: CATEGORIES.map(() => 0),
    requests: parts.map(({ request }) => request),
    operations: parts
      .flatMap(({ operations }) => operations)
      .toSorted((a, b) => a.startUs - b.startUs)
      .map((operation, index) => ({ ...operation, id: index + 1 })),
    byOperation: [],
    slower: '',
    faster: '',
    typical: '',
    isCut: false,
  };
  return inColumns(answer);
}

interface Part {
  readonly request: TraceRequest;
  readonly operations: readonly TraceOperation[];
}

function partOf(running: UnderWayRequest, id: number, traceStartedAt: number, now: number): Part {
  const startUs = (running.startedAt - traceStartedAt) * 1000;
  const durationUs = Math.max(0, now - running.startedAt) * 1000;
  const request: TraceRequest = {
    id,
    // No operation has this id.
    parentOperation: 0,
    service: running.service,
    method: running.method,
    route: running.route === '' ? 'request' : running.route,
    status: 0,
    isError: false,
    startUs,
    durationUs,
    firstByteUs: -1,
    ownCategories: CATEGORIES.map(() => 0),
    own: [],
    clockShiftUs: 0,
  };
  const ended = running.latest.map((call) => operationOf(call, id, startUs));
  const open = running.open.map((call) => openOf(operationOf(call, id, startUs), startUs + durationUs));
  return { request, operations: [...ended, ...open] };
}

function operationOf(call: UnderWayCall, request: number, startUs: number): TraceOperation {
  return {
    id: 0,
    request,
    protocol: 'unknown',
    role: 'work',
    category: call.category,
    statement: call.statement,
    dependency: call.dependency,
    callSite: '',
    connection: 0,
    nthOnConnection: 0,
    startUs: startUs + call.startUs,
    durationUs: call.durationUs,
    phases: call.phases,
    exclusiveUs: 0,
    isBlocking: true,
    bytesOut: 0,
    bytesIn: 0,
    rows: -1,
    outcome: 'ok',
    errorType: '',
    isRetry: false,
    question: 0,
  };
}

/** Nothing of its answer has come: all of it is the wait, up to now. */
function openOf(operation: TraceOperation, nowUs: number): TraceOperation {
  const durationUs = Math.max(0, nowUs - operation.startUs);
  const phases = PHASES.map((_, phase) => (phase === PhaseIndex.wait ? durationUs : 0));
  return { ...operation, durationUs, phases, outcome: 'unfinished' };
}
