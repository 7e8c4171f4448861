// How much of its busy time this thread is stopped for garbage collection. In: the time, every 50 ms while there are records. Out: totals of
// what was seen in short windows, a thirtieth of the time: to be told of a collection costs 5 to 110 µs of CPU (docs/decisions/0037-gc-in-windows.md).
// Not here: whose request was stopped; nobody knows that of a collection.

import type { PerformanceObserver, PerformanceObserverEntryList } from 'node:perf_hooks';
import { idleNs, now } from '../clock.ts';

const NS_PER_MS = 1e6;
const WINDOW_NS = 200e6;
const PERIOD_NS = 30 * WINDOW_NS;
/** What a process does at its start is not what it does. */
const FIRST_NS = 1e9;
/** Of one window: a loop that is blocked for long has thousands of them waiting. */
const LIMIT = 1000;

export class Collections {
  /** Since the start, of all windows: collections, the time they stopped the thread, and the time it was busy, with them. */
  count = 0;
  pausedNs = 0;
  busyNs = 0;
  #observer: PerformanceObserver | undefined;
  #openedAt = -1;
  #idleThen = 0;
  #nextAt: number;
  /** In this window. */
  #seen = 0;

  /** `time`: of now, ns. */
  constructor(time: number) {
    this.#nextAt = time + FIRST_NS;
  }

  /** True while a window is open: it has to be asked again then. */
  tick(time: number): boolean {
    try {
      if (this.#openedAt < 0 && time >= this.#nextAt) this.#open(time);
      else if (this.#openedAt >= 0 && (time - this.#openedAt >= WINDOW_NS || this.#seen >= LIMIT))
        this.#close();
    } catch {
      // Somebody has put something of their own in the observer's place.
      this.#openedAt = -1;
      this.#nextAt = Infinity;
    }
    return this.#openedAt >= 0;
  }

  #open(time: number): void {
    this.#observer ??= this.#makeObserver();
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#seen = 0;
    this.#openedAt = time;
    this.#idleThen = idleNs();
  }

  #makeObserver(): PerformanceObserver {
    const { PerformanceObserver } = process.getBuiltinModule('node:perf_hooks');
    return new PerformanceObserver((list: PerformanceObserverEntryList) => this.#add(list.getEntries()));
  }

  #close(): void {
    this.#add(this.#observer?.takeRecords() ?? []);
    this.#observer?.disconnect();
    const time = now();
    this.busyNs += Math.max(0, time - this.#openedAt - (idleNs() - this.#idleThen));
    this.#openedAt = -1;
    this.#nextAt = time + PERIOD_NS - WINDOW_NS;
  }

  #add(entries: readonly { readonly duration: number }[]): void {
    if (this.#openedAt < 0) return;
    this.#seen += entries.length;
    this.count += entries.length;
    for (const { duration } of entries) this.pausedNs += duration * NS_PER_MS;
  }
}
