// A request while its operations arrive and until it is assembled. In: what records say. Out: the state that joins and assembly need.

import type { Nanos } from '../base/time.ts';
import type { Operation } from '../model/operation.ts';
import { Request } from '../model/request.ts';
import type { CategoryVector } from '../model/row.ts';

/** Operations kept for one request; what comes beyond is counted and kept only as sums. */
export const OPERATIONS_PER_REQUEST = 100_000;

/** Threads that are remembered to have worked for one request; what it did in others is not known. */
const THREADS_PER_REQUEST = 16;

export class LiveRequest {
  readonly request = new Request();
  readonly process: number;
  readonly service: string;
  readonly operations: Operation[] = [];
  /** Threads that worked for it, first the one where it began. */
  readonly threads: number[] = [];
  /** Its own trace id, used when nobody known asked for it. */
  traceId: string;
  /** Key under which the caller's side of it is found, '' when there is none (trace/join.ts). */
  joinKey = '';
  /** An operation of its own has told its trace id to others: then that is its trace. */
  isTraceTold = false;
  /** The request in another traced process that asked for it, and with which operation. */
  caller: LiveRequest | undefined = undefined;
  callerOperation: Operation | undefined = undefined;
  /** The request on the other side of each of its operations, where that is traced. */
  readonly callees = new Map<Operation, LiveRequest>();
  isFinished = false;
  /** Its code has returned, and may go on in what it has started: it lasts until the end of that. */
  isOpenEnd = false;
  /** Turn of the collector's tick in which it finished. */
  finishedTick = 0;
  /** Set when assembled: what a caller adds to its own time. */
  categories: CategoryVector | undefined = undefined;
  treeOperationCount = 0;

  constructor(process: number, service: string, traceId: string) {
    this.process = process;
    this.service = service;
    this.traceId = traceId;
  }

  /** This thread did something for it. */
  workedIn(thread: number): void {
    if (this.threads.length < THREADS_PER_REQUEST && !this.threads.includes(thread))
      this.threads.push(thread);
  }

  /** An operation of its own carried this trace id. Without a caller that is known the trace is named by it: its callees know no other. */
  tellsTrace(traceId: string): void {
    if (this.isTraceTold || this.request.parent !== undefined) return;
    this.isTraceTold = true;
    this.traceId = traceId;
  }

  /** Something that it started has ended at `time`, and there may be more. */
  goesOnUntil(time: Nanos, tick: number): void {
    if (!this.isFinished || !this.isOpenEnd) return;
    this.finishedTick = tick;
    if (time > this.request.end) this.request.end = time;
  }

  /** The id of the trace it belongs to: that of the request where the trace began. */
  rootTraceId(depth = 0): string {
    // A caller chain is as deep as services call each other; 64 ends a loop that bad input could make.
    return this.caller === undefined || depth >= 64 ? this.traceId : this.caller.rootTraceId(depth + 1);
  }
}
