// A store whose failures are said and counted. In: a store, and who wants to hear. Out: the same store.
// The traced program never notices: a recording that cannot be saved is lost, and the user is told at once and at the end.

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

  constructor(store: Store, onFirstFailure: (error: unknown) => void) {
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

  lastIds: Store['lastIds'] = () => this.#store.lastIds();
  ask: Store['ask'] = (query) => this.#store.ask(query);
  expire: Store['expire'] = (limits) => this.#store.expire(limits);
  sizeBytes: Store['sizeBytes'] = () => this.#store.sizeBytes();
  close: Store['close'] = () => this.#store.close();

  #note(batch: Batch, error: unknown): void {
    this.#requests += batch.requests.length;
    this.#operations += batch.operations.length;
    if (!this.#hasFailed) this.#onFirstFailure(error);
    this.#hasFailed = true;
  }
}
