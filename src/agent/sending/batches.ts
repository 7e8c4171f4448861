// Memory for batches, bounded. In: full batches from the writer. Out: empty ones, and full ones in order for the transport.

import { Batch, BATCH_BYTES } from '../../record/batch.ts';
import type { BatchSource } from '../../record/record-buffer.ts';

export class BatchQueue implements BatchSource {
  readonly #limit: number;
  readonly #free: Batch[] = [];
  readonly #full: Batch[] = [];
  readonly #onStarted: () => void;
  readonly #onFull: () => void;
  #made = 0;

  /** At most `limitBytes` of memory, at least two batches: one being sent while the other fills. */
  constructor(limitBytes: number, onStarted: () => void, onFull: () => void) {
    this.#limit = Math.max(2, Math.floor(limitBytes / BATCH_BYTES));
    this.#onStarted = onStarted;
    this.#onFull = onFull;
  }

  next(full: Batch | undefined): Batch | undefined {
    if (full !== undefined) {
      this.#full.push(full);
      this.#onFull();
    }
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#made >= this.#limit) return undefined;
    this.#made++;
    return new Batch();
  }

  started(): void {
    this.#onStarted();
  }

  add(full: Batch): void {
    this.#full.push(full);
  }

  /** The batch that should be sent next. */
  get first(): Batch | undefined {
    return this.#full[0];
  }

  /** The first batch was sent, its memory is free. */
  removeFirst(): void {
    const batch = this.#full.shift();
    if (batch === undefined) return;
    batch.clear();
    this.#free.push(batch);
  }
}
