// The usual wait for a statement's first byte when the event loop was free. In: waits in ns. Out: about their 10th percentile.
// Needed to tell how much of a late answer was our own busy loop: only what exceeds the usual wait can be.
// A frugal streaming quantile (Ma, Muthukrishnan, Sandler 2013): two numbers a statement, moves by 5 % a step.

import { BoundedMap } from '../base/bounded.ts';

const SHARE = 0.1;
const STEP = 0.05;
const ENOUGH = 5;
const STATEMENT_LIMIT = 10_000;

interface Estimate {
  count: number;
  ns: number;
}

export class UsualWait {
  readonly #estimates = new BoundedMap<string, Estimate>(STATEMENT_LIMIT);

  /** A wait during which the loop was free. */
  observe(statement: string, waitNs: number): void {
    const estimate = this.#estimates.get(statement);
    if (estimate === undefined) {
      this.#estimates.set(statement, { count: 1, ns: waitNs });
      return;
    }
    estimate.count++;
    if (waitNs < estimate.ns) estimate.ns -= estimate.ns * STEP * (1 - SHARE);
    else estimate.ns += estimate.ns * STEP * SHARE;
  }

  /** undefined until enough waits were seen: then nobody can say how much of a wait was the loop. */
  usualNs(statement: string): number | undefined {
    const estimate = this.#estimates.get(statement);
    return estimate === undefined || estimate.count < ENOUGH ? undefined : estimate.ns;
  }
}
