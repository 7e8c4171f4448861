// How far the agent holds back, so that it keeps within its share of the process's CPU. In: once a second, its own time and the process's.
// Out: a step. 0: nothing is left out. 1: no call sites are looked for. 2 to 5: requests are recorded in stretches of time, half of them, a
// quarter … Not here: how own time is known (own-cost.ts), what a step does (frugality.ts).

export const LAST_STEP = 5;
/** A step that costs nothing worth having, and one that halves what there is. */
export const NO_CALL_SITES = 1;
export const FIRST_SAMPLING = 2;

/** Less than this is no load: 5 % of 3 % of a core is nothing that anybody would miss. */
const LEAST_CPU_SHARE = 0.03;
/** Too much for so many seconds: a burst is served in full. */
const SECONDS_UP = 3;
/** Low enough for so many seconds. With what the step below would cost, twice as much, it must still be within the budget. */
const SECONDS_DOWN = 10;
const HEADROOM = 2.2;

export class Ladder {
  readonly #budget: number;
  readonly #lastStep: number;
  step = 0;
  #above = 0;
  #below = 0;

  /** `budget`: share of the process's CPU, 0 to 1. `lastStep`: no further than this. */
  constructor(budget: number, lastStep: number) {
    this.#budget = budget;
    this.#lastStep = lastStep;
  }

  /** Of the last interval, all in ns: the agent's own time, the CPU time of the process, how long the interval was. */
  observe(ownNs: number, cpuNs: number, wallNs: number): number {
    const share = cpuNs >= wallNs * LEAST_CPU_SHARE ? ownNs / cpuNs : 0;
    this.#above = share > this.#budget ? this.#above + 1 : 0;
    this.#below = share * HEADROOM < this.#budget ? this.#below + 1 : 0;
    if (this.#above >= SECONDS_UP && this.step < this.#lastStep) this.#move(1);
    else if (this.#below >= SECONDS_DOWN && this.step > 0) this.#move(-1);
    return this.step;
  }

  /** Share of the time in which requests are recorded. */
  get recordedShare(): number {
    return this.step < FIRST_SAMPLING ? 1 : 0.5 ** (this.step - FIRST_SAMPLING + 1);
  }

  #move(steps: number): void {
    this.step += steps;
    this.#above = 0;
    this.#below = 0;
  }
}
