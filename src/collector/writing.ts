// Rows to the store, one batch at a time, without ever making the pipeline wait. In: what the pipeline assembled.
// Out: batches in the store; a store that fails is counted and named, and the traced programs go on.

import type { AppendStore } from '../store/store.ts';
import type { CoreTime } from './core-time.ts';
import type { Pipeline } from './pipeline.ts';

export class Writing {
  readonly #store: AppendStore;
  readonly #pipeline: Pipeline;
  readonly #cores: CoreTime;
  #underWay: Promise<void> | undefined = undefined;
  #failures = 0;
  #batches = 0;
  /** What the store said when it failed last, '' when it never did. */
  lastError = '';

  constructor(store: AppendStore, pipeline: Pipeline, cores: CoreTime) {
    this.#store = store;
    this.#pipeline = pipeline;
    this.#cores = cores;
  }

  /** Writes what waits, unless a batch is under way: then it waits for the next tick, bounded by the pipeline. */
  write(): void {
    this.#underWay ??= this.#append().finally(() => (this.#underWay = undefined));
  }

  /** Writes everything; resolves when it is stored. */
  async writeAll(): Promise<void> {
    await this.#underWay;
    await this.#append();
  }

  counters(): Record<string, number> {
    return { 'store.batches': this.#batches, 'store.failures': this.#failures };
  }

  async #append(): Promise<void> {
    try {
      const batch = this.#pipeline.take();
      await this.#store.append({ ...batch, counters: [...batch.counters, ...this.#cores.rows()] });
      this.#batches++;
    } catch (error) {
      this.#failures++;
      this.lastError = error instanceof Error ? error.message : String(error);
    }
  }
}
