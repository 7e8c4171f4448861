// A request that has not ended, as it is now. In: a live request. Out: what may be told of it: no sums, since it is not whole.

import { phasesOf } from '../analysis/time/phases.ts';
import { nanosToMicros } from '../base/time.ts';
import type { CategoryKey } from '../model/category.ts';
import type { Operation } from '../model/operation.ts';
import type { PhaseVector } from '../model/row.ts';
import type { LiveRequest } from '../trace/live-request.ts';

/** The shape of answer/api-pages.ts. */
export interface RunningRequest {
  readonly traceId: string;
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly startedAt: number;
  readonly operations: number;
  readonly latest: readonly RunningCall[];
  /** Asked and not answered: what it waits for. */
  readonly open: readonly RunningCall[];
}

interface RunningCall {
  readonly statement: string;
  readonly dependency: string;
  readonly category: CategoryKey;
  readonly startUs: number;
  /** 0 of an open one: whoever shows it knows what time it is. */
  readonly durationUs: number;
  readonly phases: PhaseVector;
}

/** What somebody reads who asks what it does now. */
const LATEST = 20;

/** `open`: of its operations those that are not answered. `wallOffsetUs`: µs of its clock + this = µs since 1970. */
export function runningRequest(
  live: LiveRequest,
  open: readonly Operation[],
  wallOffsetUs: number,
): RunningRequest {
  const { request, operations } = live;
  const startUs = nanosToMicros(request.start);
  return {
    traceId: live.rootTraceId(),
    service: live.service,
    method: request.method,
    route: request.route,
    startedAt: Math.floor((wallOffsetUs + startUs) / 1000),
    operations: operations.length,
    latest: operations.slice(-LATEST).map((operation) => call(operation, startUs)),
    open: open.slice(-LATEST).map((operation) => call(operation, startUs)),
  };
}

/** Of an open one no phase is over. */
function call(operation: Operation, requestStartUs: number): RunningCall {
  const isOpen = operation.end < 0;
  const { startUs, endUs, lengths } = phasesOf(operation);
  return {
    statement: operation.statement,
    dependency: operation.dependency,
    category: operation.category,
    startUs: Math.max(0, startUs - requestStartUs),
    durationUs: isOpen ? 0 : endUs - startUs,
    phases: lengths,
  };
}
