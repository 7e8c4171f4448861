// "There is new data", at most once a second. In: the status, asked while somebody listens. Out: a call to each listener.
// One question a second serves all open pages; with no page open nothing is asked.

import type { StatusAnswer } from '../answer/api.ts';

const INTERVAL_MS = 1000;

export class LiveData {
  readonly #status: () => Promise<StatusAnswer>;
  /** Listener → the state it was last told of. */
  readonly #listeners = new Map<() => void, string>();
  #timer: NodeJS.Timeout | undefined = undefined;
  #isAsking = false;

  constructor(status: () => Promise<StatusAnswer>) {
    this.#status = status;
  }

  /**
   * Calls `listener` when data has come since the last call, and once at first: what came between the page's answer and now
   * would be missed. Returns how to stop.
   */
  listen(listener: () => void): () => void {
    this.#listeners.set(listener, '');
    this.#timer ??= setInterval(() => void this.#look(), INTERVAL_MS).unref();
    return () => this.#stop(listener);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }

  #stop(listener: () => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.close();
  }

  /** A store that is busy for longer than a second is not asked twice at once. */
  async #look(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const state = await this.#status().then(fingerprint, () => undefined);
    this.#isAsking = false;
    if (state !== undefined) this.#tell(state);
  }

  #tell(state: string): void {
    for (const [listener, told] of this.#listeners) {
      if (told === state) continue;
      this.#listeners.set(listener, state);
      listener();
    }
  }
}

/** Changes whenever a page would show something else. */
function fingerprint({ coverage, processes, lastRequestAt }: StatusAnswer): string {
  const connected = processes.filter(({ isConnected }) => isConnected).length;
  return [coverage.requests, coverage.operations, lastRequestAt, processes.length, connected].join();
}
