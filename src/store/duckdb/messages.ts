// What crosses between the collector's thread and the store's worker. Types only.

import type { Query } from '../query.ts';
import type { LastIds, RetentionLimits } from '../store.ts';
import type { Endpoint, Numbered, Place } from './dictionary.ts';
import type { EncodedTable } from './encode.ts';
import type { Failure } from './failure.ts';
import type { TableName } from './schema.ts';
import type { SentTable } from './texts.ts';

/** Given to the worker at its start. */
export interface WorkerOptions {
  readonly file: string;
  readonly readOnly: boolean;
}

/** What can be asked of the worker: name → what goes in, what comes out. */
export interface Calls {
  open: {
    in: undefined;
    out: { endpoints: readonly Numbered<Endpoint>[]; places: readonly Numbered<Place>[] };
  };
  append: { in: Readonly<Record<TableName, EncodedTable>>; out: undefined };
  ask: { in: Query; out: SentTable };
  lastIds: { in: undefined; out: LastIds };
  expire: { in: RetentionLimits; out: { requests: number; operations: number } };
  sizeBytes: { in: undefined; out: number };
  close: { in: undefined; out: undefined };
}

export type CallName = keyof Calls;

export interface Call<N extends CallName = CallName> {
  readonly number: number;
  readonly name: N;
  readonly input: Calls[N]['in'];
}

export type Reply =
  | { readonly number: number; readonly output: Calls[CallName]['out'] }
  | { readonly number: number; readonly failure: Failure };
