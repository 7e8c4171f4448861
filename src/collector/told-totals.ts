// What an agent tells of its process's CPU, kept as counters of that process. In: its `stats`. Out: rows. Totals since the process started, of which
// the largest holds: stats may come late, and from a stream that was cut.

import type { CounterRow } from '../model/row.ts';
import type { ProcessStats } from './process-info.ts';

export class ToldTotals {
  readonly #totals = new Map<string, number>();
  #isNew = false;

  /** `thread`: 0 is the main thread, whose stats alone count the CPU of the process: all threads tell the same of it. */
  note(stats: ProcessStats, thread: number): void {
    const { gcCount, gcPausedUs, gcBusyUs, ownCpuUs, cpuUserUs, cpuSystemUs } = stats;
    this.#keep('gc.count', gcCount);
    this.#keep('gc.pausedUs', gcPausedUs);
    this.#keep('gc.busyUs', gcBusyUs);
    this.#keep('agent.ownUs', ownCpuUs);
    // Without what the agent took there is nothing to compare with it.
    if (ownCpuUs > 0 && thread === 0) this.#keep('agent.cpuUs', cpuUserUs + cpuSystemUs);
  }

  /** Nothing when nothing has changed since the last time. */
  rows(process: number): CounterRow[] {
    if (!this.#isNew) return [];
    this.#isNew = false;
    return [...this.#totals].map(([name, value]) => ({ process, name, value }));
  }

  #keep(name: string, value: number): void {
    if (value <= (this.#totals.get(name) ?? 0)) return;
    this.#totals.set(name, value);
    this.#isNew = true;
  }
}
