// What the steps of one process's flow share: who it is, what time its records have reached, its loop's clock, its calls and requests.

import { BoundedMap } from '../base/bounded.ts';
import { NEVER, nanos, type Nanos } from '../base/time.ts';
import { HIDDEN_REQUEST } from '../record/layout.ts';
import { CallSites } from '../trace/call-sites.ts';
import { HelperLines } from '../trace/helper-lines.ts';
import type { LiveRequest } from '../trace/live-request.ts';
import { ThreadClocks } from '../trace/thread-clocks.ts';
import { ValueFlow } from '../trace/value-flow.ts';
import type { Place } from './assemble.ts';
import { Calls } from './calls.ts';
import type { ProcessInfo } from './process-info.ts';

/** Requests running at once in one process. Beyond it the oldest are forgotten and counted. */
const REQUEST_LIMIT = 20_000;
/** Requests that are remembered after their end, for operations that outlive them. */
const ENDED_LIMIT = 20_000;
const UNKNOWN_INFO: ProcessInfo = {
  pid: 0,
  thread: 0,
  service: 'unknown',
  runtime: 'node',
  version: '',
  argv: [],
  cwd: '',
  host: '',
  wallClockMs: 0,
  monotonicNs: 0,
  hooked: [],
  notVisible: [],
};

export class ProcessState {
  readonly id: number;
  info: ProcessInfo = UNKNOWN_INFO;
  /** The time of the last record. */
  now: Nanos = NEVER;
  wallOffsetUs = 0;
  readonly loop = new ThreadClocks();
  readonly #helpers = new HelperLines();
  readonly calls = new Calls(this.#helpers);
  readonly callSites = new CallSites(this.#helpers);
  readonly values = new ValueFlow();
  readonly running = new BoundedMap<number, LiveRequest>(REQUEST_LIMIT);
  readonly ended = new BoundedMap<number, LiveRequest>(ENDED_LIMIT);

  constructor(id: number) {
    this.id = id;
  }

  requestOf(number: number): LiveRequest | undefined {
    return this.running.get(number) ?? this.ended.get(number);
  }

  /** The request did something; most do everything in the thread where they began. */
  acted(request: number): void {
    const { thread } = this.loop;
    if (thread !== 0) this.requestOf(request)?.workedIn(thread);
    this.loop.acted(request);
  }

  get place(): Place {
    return {
      process: this.id,
      service: this.info.service,
      wallOffsetUs: this.wallOffsetUs,
      loop: this.loop,
    };
  }

  /** All processes of one host use one offset, that of the first. */
  alignClock(offsets: Map<string, number>): void {
    const { host, wallClockMs, monotonicNs } = this.info;
    const known = offsets.get(host);
    this.wallOffsetUs = known ?? Math.round(wallClockMs * 1000 - nanos(monotonicNs) / 1000);
    if (known === undefined) offsets.set(host, this.wallOffsetUs);
  }
}

/** The number of a request whose start was recorded, 0 of any other. */
export function known(request: number): number {
  return request === HIDDEN_REQUEST ? 0 : request;
}
