// What crosses between the thread that answers and the one that looks for findings. Types only. The worker has no store of its own: it asks
// through the thread that started it, which passes columns of numbers on without copying them.

import type { Findings } from '../../analysis/engine.ts';
import type { Query, ResultTable } from '../../store/query.ts';
import type { Range } from '../api.ts';
import type { SamplePart } from './finding-sample.ts';

export type ToWorker =
  | {
      readonly kind: 'find';
      readonly number: number;
      readonly range: Range;
      readonly part: SamplePart;
      readonly without: readonly string[];
    }
  | { readonly kind: 'table'; readonly number: number; readonly table: ResultTable }
  | { readonly kind: 'no-table'; readonly number: number; readonly why: string };

export type FromWorker =
  | { readonly kind: 'ask'; readonly number: number; readonly query: Query }
  | { readonly kind: 'found'; readonly number: number; readonly findings: Findings }
  | { readonly kind: 'not-found'; readonly number: number; readonly why: string };
