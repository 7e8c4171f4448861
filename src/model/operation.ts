// An operation: one request/response exchange with a peer, seen from the client. OpenTelemetry: CLIENT span.
// Filled in by the protocol driver while bytes arrive, finished by trace/, kept by store/.

import type { Nanos } from '../base/time.ts';
import { NEVER } from '../base/time.ts';
import type { CategoryKey } from './category.ts';
import type { ProtocolName } from './protocol.ts';
import { REPEAT_UNKNOWN } from './repeat.ts';

export type { ProtocolName } from './protocol.ts';

/** How an operation ended. `unfinished`: the connection, the process or the recording ended first. */
export type Outcome = 'ok' | 'error' | 'unfinished';

/** Who caused it. `none`: no request was running; `hidden`: a request may have, but the agent could not see which. */
export type Attribution = 'request' | 'none' | 'hidden';

/**
 * Set-up is the login handshake of a connection (its time counts as `conn`). A wait asks to be told when there is news (long
 * poll, blocking pop, heartbeat that waits): how long it takes says nothing about the peer. Work is everything else.
 */
export type OperationRole = 'work' | 'setup' | 'wait';

/** A role as it was stored. */
export function roleNamed(name: string): OperationRole {
  return name === 'setup' || name === 'wait' ? name : 'work';
}

/**
 * Times are `NEVER` when they did not happen. When they did:
 * called <= granted <= connectStart <= resolved <= connected <= secured <= sent <= written <= firstByte <= end.
 */
export class Operation {
  /** Unique in a data folder, rising; given by the collector. */
  id = 0;
  protocol: ProtocolName = 'unknown';
  role: OperationRole = 'work';
  /** Normalized text without values: SQL, Redis command with key pattern, HTTP method and path template. */
  statement = '';
  /** What it talks to, as shown: 'Postgres', 'Redis', 'payments.example'. Set by trace/. */
  dependency = '';
  category: CategoryKey = 'other';
  /** file:line:column of the user's code that asked, or ''. */
  callSite = '';
  connection = 0;
  /** 1 for the first operation on its connection. */
  nthOnConnection = 0;
  attribution: Attribution = 'none';
  /** The agent's number of the request that caused it, in its process; 0 when attribution is not 'request'. */
  request = 0;
  /** The agent's number of the call in the application, or 0. */
  call = 0;

  /** The application called the library. */
  called: Nanos = NEVER;
  /** The pool handed over a connection. */
  granted: Nanos = NEVER;
  connectStart: Nanos = NEVER;
  resolved: Nanos = NEVER;
  connected: Nanos = NEVER;
  secured: Nanos = NEVER;
  /** First request byte handed to the socket. */
  sent: Nanos = NEVER;
  /** Last request byte handed to the socket. */
  written: Nanos = NEVER;
  firstByte: Nanos = NEVER;
  end: Nanos = NEVER;
  /** How long the answer may have waited for a busy event loop before the application saw it, at most; 0 when it did not. */
  deliveryLagNs = 0;
  /** Between the call and the connection its request's own code kept the loop busy for so long: the driver at work, not a queue. */
  busyInPoolNs = 0;

  bytesOut = 0;
  bytesIn = 0;
  /** Rows, replies or items returned; -1 when the protocol does not say. */
  rows = -1;
  outcome: Outcome = 'unfinished';
  /** The protocol's own word for the failure: SQLSTATE, HTTP status, Redis error prefix; '' when it went well. */
  errorType = '';
  /** Trace headers that went with it, '' without: what its callee says of its caller. */
  traceparent = '';
  b3 = '';
  /** Salted hash of the values that were asked with (base/salted-hash.ts); NO_HASH when they were not seen. Never stored. */
  argumentHash = 0;
  /** µs since the same was asked before (model/row.ts). */
  repeatAgeUs = REPEAT_UNKNOWN;
  /** It asked with a value that an earlier answer of its request brought; undefined: nobody looked. */
  needsAnswer: boolean | undefined = undefined;
  /** That answer was the one to the question right before it, and no earlier one had the value. */
  followsAnswer: boolean | undefined = undefined;
  /** All of its values were known before the answer right before it; undefined: nobody looked, or it has asked the same as the last time. */
  knewValues: boolean | undefined = undefined;
  /** HTTP: the answer is text that came uncompressed; false also where nobody knows. */
  isPlainText = false;
  /** HTTP: it said that it takes compressed answers. */
  takesCompressed = false;
  /** HTTP: the answer said that the connection ends with it, and the question had not asked for that. */
  peerCloses = false;

  /** Bytes were lost inside it, so sizes or rows may be too small. */
  hasHole = false;
}

/** When the application started to wait for it: the call if that was seen, else the set-up, else the first byte sent. */
export function operationStart(operation: Operation): Nanos {
  if (operation.called >= 0) return operation.called;
  return operation.connectStart >= 0 ? operation.connectStart : operation.sent;
}
