// Which of several lines a bar is drawn on, so that no two on a line overlap. In: starts and ends, in any order. Out: the number of a line:
// the first that is free.

export class Lanes {
  readonly #freeFrom: number[] = [];

  /** Times in µs. */
  take(startUs: number, endUs: number): number {
    const free = this.#freeFrom.findIndex((us) => us <= startUs);
    const lane = free < 0 ? this.#freeFrom.length : free;
    this.#freeFrom[lane] = endUs;
    return lane;
  }

  get count(): number {
    return this.#freeFrom.length;
  }
}
