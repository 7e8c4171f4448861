// How often the agent may do something expensive. In: the time. Out: yes or no.
// What quiet times leave unused is saved up, so that the first requests after a start, and bursts, are served in full.

const NS_PER_SECOND = 1e9;

export class Budget {
  readonly #limit: number;
  readonly #perNs: number;
  #left: number;
  #refilledAt = 0;

  /** `limit` at once, `perSecond` in the long run. */
  constructor(limit: number, perSecond: number) {
    this.#limit = limit;
    this.#perNs = perSecond / NS_PER_SECOND;
    this.#left = limit;
  }

  /** Takes one, unless fewer than `reserve` would be left. `time` in ns. */
  take(time: number, reserve = 0): boolean {
    this.#left = Math.min(this.#limit, this.#left + (time - this.#refilledAt) * this.#perNs);
    this.#refilledAt = time;
    if (this.#left < reserve + 1) return false;
    this.#left--;
    return true;
  }
}
