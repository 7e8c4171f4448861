// What a reader tells of each record. In: nothing. Out: the type of who listens, and of what is told in one piece.
// Not here: how records are read (reader.ts); streams (stream-facts.ts).

import type { Nanos } from '../base/time.ts';
import type { StreamHandler } from './stream-facts.ts';
import type { WriteContexts } from './write-contexts.ts';

/** Receives the records of one process in order. Byte arguments are views, valid during the call only. */
export interface RecordHandler {
  /** Before the records of a batch. `lostBatches` is the gap in the sequence numbers. */
  batch(droppedRecords: number, droppedBytes: number, lostBatches: number): void;
  /** Before every record that has no method of its own below as well: when, how idle the thread was, and which thread (0: the only one). */
  moment(time: Nanos, idleNs: number, thread: number): void;
  hello(payload: unknown): void;
  connectionOpen(
    connection: number,
    flags: number,
    over: number,
    request: number,
    call: number,
    payload: unknown,
  ): void;
  write(connection: number, size: number, bytes: Uint8Array, contexts: WriteContexts): void;
  read(connection: number, size: number, head: Uint8Array, tail: Uint8Array): void;
  connectionPhase(connection: number, phase: number, payload: unknown): void;
  close(connection: number, isError: boolean): void;
  requestStart(request: number, connection: number, texts: RequestTexts): void;
  /** `isOpenEnd`: it lasts until the end of what it has started. */
  requestEnd(
    request: number,
    status: number,
    firstWrite: Nanos,
    route: string,
    isAborted: boolean,
    isOpenEnd: boolean,
  ): void;
  /** The trace that a request goes on telling of. */
  requestTrace?(request: number, traceparent: string): void;
  call(call: number, request: number, callSite: number): void;
  grant(call: number): void;
  callSite(callSite: number, stack: string): void;
  gc(durationNs: number): void;
  driverOperation(facts: DriverFacts): void;
  /** Without it what a profiler saw is skipped. */
  readonly code?: CodeHandler;
  /** Without it records of streams are skipped. */
  readonly streams?: StreamHandler;
  stats(payload: unknown): void;
  goodbye(payload: unknown): void;
}

/** What a profiler saw run, told later than it happened. */
export interface CodeHandler {
  /** `frames`: of the application, the innermost first, as in call sites. `called`: what that one had called, '' when it ran itself. */
  place(place: number, frames: string, called: string): void;
  /** Looks at one thread follow. `isBlockedOnly`: it was looked at only while it was blocked. */
  looks(thread: number, isBlockedOnly: boolean): void;
  /** The look stands for `us` µs from `time` on. */
  look(time: Nanos, place: number, us: number): void;
}

export interface RequestTexts {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly traceparent: string;
  readonly b3: string;
  /** Of HTTP/2: the number of the stream on its connection; 0 otherwise. */
  readonly stream: number;
}

/** What a driver that bypasses sockets was asked, and how that ended. */
export interface DriverFacts {
  readonly isSetUp: boolean;
  readonly isError: boolean;
  /** The statement goes on. */
  readonly isCut: boolean;
  /** `%s` and `%(name)s` in the statement stand for values. */
  readonly isFormat: boolean;
  readonly start: Nanos;
  readonly end: Nanos;
  readonly request: number;
  readonly call: number;
  /** 0: not known which. */
  readonly connection: number;
  /** -1: the driver did not say. */
  readonly rows: number;
  readonly protocol: string;
  /** As the application wrote it, with its values. */
  readonly statement: string;
  readonly error: string;
  /** `host:port`, path of a socket, or name of a file. */
  readonly address: string;
  readonly database: string;
  /** Equal values of one process have equal hashes; 0: not known. */
  readonly valueHash: number;
}
