// A request: one unit of work a traced process was asked to do. OpenTelemetry: SERVER span.

import type { Nanos } from '../base/time.ts';
import { NEVER } from '../base/time.ts';

/** What joins it to a request in another process, read from its own bytes (W3C Trace Context or b3); '' when absent. */
export interface ParentLink {
  readonly traceId: string;
  readonly spanId: string;
}

export class Request {
  /** Unique in a data folder, rising; given by the collector. */
  id = 0;
  /** The agent's number, unique in its process. */
  number = 0;
  method = '';
  /** As received, with query: never stored. */
  target = '';
  /** Route template: the framework's, or learnt from paths. */
  route = '';
  host = '';
  connection = 0;
  /** 1 for the first request on its connection. */
  nthOnConnection = 0;
  parent: ParentLink | undefined = undefined;
  start: Nanos = NEVER;
  /** First byte of the response. */
  firstWrite: Nanos = NEVER;
  end: Nanos = NEVER;
  /** HTTP status; 0 when there was none. */
  status = 0;
  /** The client went away before the response was complete. */
  isAborted = false;
}

/** What starts a request without anybody waiting for it: a message of a queue, a job. Its target is a name, no path. */
export function isConsumed(method: string): boolean {
  return method === 'CONSUME' || method === 'TASK';
}
