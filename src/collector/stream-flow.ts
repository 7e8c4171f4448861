// HTTP/2 streams of one process's clients become operations. In: records of streams. Out: operations of `http` and `grpc`, with the
// phases of the wire as far as node:http2 tells. Not here: which request caused them (operation-flow.ts), frames.

import { BoundedMap } from '../base/bounded.ts';
import { pathTemplate } from '../base/path-template.ts';
import type { Nanos } from '../base/time.ts';
import { Connection } from '../connection/connection.ts';
import { Operation } from '../model/operation.ts';
import type { StreamEnd, StreamHandler, StreamStart } from '../record/stream-facts.ts';
import type { ConnectionFlow } from './connection-flow.ts';
import { claimSetUp, type OperationFlow } from './operation-flow.ts';
import { grpcDeadlineNs, grpcStatusName, resetName } from './stream-words.ts';
import { known, type ProcessState } from './process-state.ts';

/** Streams open at once in one process. Beyond it the oldest are forgotten. */
const STREAM_LIMIT = 20_000;
/** Statements without their values; paths are at most 4 KiB. */
const STATEMENT_LIMIT = 2048;
const CANCEL = 8;

interface Stream {
  readonly operation: Operation;
  readonly connection: Connection;
  readonly start: StreamStart;
  status: number;
}

export class StreamFlow implements StreamHandler {
  readonly #state: ProcessState;
  readonly #connections: ConnectionFlow;
  readonly #operations: OperationFlow;
  readonly #open = new BoundedMap<number, Stream>(STREAM_LIMIT);
  readonly #statements = new BoundedMap<string, string>(STATEMENT_LIMIT);

  constructor(state: ProcessState, connections: ConnectionFlow, operations: OperationFlow) {
    this.#state = state;
    this.#connections = connections;
    this.#operations = operations;
  }

  started(start: StreamStart): void {
    const { now } = this.#state;
    const connection = this.#connections.get(start.connection) ?? unseen(start, now);
    const operation = new Operation();
    operation.protocol = start.isGrpc ? 'grpc' : 'http';
    operation.statement = this.#statement(start);
    operation.request = known(start.request);
    operation.call = start.call;
    if (start.request !== 0) operation.attribution = operation.request > 0 ? 'request' : 'hidden';
    operation.nthOnConnection = start.id > 0 ? nthOfStream(start.id) : 0;
    operation.traceparent = start.traceparent;
    operation.sent = now;
    operation.written = now;
    // Now, not at its end: streams end in any order.
    claimSetUp(operation, connection);
    this.#state.acted(operation.request);
    this.#open.set(start.stream, { operation, connection, start, status: 0 });
  }

  answered(number: number, status: number): void {
    const stream = this.#open.get(number);
    if (stream === undefined) return;
    stream.status = status;
    stream.operation.firstByte = this.#state.now;
    this.#state.loop.wake(stream.operation.request);
  }

  ended(end: StreamEnd): void {
    const stream = this.#open.get(end.stream);
    if (stream === undefined) return;
    this.#open.delete(end.stream);
    const { operation } = stream;
    setTimes(operation, end, this.#state.now);
    operation.bytesOut = end.bytesOut;
    operation.bytesIn = end.bytesIn;
    const error = stream.start.isGrpc ? grpcError(stream, end) : httpError(stream, end);
    operation.errorType = error ?? '';
    operation.outcome = error === undefined ? 'unfinished' : error === '' ? 'ok' : 'error';
    this.#finish(stream);
  }

  /** The process is gone, or records were lost that may have ended them: what is open ends here. */
  end(): void {
    for (const stream of this.#open.values()) {
      stream.operation.end = this.#state.now;
      this.#finish(stream);
    }
    this.#open.clear();
  }

  #finish({ operation, connection, start }: Stream): void {
    this.#operations.finished(operation, connection, start.host);
  }

  #statement({ isGrpc, method, target }: StreamStart): string {
    if (isGrpc) return target;
    const key = `${method} ${target}`;
    let statement = this.#statements.get(key);
    if (statement === undefined) {
      statement = method === 'CONNECT' ? method : `${method} ${pathTemplate(target)}`;
      this.#statements.set(key, statement);
    }
    return statement;
  }
}

/** Clients number their streams 1, 3, 5 … (RFC 9113 §5.1.1), and the server sees the same numbers. */
export function nthOfStream(id: number): number {
  return (id + 1) >>> 1;
}

/** Of a socket that nobody saw: it has no set-up, and joins nothing. */
function unseen({ host }: StreamStart, now: Nanos): Connection {
  const connection = new Connection(0, 0, 0, 0, 0, now, { host, port: 0 });
  connection.isSetUpUnclaimed = false;
  return connection;
}

function setTimes(operation: Operation, { written, lastByte }: StreamEnd, now: Nanos): void {
  if (written > operation.sent) operation.written = written;
  // Without an answer it lasts until it was given up.
  operation.end = lastByte > operation.sent && operation.firstByte >= 0 ? lastByte : now;
  if (operation.firstByte < 0) return;
  if (operation.end < operation.firstByte) operation.end = operation.firstByte;
  if (operation.written > operation.firstByte) operation.written = operation.firstByte;
}

/** '' when it went well, `undefined` when it did not end. */
function httpError({ status }: Stream, { reset, error }: StreamEnd): string | undefined {
  if (reset !== 0) return resetName(reset);
  if (error !== '') return error;
  if (status >= 400) return String(status);
  return status > 0 ? '' : undefined;
}

/** As above. A call that is given up has no status on the wire: when its time was over, that was why. */
function grpcError(stream: Stream, { grpcStatus, reset, error }: StreamEnd): string | undefined {
  if (grpcStatus >= 0) return grpcStatus === 0 ? '' : grpcStatusName(grpcStatus);
  if (reset === CANCEL) return isOverdue(stream) ? 'DEADLINE_EXCEEDED' : 'CANCELLED';
  if (reset !== 0) return resetName(reset);
  if (error !== '') return error;
  return stream.status > 0 && stream.status !== 200 ? String(stream.status) : undefined;
}

/** Timers are up to this early, and the time that was left went in whole milliseconds. */
const TIMER_SLACK_NS = 3e6;

function isOverdue({ operation, start }: Stream): boolean {
  const deadline = grpcDeadlineNs(start.timeout);
  return deadline !== undefined && operation.end - operation.sent + TIMER_SLACK_NS >= deadline;
}
