// Findings from another thread. In: a store, ranges. Out: findings; this thread only passes the worker's questions on to the store.
// The worker starts with the first question, and never keeps the process alive.

import type { Worker } from 'node:worker_threads';
import type { Findings } from '../../analysis/engine.ts';
import type { ResultTable } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';
import { startThread, type ThreadFiles } from '../../store/thread.ts';
import type { Range } from '../api.ts';
import type { SamplePart } from './finding-sample.ts';
import type { FromWorker, ToWorker } from './finding-messages.ts';

const WORKER: ThreadFiles = {
  here: import.meta.url,
  source: './finding-worker.ts',
  bundle: './finding-worker.js',
};

interface Waiting {
  readonly resolve: (findings: Findings) => void;
  readonly reject: (error: Error) => void;
}

export class FindingThread {
  readonly #store: AskStore;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastNumber = 0;

  constructor(store: AskStore) {
    this.#store = store;
  }

  /** `without`: ids of findings that are not told. */
  find(range: Range, part: SamplePart, without: readonly string[] = []): Promise<Findings> {
    const worker = (this.#worker ??= this.#start());
    const number = ++this.#lastNumber;
    // While somebody waits, the process stays.
    if (this.#waiting.size === 0) worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      tell(worker, { kind: 'find', number, range, part, without });
    });
  }

  #start(): Worker {
    const worker = startThread(WORKER);
    worker.on('message', (message: FromWorker) => this.#receive(worker, message));
    worker.on('error', (error) => this.#end(worker, error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => this.#end(worker, 'its thread has ended'));
    worker.unref();
    return worker;
  }

  #receive(worker: Worker, message: FromWorker): void {
    if (message.kind === 'ask') {
      this.#store.ask(message.query).then(
        (table) => tell(worker, { kind: 'table', number: message.number, table }, blocksOf(table)),
        (error: Error) => tell(worker, { kind: 'no-table', number: message.number, why: error.message }),
      );
      return;
    }
    const waiting = this.#waiting.get(message.number);
    this.#waiting.delete(message.number);
    if (this.#waiting.size === 0) worker.unref();
    if (message.kind === 'found') waiting?.resolve(message.findings);
    else waiting?.reject(new Error(message.why));
  }

  /** Who waits hears why; the next question starts a new one. */
  #end(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(new Error(`Findings failed: ${why}.`));
    this.#waiting.clear();
  }
}

function tell(worker: Worker, message: ToWorker, blocks: ArrayBuffer[] = []): void {
  worker.postMessage(message, blocks);
}

function blocksOf({ columns }: ResultTable): ArrayBuffer[] {
  return columns.flatMap((column) =>
    column instanceof Float64Array && column.buffer instanceof ArrayBuffer ? [column.buffer] : [],
  );
}
