// What all processes of one recording share: ids, joins, learnt routes, sums, and the rows that wait for the store.

import { randomBytes } from 'node:crypto';
import { saltHashes } from '../base/salted-hash.ts';
import type { ClosingRow, OperationRow, ProcessRow, RequestRow } from '../model/row.ts';
import type { Batch, LastIds } from '../store/store.ts';
import { DecodeCounters } from '../protocol/driver.ts';
import type { LiveRequest } from '../trace/live-request.ts';
import { Joins } from '../trace/join.ts';
import { Repeats } from '../trace/repeats.ts';
import { RouteLearner } from '../trace/route-learner.ts';
import { Counters } from './counters.ts';
import { Finishing } from './finishing.ts';
import { Rollups } from './rollups.ts';

/** Rows waiting for a slow store, at about 300 bytes each: 100 MB at most. Beyond it rows are dropped and counted; sums are not. */
const PENDING_LIMIT = 300_000;

const TRACE_ID_BYTES = 16;
/** One call for random bytes costs as much as a whole request: 7 % of the pipeline when made for each (bench/pipeline.ts). */
const TRACE_IDS_AT_ONCE = 256;

export class Shared {
  readonly joins = new Joins();
  readonly routes = new RouteLearner();
  /** Of what is asked of other hosts. */
  readonly calledPaths = new RouteLearner();
  readonly rollups = new Rollups();
  readonly decodeCounters = new DecodeCounters();
  readonly counters = new Counters();
  readonly repeats = new Repeats();
  /** Added to µs of CLOCK_MONOTONIC to give µs since 1970, per host: one value, so that times of its processes compare exactly. */
  readonly wallOffsetUs = new Map<string, number>();
  tick = 0;
  #random = Buffer.alloc(0);
  #randomAt = 0;
  #ids: { request: number; operation: number; process: number; connection: number };
  #processes: ProcessRow[] = [];
  #requests: RequestRow[] = [];
  #operations: OperationRow[] = [];
  #closings: ClosingRow[] = [];

  readonly finishing: Finishing;

  /** `assemble` is called for each finished request when its turn has come. */
  constructor(lastIds: LastIds, assemble: (live: LiveRequest) => void) {
    this.#ids = { ...lastIds };
    saltHashes(randomBytes(4).readInt32LE());
    this.finishing = new Finishing(this.joins, assemble);
  }

  nextId(kind: keyof LastIds): number {
    this.#ids[kind]++;
    return this.#ids[kind];
  }

  newTraceId(): string {
    this.#randomAt += TRACE_ID_BYTES;
    if (this.#randomAt + TRACE_ID_BYTES > this.#random.length) {
      this.#random = randomBytes(TRACE_ID_BYTES * TRACE_IDS_AT_ONCE);
      this.#randomAt = 0;
    }
    return this.#random.toString('hex', this.#randomAt, this.#randomAt + TRACE_ID_BYTES);
  }

  keepProcess(row: ProcessRow): void {
    this.#processes.push(row);
  }

  keepRequest(row: RequestRow): void {
    if (this.#requests.length < PENDING_LIMIT) this.#requests.push(row);
    else this.counters.add('rows.dropped');
  }

  keepOperation(row: OperationRow, method: string, route: string, isNewConnection: boolean): void {
    this.rollups.add(row, method, route, isNewConnection);
    if (this.#operations.length < PENDING_LIMIT) this.#operations.push(row);
    else this.counters.add('rows.dropped');
  }

  keepClosing(row: ClosingRow): void {
    if (this.#closings.length < PENDING_LIMIT) this.#closings.push(row);
    else this.counters.add('rows.dropped');
  }

  get pendingOperations(): number {
    return this.#operations.length;
  }

  /** Everything that waits for the store, but the counters. */
  take(): Omit<Batch, 'counters'> {
    const batch = {
      processes: this.#processes,
      requests: this.#requests,
      operations: this.#operations,
      rollups: this.rollups.take(),
      closings: this.#closings,
    };
    this.#processes = [];
    this.#requests = [];
    this.#operations = [];
    this.#closings = [];
    return batch;
  }
}
