// A share of time that may be spent on something. In: how long each piece of it took. Out: whether there is any left.
// What is saved up in quiet times may be spent at once: after a restart several things are looked at together.

export class Credit {
  readonly #share: number;
  readonly #mostMs: number;
  readonly #now: () => number;
  #leftMs: number;
  #at: number;

  /** `now` in ms: for tests. */
  constructor(share: number, mostMs: number, now: () => number = () => performance.now()) {
    this.#share = share;
    this.#mostMs = mostMs;
    this.#now = now;
    this.#leftMs = mostMs;
    this.#at = now();
  }

  /** undefined: not now. */
  async spend<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#refilled() <= 0) return undefined;
    const startedAt = this.#now();
    try {
      return await work();
    } finally {
      this.#leftMs -= this.#now() - startedAt;
    }
  }

  #refilled(): number {
    const now = this.#now();
    this.#leftMs = Math.min(this.#mostMs, this.#leftMs + (now - this.#at) * this.#share);
    this.#at = now;
    return this.#leftMs;
  }
}
