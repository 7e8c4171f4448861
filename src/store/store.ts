// The store behind one interface, split by direction: append, ask, expire. Engines: duckdb/ (embedded). Chosen by URL.
// Not here: what the questions mean (answer/), how rows come about (collector/).

import type {
  ClosingRow,
  CodeLineRow,
  CounterRow,
  FindingChangeRow,
  OperationRow,
  ProcessRow,
  RequestRow,
  RollupRow,
} from '../model/row.ts';
import type { Query, ResultTable } from './query.ts';

/** What is appended together: visible together or not at all. */
export interface Batch {
  readonly processes: readonly ProcessRow[];
  readonly requests: readonly RequestRow[];
  readonly operations: readonly OperationRow[];
  readonly rollups: readonly RollupRow[];
  /** Replace earlier values of the same process and name. */
  readonly counters: readonly CounterRow[];
  /** None when absent. */
  readonly findingChanges?: readonly FindingChangeRow[];
  /** None when absent. */
  readonly closings?: readonly ClosingRow[];
  /** None when absent. */
  readonly codeLines?: readonly CodeLineRow[];
}

export interface AppendStore {
  /** Resolves when the batch would survive kill -9. Never more than a few batches may be under way: await it. */
  append(batch: Batch): Promise<void>;
  /** Highest ids given so far, so that ids stay unique over restarts. */
  lastIds(): Promise<LastIds>;
}

export interface LastIds {
  readonly request: number;
  readonly operation: number;
  readonly process: number;
  readonly connection: number;
}

export interface AskStore {
  /** Runs one question. Columns come back as arrays, in the order asked. */
  ask(query: Query): Promise<ResultTable>;
}

export interface ExpireStore {
  /** Deletes the oldest whole days beyond the limits; rollups stay longer. Returns what went. */
  expire(limits: RetentionLimits): Promise<{ readonly requests: number; readonly operations: number }>;
  sizeBytes(): Promise<number>;
}

export interface RetentionLimits {
  readonly now: number;
  readonly maxAgeDays: number;
  readonly maxBytes: number;
  readonly rollupMaxAgeDays: number;
}

export interface Store extends AppendStore, AskStore, ExpireStore {
  close(): Promise<void>;
}

/** What a user can mend: the folder is not writable, another process holds the file, the file is damaged. */
export class StoreError extends Error {
  readonly code: 'held' | 'not-writable' | 'damaged' | 'not-found' | 'engine';
  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
