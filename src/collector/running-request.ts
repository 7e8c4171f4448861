// A request that has not ended, as it is now. In: a live request. Out: what may be told of it: no sums, since it is not whole.

import { nanosToMicros } from '../base/time.ts';
import { operationStart, type Operation } from '../model/operation.ts';
import type { LiveRequest } from '../trace/live-request.ts';

/** The shape of answer/api-pages.ts. */
export interface RunningRequest {
  readonly traceId: string;
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly startedAt: number;
  readonly operations: number;
  readonly latest: readonly {
    readonly statement: string;
    readonly dependency: string;
    readonly startUs: number;
    readonly durationUs: number;
  }[];
}

/** What somebody reads who asks what it does now. */
const LATEST = 20;

/** `wallOffsetUs`: µs of its clock + this = µs since 1970. */
export function runningRequest(live: LiveRequest, wallOffsetUs: number): RunningRequest {
  const { request, operations } = live;
  const startUs = nanosToMicros(request.start);
  const call = (operation: Operation) => {
    const from = nanosToMicros(operationStart(operation));
    return {
      statement: operation.statement,
      dependency: operation.dependency,
      startUs: Math.max(0, from - startUs),
      durationUs: Math.max(0, nanosToMicros(operation.end) - from),
    };
  };
  return {
    traceId: live.rootTraceId(),
    service: live.service,
    method: request.method,
    route: request.route,
    startedAt: Math.floor((wallOffsetUs + startUs) / 1000),
    operations: operations.length,
    latest: operations.slice(-LATEST).map(call),
  };
}
