// A store whose failures are said and counted, and which is closed only when nobody asks any more. In: a store, and who wants
// to hear. Out: the same store.
// The traced program never notices: a recording that cannot be saved is lost, and the user is told at once and at the end.

import type { Query, ResultTable } from '../../store/query.ts';
import type { Batch, Store } from '../../store/store.ts';

export interface Losses {
  readonly requests: number;
  readonly operations: number;
}

export class WatchedStore implements Store {
  readonly #store: Store;
  readonly #onFirstFailure: (error: unknown) => void;
  #requests = 0;
  #operations = 0;
  #hasFailed = false;

  readonly #asking = new Set<Promise<ResultTable>>();

  constructor(store: Store, onFirstFailure: (error: unknown) => void = () => {}) {
    this.#store = store;
    this.#onFirstFailure = onFirstFailure;
  }

  get losses(): Losses {
    return { requests: this.#requests, operations: this.#operations };
  }

  /** Passes the failure on: the collector counts it, too. */
  async append(batch: Batch): Promise<void> {
    try {
      await this.#store.append(batch);
    } catch (error) {
      this.#note(batch, error);
      throw error;
    }
  }

  async ask(query: Query): Promise<ResultTable> {
    const answer = this.#store.ask(query);
    this.#asking.add(answer);
    try {
      return await answer;
    } finally {
      this.#asking.delete(answer);
    }
  }

  /** An engine that is closed under a question may take the whole process with it. */
  async close(): Promise<void> {
    while (this.#asking.size > 0) await Promise.allSettled(this.#asking);
    await this.#store.close();
  }

  lastIds: Store['lastIds'] = () => this.#store.lastIds();
  expire: Store['expire'] = (limits) => this.#store.expire(limits);
  sizeBytes: Store['sizeBytes'] = () => this.#store.sizeBytes();

  #note(batch: Batch, error: unknown): void {
    this.#requests += batch.requests.length;
    this.#operations += batch.operations.length;
    if (!this.#hasFailed) this.#onFirstFailure(error);
    this.#hasFailed = true;
  }
}
