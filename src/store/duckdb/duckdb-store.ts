// The store as the collector's thread sees it: encodes batches, sends calls to the worker, turns its failures into StoreErrors.
// Not here: SQL, files (worker.ts and what it imports).

import type { Worker } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import type { Query, ResultTable } from '../query.ts';
import type { Batch, LastIds, RetentionLimits, Store } from '../store.ts';
import { StoreError } from '../store.ts';
import { startThread, type ThreadFiles } from '../thread.ts';
import { BatchEncoder } from './encode.ts';
import type { CallName, Calls, Reply, WorkerOptions } from './messages.ts';
import { received } from './texts.ts';

/** Some 3 MB each: appending faster than the worker writes must be held up by awaiting, not by memory. */
const APPEND_LIMIT = 8;

/** Files that this process has open: the system's file lock does not keep a process from opening a file twice. */
const openFiles = new Set<string>();

const WORKER: ThreadFiles = {
  here: import.meta.url,
  source: './worker.ts',
  bundle: './store-worker.js',
};

interface Waiting {
  readonly resolve: (output: never) => void;
  readonly reject: (error: StoreError) => void;
}

export class DuckdbStore implements Store {
  readonly #file: string;
  readonly #worker: Worker;
  readonly #encoder = new BatchEncoder();
  readonly #waiting = new Map<number, Waiting>();
  #lastNumber = 0;
  #appending = 0;
  #ended: StoreError | undefined;

  private constructor(options: WorkerOptions) {
    this.#file = options.file;
    this.#worker = startThread(WORKER, options);
    this.#worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#worker.on('error', (error) =>
      this.#end(new StoreError('engine', `the store stopped: ${error.message}`)),
    );
    this.#worker.on('exit', () => this.#end(new StoreError('engine', 'the store is closed.')));
  }

  /** Throws StoreError: what is wrong with the file, in one sentence. */
  static async open(options: WorkerOptions): Promise<DuckdbStore> {
    if (openFiles.has(options.file))
      throw new StoreError('held', `${options.file} is already open in this process.`);
    openFiles.add(options.file);
    const store = new DuckdbStore(options);
    try {
      const { endpoints, places } = await store.#call('open', undefined);
      store.#encoder.endpoints.load(endpoints);
      store.#encoder.places.load(places);
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async append(batch: Batch): Promise<void> {
    assert(this.#appending < APPEND_LIMIT, 'appending without awaiting the batches before');
    const encoded = this.#encoder.encode(batch);
    const blocks = Object.values(encoded.tables).map(({ numbers }) => numbers.buffer);
    this.#appending++;
    try {
      await this.#call('append', encoded.tables, blocks);
    } catch (error) {
      this.#encoder.giveBack(encoded);
      throw error;
    } finally {
      this.#appending--;
    }
  }

  async ask(query: Query): Promise<ResultTable> {
    return received(await this.#call('ask', query));
  }

  lastIds(): Promise<LastIds> {
    return this.#call('lastIds', undefined);
  }

  expire(limits: RetentionLimits): Promise<{ requests: number; operations: number }> {
    return this.#call('expire', limits);
  }

  sizeBytes(): Promise<number> {
    return this.#call('sizeBytes', undefined);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    if (this.#ended === undefined) await this.#call('close', undefined).catch(() => undefined);
    await this.#worker.terminate();
    openFiles.delete(this.#file);
  }

  #call<N extends CallName>(
    name: N,
    input: Calls[N]['in'],
    transfer: ArrayBuffer[] = [],
  ): Promise<Calls[N]['out']> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const number = ++this.#lastNumber;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#worker.postMessage({ number, name, input }, transfer);
    });
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.number);
    this.#waiting.delete(reply.number);
    if ('failure' in reply) waiting?.reject(new StoreError(reply.failure.code, reply.failure.message));
    // Each reply carries the number of its call, whose type this is.
    else waiting?.resolve(reply.output as never);
  }

  #end(error: StoreError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
