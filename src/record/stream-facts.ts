// What agents say of a client's HTTP/2 streams, whose bytes pass by the socket. In: nothing. Out: types. Format: FORMAT.md, kinds 16-18.

import type { Nanos } from '../base/time.ts';

/** A client's HTTP/2 stream begins. */
export interface StreamStart {
  readonly isGrpc: boolean;
  readonly stream: number;
  /** 0: not known which. */
  readonly connection: number;
  readonly request: number;
  readonly call: number;
  /** Its number on the connection, which both ends know; 0 unknown. */
  readonly id: number;
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly traceparent: string;
  /** Of gRPC: `100m` and the like, or ''. */
  readonly timeout: string;
}

export interface StreamEnd {
  readonly stream: number;
  /** -1: none came. */
  readonly grpcStatus: number;
  /** Last byte of the request handed over, last byte of the answer; -1 when not seen. */
  readonly written: Nanos;
  readonly lastByte: Nanos;
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** RFC 9113 §7; 0: no reset. */
  readonly reset: number;
  /** Error code of the runtime, or ''. */
  readonly error: string;
}

/** Receives the records of streams, in order. */
export interface StreamHandler {
  started(facts: StreamStart): void;
  /** The head of the answer was seen. */
  answered(stream: number, status: number): void;
  ended(facts: StreamEnd): void;
}
